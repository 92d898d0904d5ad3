#include "docs/site_tables.h"

#include <limits>
#include <map>
#include <optional>
#include <set>

#include <fcntl.h>

#include "docs/manifest.h"

namespace skein::docs {
namespace {

/// The digest of what a folder of the site lists: as `before` (may be null) has it in its folder `known`, where the
/// folder was not touched since.
Result<Digest> listing_of(FileSystem& files, const std::string& path, const store::FileStamp& stamp,
                          const store::StatTable* before, std::optional<std::uint32_t> known) {
  if (before != nullptr && known) {
    const auto folder = before->folder(*known);
    if (folder && folder->stamp == stamp && !folder->racy && !folder->listing.is_none()) return folder->listing;
  }
  SKEIN_TRY(const auto entries, files.list(path));
  std::vector<store::ListedName> names;
  for (const auto& entry : entries)
    names.push_back({entry.name, entry.is_directory ? store::EntryKind::folder : store::EntryKind::file});
  return store::listing_digest(names);
}

}  // namespace

std::string site_table_path(const SiteRequest& request) { return request.table + ".site"; }

Result<Digest> remember_site(FileSystem& files, const SiteRequest& request, const Digest& wanted,
                             const store::StatTable* before) {
  const std::string path = join_path(request.target, kManifestName);
  SKEIN_TRY(const auto text, read_file(files, path));
  SKEIN_TRY(const auto manifest, decode_manifest(text));
  // The site is written under its lock, by skein, and was just completed: its stamps are trusted however young they
  // are. Otherwise the next check would find a manifest too young and do all again.
  store::StatTableBuilder builder(std::numeric_limits<std::int64_t>::max());
  struct Known {
    std::uint32_t number = 0;             // In the new table,
    std::optional<std::uint32_t> before;  // and in the one before.
  };
  std::map<std::string, Known> known;  // Folders of the site, by path; "" is the target.
  const auto add = [&](const std::string& folder) -> Status {
    const std::string full = folder.empty() ? request.target : join_path(request.target, folder);
    store::FileStamp stamp;
    if (const int error = store::stamp_at(AT_FDCWD, full.c_str(), stamp); error != 0)
      return std::unexpected(system_error(error, "cannot look at " + full));
    Known& made = known[folder];
    if (folder.empty()) {
      made.before = store::StatTable::kRoot;
      SKEIN_TRY(const auto listing, listing_of(files, full, stamp, before, made.before));
      made.number = builder.add_root(stamp, listing);
      return {};
    }
    const auto slash = folder.rfind('/');
    const auto& parent = known.at(slash == std::string::npos ? std::string() : folder.substr(0, slash));
    const auto name = folder.substr(slash == std::string::npos ? 0 : slash + 1);
    if (before != nullptr && parent.before) made.before = before->find_folder(*parent.before, name);
    SKEIN_TRY(const auto listing, listing_of(files, full, stamp, before, made.before));
    made.number = builder.add_folder(parent.number, name, stamp, listing);
    return {};
  };
  SKEIN_DO(add(""));
  std::string_view last;  // The folder of the page before: pages of one stand together.
  for (const auto& file : manifest) {
    const auto end = file.path.rfind('/');
    const auto folder = std::string_view(file.path).substr(0, end == std::string::npos ? 0 : end);
    if (folder == last) continue;
    last = folder;
    for (auto slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1))
      if (const auto above = file.path.substr(0, slash); !known.contains(above)) SKEIN_DO(add(above));
  }
  // As a file with its digest: it was written a moment ago, so its stamp alone proves nothing.
  store::FileStamp stamp;
  if (const int error = store::stamp_at(AT_FDCWD, path.c_str(), stamp); error != 0)
    return std::unexpected(system_error(error, "cannot look at " + path));
  const Digest digest = sha256(text);
  builder.add_file(store::StatTable::kRoot, kManifestName, stamp, digest);
  SKEIN_DO(builder.save(files, site_table_path(request), wanted));
  return digest;
}

Status renew_site(FileSystem& files, const SiteRequest& request, const Digest& wanted, const store::StatTable& before,
                  const std::vector<engine::FileChange>& changes, const Digest& manifest) {
  store::StatTablePatch table(before, std::numeric_limits<std::int64_t>::max());  // As above.
  std::set<std::string_view> folders{""};
  for (const auto& change : changes)
    if (const auto slash = change.path.rfind('/'); slash != std::string::npos)
      folders.insert(std::string_view(change.path).substr(0, slash));
  for (const auto folder : folders) {
    std::optional<std::uint32_t> number = store::StatTable::kRoot;
    for (std::size_t at = 0; number && at < folder.size();) {
      const auto end = std::min(folder.find('/', at), folder.size());
      number = before.find_folder(*number, folder.substr(at, end - at));
      at = end + 1;
    }
    if (!number) return fail(Code::not_found, "{} is new", folder);
    const std::string full = folder.empty() ? request.target : join_path(request.target, std::string(folder));
    store::FileStamp stamp;
    if (const int error = store::stamp_at(AT_FDCWD, full.c_str(), stamp); error != 0)
      return std::unexpected(system_error(error, "cannot look at " + full));
    SKEIN_TRY(const auto listing, listing_of(files, full, stamp, &before, number));
    table.set_folder(*number, stamp, listing);
  }
  const std::string path = join_path(request.target, kManifestName);
  const auto number = before.find_file_number(store::StatTable::kRoot, kManifestName);
  store::FileStamp stamp;
  if (!number || store::stamp_at(AT_FDCWD, path.c_str(), stamp) != 0)
    return fail(Code::not_found, "{} is not known", kManifestName);
  table.set_file(*number, stamp, manifest, 0);
  return table.save(files, site_table_path(request), wanted);
}

Digest known_manifest(const store::StatTable& site) {
  const auto file = site.find_file(store::StatTable::kRoot, kManifestName);
  return file ? file->digest : Digest{};
}

}  // namespace skein::docs
