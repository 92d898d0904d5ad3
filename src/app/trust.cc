#include "app/trust.h"

#include <algorithm>
#include <array>

#include <fmt/chrono.h>

namespace skein::app {
namespace {

constexpr std::array<std::string_view, 4> kGuardedFolders{"agents", "formats", "prompts", "workflows"};
constexpr int kDeepestFolder = 16;
constexpr std::string_view kSchema = "skein.trust-record/1";

/// The stored form of an answer.
struct StoredRecord {
  std::string schema;
  std::string workspace;
  Digest digest;
  std::string when;
  std::vector<std::string> items;

  template <class V>
  static void describe(V& v) {
    v.field("schema", &StoredRecord::schema, "The format.", {.required = true});
    v.field("workspace", &StoredRecord::workspace, "The trusted folder.", {.required = true});
    v.field("digest", &StoredRecord::digest, "Of all items.", {.required = true});
    v.field("when", &StoredRecord::when, "When it was trusted.");
    v.field("items", &StoredRecord::items, "What was there.");
  }
};

Status collect_files(FileSystem& files, const std::string& folder, const std::string& shown, int depth,
                     std::vector<TrustItem>& items) {
  if (depth > kDeepestFolder)
    return fail(Code::invalid_argument, "{} is nested over {} folders deep", shown, kDeepestFolder);
  auto entries = files.list(folder);
  if (!entries) {
    if (entries.error().code() == Code::not_found) return {};
    return pass(std::move(entries).error(), "while looking for what needs trust");
  }
  for (const DirectoryEntry& entry : *entries) {
    const std::string path = join_path(folder, entry.name);
    const std::string name = join_path(shown, entry.name);
    if (entry.is_directory) {
      SKEIN_DO(collect_files(files, path, name, depth + 1, items));
      continue;
    }
    SKEIN_TRY(const std::string bytes, read_file(files, path));
    items.push_back({name, Hasher().field(name).field(bytes).finish()});
  }
  return {};
}

}  // namespace

std::span<const engine::Choice<TrustState>> choices_of(TrustState) {
  static constexpr std::array<engine::Choice<TrustState>, 4> kChoices{{
      {TrustState::nothing_to_trust, "nothing-to-trust"},
      {TrustState::trusted, "trusted"},
      {TrustState::changed, "changed"},
      {TrustState::untrusted, "untrusted"},
  }};
  return kChoices;
}

Result<std::vector<TrustItem>> collect_trust_items(FileSystem& files, const std::string& workspace,
                                                   const std::vector<GuardedSetting>& guarded) {
  std::vector<TrustItem> items;
  for (const GuardedSetting& setting : guarded) {
    const std::string value = setting.value.dump(-1, ' ', false, engine::Json::error_handler_t::replace);
    // The line is for the reader: moving a key is no change.
    items.push_back({fmt::format("{} = {} ({})", setting.key, value, setting.place),
                     Hasher().field(setting.key).field(value).finish()});
  }
  for (const std::string_view folder : kGuardedFolders) {
    const std::string shown = join_path(".skein", folder);
    SKEIN_DO(collect_files(files, join_path(workspace, shown), shown, 0, items));
  }
  std::ranges::sort(items, {}, &TrustItem::what);
  return items;
}

Digest digest_of(const std::vector<TrustItem>& items) {
  std::vector<Digest> digests;
  for (const TrustItem& item : items) digests.push_back(item.digest);
  std::ranges::sort(digests);
  Hasher hasher;
  hasher.field("skein trust");
  for (const Digest& digest : digests) hasher.field(digest);
  return hasher.finish();
}

std::string TrustStore::path_of(const std::string& workspace) const {
  return join_path(folder_, sha256(workspace).hex() + ".json");
}

Result<TrustRecord> TrustStore::read(const std::string& path) const {
  SKEIN_TRY(const std::string text, read_file(files_, path));
  SKEIN_TRY(const engine::Json json, engine::parse_json(text));
  StoredRecord stored;
  SKEIN_DO(engine::read_json(json, stored));
  if (stored.schema != kSchema) return fail(Code::unsupported_version, "{} has format {}", path, stored.schema);
  return TrustRecord{stored.workspace, stored.digest, stored.when, stored.items};
}

TrustState TrustStore::state(const std::string& workspace, const std::vector<TrustItem>& items) const {
  if (items.empty()) return TrustState::nothing_to_trust;
  const auto record = read(path_of(workspace));
  if (!record || record->workspace != workspace) return TrustState::untrusted;
  return record->digest == digest_of(items) ? TrustState::trusted : TrustState::changed;
}

Status TrustStore::grant(const std::string& workspace, const std::vector<TrustItem>& items, const Clock& clock) {
  StoredRecord stored{std::string(kSchema), workspace, digest_of(items), {}, {}};
  stored.when = fmt::format(
      "{:%Y-%m-%dT%H:%M:%SZ}",
      fmt::gmtime(std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch()).count()));
  for (const TrustItem& item : items) stored.items.push_back(item.what);
  SKEIN_DO(files_.make_directories(folder_));
  const std::string text = engine::write_json(stored).dump(2, ' ', false, engine::Json::error_handler_t::replace);
  return write_file_atomically(files_, path_of(workspace), text + "\n", true);
}

Status TrustStore::revoke(const std::string& workspace) {
  const Status removed = files_.remove(path_of(workspace));
  if (!removed && removed.error().code() == Code::not_found)
    return fail(Code::not_found, "{} was not trusted", workspace);
  return removed;
}

Result<std::vector<TrustRecord>> TrustStore::list() const {
  std::vector<TrustRecord> records;
  auto entries = files_.list(folder_);
  if (!entries) {
    if (entries.error().code() == Code::not_found) return records;
    return std::unexpected(std::move(entries).error());
  }
  for (const DirectoryEntry& entry : *entries)
    if (auto record = read(join_path(folder_, entry.name))) records.push_back(std::move(*record));
  std::ranges::sort(records, {}, &TrustRecord::workspace);
  return records;
}

}  // namespace skein::app
