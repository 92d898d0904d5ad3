#include "cache/totals.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "engine/result_store.h"
#include "store/pack_records.h"
#include "store/record_log.h"

namespace skein::cache {
namespace {

constexpr std::string_view kName = "cache-totals";
constexpr std::uint32_t kSchema = 2;
constexpr std::size_t kProof = 64;

/// How far the sums reach into a pack, and what stood there: a pack that was made anew is not taken for it.
struct Reached {
  std::uint64_t end = 0;
  std::uint64_t proof = 0;
};

struct Kept {
  std::map<std::string, Reached> packs;
  Totals totals;
  std::vector<std::uint64_t> keys;  // First 8 bytes of each complete key, sorted: a result put again is one entry.
};

std::uint64_t short_key(const Digest& key) { return std::hash<Digest>()(key); }

Result<std::uint64_t> proof_at(const File& file, std::uint64_t end) {
  const std::uint64_t from = end > kProof ? end - kProof : 0;
  SKEIN_TRY(const auto bytes, file.read_at(from, end - from));
  return checksum64(bytes);
}

std::string encode(const Kept& kept) {
  ByteWriter writer;
  writer.varint(kSchema).varint(kept.packs.size());
  for (const auto& [name, reached] : kept.packs) writer.text(name).varint(reached.end).varint(reached.proof);
  writer.varint(kept.totals.by_agent.size());
  for (const auto& [agent, total] : kept.totals.by_agent) {
    writer.text(agent);
    for (const auto value : {total.entries, total.bytes, total.stored_bytes, total.cost.count(), total.money.value})
      writer.varint(static_cast<std::uint64_t>(value));
  }
  writer.varint(kept.totals.biggest.size());
  for (const auto& [agent, list] : kept.totals.biggest) {
    writer.text(agent).varint(list.size());
    for (const auto& one : list)
      writer.text(one.step)
          .varint(static_cast<std::uint64_t>(one.bytes))
          .varint(static_cast<std::uint64_t>(one.stored_bytes));
  }
  std::string bytes = writer.take();
  bytes.append(reinterpret_cast<const char*>(kept.keys.data()), kept.keys.size() * sizeof(std::uint64_t));
  const std::uint64_t check = checksum64(bytes);
  return bytes.append(reinterpret_cast<const char*>(&check), sizeof check);
}

/// Nothing for anything but what `encode` gave: then all is read again.
std::optional<Kept> decode(std::string_view bytes) {
  std::uint64_t check = 0;
  if (bytes.size() < sizeof check) return std::nullopt;
  std::memcpy(&check, bytes.data() + bytes.size() - sizeof check, sizeof check);
  bytes.remove_suffix(sizeof check);
  if (checksum64(bytes) != check) return std::nullopt;
  ByteReader reader(bytes);
  if (reader.varint() != kSchema) return std::nullopt;
  Kept kept;
  for (auto left = reader.count(3); left > 0; --left) {
    const std::string name(reader.text());
    Reached reached;
    reached.end = reader.varint();
    reached.proof = reader.varint();
    kept.packs.emplace(name, reached);
  }
  for (auto left = reader.count(6); left > 0; --left) {
    const std::string agent(reader.text());
    const auto next = [&] { return static_cast<std::int64_t>(reader.varint()); };
    Total total;
    total.entries = next(), total.bytes = next(), total.stored_bytes = next();
    total.cost = Micros(next()), total.money = {next()};
    kept.totals.by_agent.emplace(agent, total);
  }
  for (auto left = reader.count(2); left > 0; --left) {
    const std::string agent(reader.text());
    auto& list = kept.totals.biggest[agent];
    for (auto entries = reader.count(3); entries > 0; --entries) {
      Biggest one{std::string(reader.text()), agent, 0, 0};
      one.bytes = static_cast<std::int64_t>(reader.varint());
      one.stored_bytes = static_cast<std::int64_t>(reader.varint());
      list.push_back(std::move(one));
    }
  }
  const auto keys = reader.rest();
  if (!reader.finish("totals") || keys.size() % sizeof(std::uint64_t) != 0) return std::nullopt;
  kept.keys.resize(keys.size() / sizeof(std::uint64_t));
  std::memcpy(kept.keys.data(), keys.data(), keys.size());
  return kept;
}

/// Reads what was appended to the packs and adds it up.
class Adding {
 public:
  explicit Adding(Kept& kept) : kept_(kept) {}

  Result<std::uint64_t> read(const File& file, std::uint64_t from) {
    const auto scanned =
        store::scan_past_damage(file, store::LogKind::pack, from, [&](const store::Record& record, bool behind) {
          if (!behind)
            add(record);  // What lies behind damage needs the index to be believed: the next gc sorts it out.
          return true;
        });
    if (scanned) return scanned->end;
    if (scanned.error().code() == Code::data_corrupt) return from;
    return std::unexpected(scanned.error());
  }
  void finish() {
    const auto old_end = static_cast<std::ptrdiff_t>(kept_.keys.size());
    kept_.keys.insert(kept_.keys.end(), fresh_.begin(), fresh_.end());
    std::sort(kept_.keys.begin() + old_end, kept_.keys.end());
    std::inplace_merge(kept_.keys.begin(), kept_.keys.begin() + old_end, kept_.keys.end());
  }

 private:
  struct Blob {
    std::int64_t raw;
    std::int64_t stored;
  };
  void add(const store::Record& record) {
    if (record.type == static_cast<std::uint32_t>(store::PackRecord::blob)) {
      if (const auto blob = store::decode_blob(record.payload))
        blobs_[blob->digest] = {static_cast<std::int64_t>(blob->raw_bytes),
                                static_cast<std::int64_t>(record.payload.size())};
      return;
    }
    const auto stored = store::decode_result(record.payload);
    if (!stored) return;
    const auto result = engine::decode_result(stored->declared, stored->key, stored->payload);
    if (!result) return;
    auto& total = kept_.totals.by_agent[result->agent.substr(0, result->agent.find('@'))];
    Biggest mine{result->step, result->agent.substr(0, result->agent.find('@')), 0,
                 static_cast<std::int64_t>(stored->payload.size())};
    for (const auto& digest : stored->blobs) {
      const auto blob = blobs_.find(digest);
      if (blob == blobs_.end()) continue;  // An earlier entry's.
      total.bytes += blob->second.raw;
      total.stored_bytes += blob->second.stored;
      mine.bytes += blob->second.raw;
      mine.stored_bytes += blob->second.stored;
      blobs_.erase(blob);
    }
    note_size(std::move(mine));
    const auto key = short_key(stored->key);
    if (std::binary_search(kept_.keys.begin(), kept_.keys.end(), key) || !fresh_.insert(key).second) return;
    ++total.entries;
    total.stored_bytes += static_cast<std::int64_t>(stored->payload.size());
    total.cost += result->usage.wall;
    total.money += result->usage.money;
  }
  void note_size(Biggest mine) {
    auto& list = kept_.totals.biggest[mine.agent];
    if (list.size() >= kMostBiggest && list.back().stored_bytes >= mine.stored_bytes) return;
    // Put again: one entry.
    if (std::ranges::any_of(list, [&](const Biggest& one) { return one.step == mine.step && one.bytes >= mine.bytes; }))
      return;
    list.push_back(std::move(mine));
    std::ranges::stable_sort(list, [](const Biggest& a, const Biggest& b) { return a.stored_bytes > b.stored_bytes; });
    if (list.size() > kMostBiggest) list.pop_back();
  }
  Kept& kept_;
  std::unordered_map<Digest, Blob> blobs_;  // Not yet an entry's.
  std::unordered_set<std::uint64_t> fresh_;
};

}  // namespace

Result<Totals> read_totals(FileSystem& files, const std::string& state) {
  const std::string path = join_path(state, kName);
  Kept kept;
  if (const auto bytes = read_file(files, path))
    if (auto known = decode(*bytes)) kept = std::move(*known);
  struct Pack {
    std::string name;
    std::unique_ptr<File> file;
    std::uint64_t size = 0;
  };
  std::vector<Pack> packs;
  auto entries = files.list(join_path(state, "packs"));
  if (!entries && entries.error().code() != Code::not_found) return std::unexpected(entries.error());
  if (entries)
    for (const auto& entry : *entries) {
      if (!entry.name.ends_with(".pack")) continue;
      auto file = files.open(join_path(state, "packs/" + entry.name), OpenMode::read);
      if (!file && file.error().code() == Code::not_found) continue;  // A gc removes it just now.
      if (!file) return std::unexpected(file.error());
      SKEIN_TRY(const auto size, (*file)->size());
      packs.push_back({entry.name, std::move(*file), size});
    }
  // All that the sums stand on must still be there.
  std::size_t standing = 0;
  for (const auto& pack : packs) {
    const auto known = kept.packs.find(pack.name);
    if (known == kept.packs.end()) continue;
    const auto proof = known->second.end <= pack.size ? proof_at(*pack.file, known->second.end)
                                                      : Result<std::uint64_t>(std::uint64_t{0});
    if (!proof) return std::unexpected(proof.error());
    if (known->second.end <= pack.size && *proof == known->second.proof) ++standing;
  }
  if (standing != kept.packs.size()) kept = {};
  Adding adding(kept);
  kept.totals.pack_bytes = 0;
  for (const auto& pack : packs) {
    auto& reached = kept.packs[pack.name];
    kept.totals.pack_bytes += pack.size;
    if (pack.size == reached.end || pack.size <= store::kRecordLogHeaderBytes) continue;
    kept.totals.read_bytes += pack.size - reached.end;
    SKEIN_TRY(reached.end, adding.read(*pack.file, reached.end));
    SKEIN_TRY(reached.proof, proof_at(*pack.file, reached.end));
  }
  if (kept.totals.read_bytes > 0) {
    adding.finish();
    // Where it cannot be written, the next call reads the same again.
    [[maybe_unused]] const auto next_time = write_file_atomically(files, path, encode(kept), false);
  }
  return kept.totals;
}

}  // namespace skein::cache
