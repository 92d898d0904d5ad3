// Slow work on a whole store: verify, gc, stats.
#include <algorithm>
#include <unordered_set>

#include "store/pack_records.h"
#include "store/store.h"

namespace skein::store {
namespace {

/// The record of a blob packed harder than it is; empty where it is not wanted, or saves nothing.
std::string repacked(const BlobRecord& blob, Packing wanted) {
  if (wanted < Packing::warm || packing_of(blob.codec) >= wanted) return {};
  const auto raw = unpack(blob.codec, blob.stored, blob.raw_bytes);
  if (!raw || sha256(*raw) != blob.digest) return {};  // Damage is not made sound by a new checksum.
  std::string record = encode_blob(blob.digest, *raw, wanted);
  const auto before = blob.stored.size();
  const auto after = decode_blob(record);
  return after && after->stored.size() < before ? record : std::string();
}

}  // namespace

Result<StoreStats> Store::stats() {
  StoreStats stats;
  SKEIN_TRY(const auto numbers, pack_numbers());
  for (const auto number : numbers) {
    SKEIN_TRY(auto file, files_.open(pack_path(number), OpenMode::read));
    SKEIN_TRY(const auto size, file->size());
    ++stats.packs;
    stats.pack_bytes += size;
  }
  return stats;
}

Result<StoreStats> Store::verify() {
  SKEIN_DO(flush());
  SKEIN_TRY(auto stats, this->stats());
  SKEIN_TRY(const auto numbers, pack_numbers());
  for (const auto number : numbers) {
    SKEIN_TRY(auto file, files_.open(pack_path(number), OpenMode::read));
    std::vector<Digest> damaged;
    const auto scanned = scan_past_damage(*file, LogKind::pack, 0, [&](const Record& record, bool behind) {
      if (behind && !is_vouched_for(number, record)) return true;
      if (record.type == static_cast<std::uint32_t>(PackRecord::blob)) {
        ++stats.blobs;
        auto blob = decode_blob(record.payload);
        auto raw = blob ? unpack(blob->codec, blob->stored, blob->raw_bytes)
                        : Result<std::string>(std::unexpected(std::move(blob).error()));
        if (!raw || sha256(*raw) != blob->digest) {
          if (blob) damaged.push_back(blob->digest);
          quarantine({number, record.offset, static_cast<std::uint32_t>(record.payload.size())});
          ++stats.damaged;
        } else {
          stats.raw_bytes += raw->size();
        }
      } else if (record.type == static_cast<std::uint32_t>(PackRecord::result)) {
        ++stats.results;
        if (!decode_result(record.payload)) ++stats.damaged;
      }
      return true;
    });
    SKEIN_TRY(const auto indexed, index_->indexed_to(number));
    if (!scanned) {
      if (scanned.error().code() != Code::data_corrupt) return std::unexpected(scanned.error());
      ++stats.damaged;
    } else {
      // What was once durable and is no valid record now. What was never completed lies behind what is indexed.
      for (const auto& gap : scanned->gaps) {
        if (gap.from >= indexed) continue;
        ++stats.damaged;
        quarantine(number, gap.from, gap.to);
      }
      if (scanned->end < indexed) {
        ++stats.damaged;
        quarantine(number, scanned->end, indexed);
      }
    }
    for (const auto& digest : damaged) SKEIN_DO(index_->remove_blob(digest));
  }
  return stats;
}

Status Store::for_each_result(const std::function<bool(const ResultRecord&)>& visit) {
  SKEIN_DO(flush());
  SKEIN_TRY(auto entries, index_->all_results());
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto record = read_result(*entry);
    if (!record) {
      if (record.error().code() == Code::data_corrupt) {
        quarantine(entry->location);
        SKEIN_DO(forget_result(entry->key));
      }
      continue;
    }
    if (!visit(*record)) return {};
  }
  return {};
}

Result<StoreStats> Store::gc(const std::function<bool(const Digest& declared)>& keep, const std::vector<Digest>& roots,
                             bool only_count) {
  return gc(GcWish{.keep = keep, .roots = roots, .only_count = only_count});
}

Result<StoreStats> Store::gc(const GcWish& wish) {
  const auto& [keep, roots, packing, only_count] = wish;
  SKEIN_DO(flush());
  const std::scoped_lock flushing(flush_mutex_);
  SKEIN_TRY(const auto numbers, pack_numbers());
  {
    const std::scoped_lock lock(mutex_);
    pack_.reset();  // Frees the lock; the next put opens a new pack.
    readers_.clear();
    recent_.clear();
    recent_order_.clear();
    recent_size_ = 0;
  }
  std::vector<FileLock> locks;
  if (options_.shared) {
    for (const auto number : numbers) {
      SKEIN_TRY(auto lock, FileLock::try_acquire(pack_path(number) + ".lock"));
      locks.push_back(std::move(lock));
    }
    // Between the list and the locks another one's gc may have ended, which removed packs.
    SKEIN_TRY(const auto still, pack_numbers());
    bool all = true;
    for (const auto number : numbers) {
      if (std::ranges::binary_search(still, number)) continue;
      all = false;
      [[maybe_unused]] const auto ignored = files_.remove(pack_path(number) + ".lock");
    }
    if (!all) return fail(Code::unavailable, "another process has just collected the store {}", folder_);
  }
  // First pass: which results stay (the newest record of each key), and which blobs they name.
  std::unordered_map<Digest, Location> live_results;
  std::unordered_map<Digest, std::vector<Digest>> blobs_of;
  std::unordered_map<Digest, Packing> packing_of_result;
  for (const auto number : numbers) {
    SKEIN_TRY(auto file, files_.open(pack_path(number), OpenMode::read));
    const auto scanned = scan_past_damage(*file, LogKind::pack, 0, [&](const Record& record, bool behind) {
      if (record.type != static_cast<std::uint32_t>(PackRecord::result)) return true;
      if (behind && !is_vouched_for(number, record)) return true;
      auto result = decode_result(record.payload);
      if (!result || !keep(result->declared)) return true;
      live_results[result->key] = {number, record.offset, static_cast<std::uint32_t>(record.payload.size())};
      if (packing) packing_of_result[result->key] = packing(result->declared);
      blobs_of[result->key] = std::move(result->blobs);
      return true;
    });
    if (!scanned && scanned.error().code() != Code::data_corrupt) return std::unexpected(scanned.error());
  }
  std::unordered_set<Digest> live_blobs(roots.begin(), roots.end());
  std::unordered_map<Digest, Packing> packing_of_blob;  // The soonest wanted of those that name it.
  for (const auto& [key, blobs] : blobs_of) {
    live_blobs.insert(blobs.begin(), blobs.end());
    if (!packing) continue;
    for (const auto& blob : blobs) {
      const auto [known, is_new] = packing_of_blob.emplace(blob, packing_of_result[key]);
      if (!is_new) known->second = std::min(known->second, packing_of_result[key]);
    }
  }

  // Second pass: live records go to new packs; the old ones are removed when those are durable. A crash in between
  // leaves both, and whichever the index names is whole.
  StoreStats stats;
  const std::uint32_t first_new = numbers.empty() ? 1 : numbers.back() + 1;
  std::uint32_t next = first_new;
  std::optional<RecordLogWriter> out;
  std::vector<FileLock> out_locks;
  std::vector<BlobEntry> new_blobs;
  std::vector<ResultEntry> new_results;
  std::unordered_set<Digest> copied;
  const auto close = [&]() -> Status {
    if (!out) return {};
    SKEIN_DO(out->write());
    SKEIN_DO(out->sync());
    SKEIN_DO(files_.sync_directory(join_path(folder_, "packs")));  // The index may name only what stays.
    // In the order of the index's trees: each of their pages is met once.
    std::ranges::sort(new_blobs, {}, [](const BlobEntry& entry) { return entry.digest.bytes; });
    std::ranges::sort(new_results, {}, [](const ResultEntry& entry) { return entry.declared.bytes; });
    SKEIN_DO(index_->add(new_blobs, new_results, next - 1, out->end()));
    stats.pack_bytes += out->end();
    ++stats.packs;
    new_blobs.clear();
    new_results.clear();
    out.reset();
    return {};
  };
  for (const auto number : numbers) {
    SKEIN_TRY(auto file, files_.open(pack_path(number), OpenMode::read));
    Status failed;
    const auto scanned = scan_past_damage(*file, LogKind::pack, 0, [&](const Record& record, bool behind) {
      if (behind && !is_vouched_for(number, record)) return true;
      const auto copy = [&](std::string_view payload) -> Result<Location> {
        if (only_count) {
          stats.pack_bytes += kRecordHeaderBytes + payload.size();
          return Location{};
        }
        if (!out || out->end() > options_.pack_bytes) {
          SKEIN_DO(close());
          if (options_.shared) {
            // A writer that starts meanwhile takes the next number.
            SKEIN_TRY(auto lock, FileLock::try_acquire(pack_path(next) + ".lock"));
            out_locks.push_back(std::move(lock));
          }
          SKEIN_TRY(auto writer, RecordLogWriter::open(files_, pack_path(next), LogKind::pack));
          out.emplace(std::move(writer));
          ++next;
        }
        const std::uint64_t offset = out->add(record.type, payload);
        if (out->buffered().size() > options_.buffer_bytes) SKEIN_DO(out->write());
        return Location{next - 1, offset, static_cast<std::uint32_t>(payload.size())};
      };
      if (record.type == static_cast<std::uint32_t>(PackRecord::blob)) {
        auto blob = decode_blob(record.payload);
        if (!blob) return true;
        if (!live_blobs.contains(blob->digest)) return true;
        if (!copied.insert(blob->digest).second) return true;
        std::string smaller;
        const auto wanted = packing_of_blob.find(blob->digest);
        if (wanted != packing_of_blob.end()) smaller = repacked(*blob, wanted->second);
        if (!smaller.empty()) ++stats.repacked;
        auto location = copy(smaller.empty() ? record.payload : std::string_view(smaller));
        if (!location) return failed = std::unexpected(location.error()), false;
        new_blobs.push_back({blob->digest, *location});
        ++stats.blobs;
        stats.raw_bytes += blob->raw_bytes;
      } else if (record.type == static_cast<std::uint32_t>(PackRecord::result)) {
        auto result = decode_result(record.payload);
        if (!result) return true;
        const auto live = live_results.find(result->key);
        if (live == live_results.end()) return true;
        if (live->second.pack != number || live->second.offset != record.offset) return true;
        auto location = copy(record.payload);
        if (!location) return failed = std::unexpected(location.error()), false;
        new_results.push_back({result->declared, result->key, *location});
        ++stats.results;
      }
      return true;
    });
    if (!failed) return std::unexpected(failed.error());
    if (!scanned && scanned.error().code() != Code::data_corrupt) return std::unexpected(scanned.error());
  }
  if (only_count) {
    stats.packs = stats.pack_bytes == 0 ? 0 : stats.pack_bytes / options_.pack_bytes + 1;
    stats.pack_bytes += stats.packs * kRecordLogHeaderBytes;
    return stats;
  }
  SKEIN_DO(close());
  // In this order: what the index still vouches for is there.
  SKEIN_DO(index_->remove_packs(numbers));
  for (const auto number : numbers) {
    SKEIN_DO(files_.remove(pack_path(number)));
    if (options_.shared) [[maybe_unused]]
      const auto ignored = files_.remove(pack_path(number) + ".lock");
  }
  return stats;
}

}  // namespace skein::store
