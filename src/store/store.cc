#include "store/store.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "store/pack_records.h"
#include "store/quarantine.h"

namespace skein::store {
namespace {

void note(std::vector<std::string>* notes, std::string line) {
  if (notes != nullptr) notes->push_back(std::move(line));
}

std::uint32_t type_of(PackRecord record) { return static_cast<std::uint32_t>(record); }

// The bytes are gone for good; other errors (too many open files) say nothing about them.
bool is_lost(const Error& error) { return error.code() == Code::data_corrupt || error.code() == Code::not_found; }

}  // namespace

Store::Store(FileSystem& files, std::string folder, StoreOptions options)
    : files_(files), folder_(std::move(folder)), options_(options) {}

Store::~Store() {
  // What was not flushed was not promised; it is tried all the same.
  [[maybe_unused]] const auto ignored = flush();
}

Result<std::unique_ptr<Store>> Store::open(FileSystem& files, std::string folder, StoreOptions options,
                                           std::vector<std::string>* notes) {
  SKEIN_DO(files.make_directories(join_path(folder, "packs")));
  auto store = std::unique_ptr<Store>(new Store(files, std::move(folder), options));
  SKEIN_DO(store->open_index(notes));
  SKEIN_DO(store->index_tails(notes));
  return store;
}

Status Store::open_index(std::vector<std::string>* notes) {
  if (!options_.shared) {
    index_ = make_memory_index();
    return {};
  }
  const std::string file = join_path(folder_, "index.db");
  auto index = open_sqlite_index(file);
  if (!index && index.error().code() == Code::data_corrupt) {
    note(notes, fmt::format("the index {} was damaged and is made again from the packs", file));
    for (const auto* suffix : {"", "-wal", "-shm"})
      if (auto removed = files_.remove(file + suffix); !removed && removed.error().code() != Code::not_found)
        return removed;
    index = open_sqlite_index(file);
  }
  if (!index) return pass(std::move(index).error(), "while opening the store " + folder_);
  index_ = std::move(*index);
  return {};
}

std::string Store::pack_path(std::uint32_t number) const {
  return join_path(folder_, fmt::format("packs/{:06}.pack", number));
}

Result<std::vector<std::uint32_t>> Store::pack_numbers() const {
  SKEIN_TRY(const auto entries, files_.list(join_path(folder_, "packs")));
  std::vector<std::uint32_t> numbers;
  for (const auto& entry : entries) {
    if (!entry.name.ends_with(".pack")) continue;
    std::uint32_t number = 0;
    const char* end = entry.name.data() + entry.name.size() - 5;
    if (std::from_chars(entry.name.data(), end, number).ptr == end && number > 0) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Status Store::index_tails(std::vector<std::string>* notes) {
  SKEIN_TRY(const auto numbers, pack_numbers());
  for (const auto number : numbers) {
    // A pack with a live writer is indexed by it.
    if (options_.shared && FileLock::is_held(pack_path(number) + ".lock")) continue;
    SKEIN_TRY(const auto from, index_->indexed_to(number));
    SKEIN_TRY(auto file, files_.open(pack_path(number), OpenMode::read));
    SKEIN_TRY(const auto size, file->size());
    if (size == from || size == 0) continue;
    if (auto status = index_pack(number, from > size ? 0 : from, notes); !status) {
      if (status.error().code() != Code::data_corrupt) return status;
      note(notes, fmt::format("{} is damaged at its start and is not used", pack_path(number)));
    }
  }
  return {};
}

Status Store::index_pack(std::uint32_t number, std::uint64_t from, std::vector<std::string>* notes) {
  SKEIN_TRY(auto file, files_.open(pack_path(number), OpenMode::read));
  std::vector<BlobEntry> blobs;
  std::vector<ResultEntry> results;
  SKEIN_TRY(const auto scanned, scan_past_damage(*file, LogKind::pack, from, [&](const Record& record, bool behind) {
              if (behind && !is_vouched_for(number, record)) return true;
              const Location location{number, record.offset, static_cast<std::uint32_t>(record.payload.size())};
              if (record.type == type_of(PackRecord::blob)) {
                if (auto blob = decode_blob(record.payload)) blobs.push_back({blob->digest, location});
              } else if (record.type == type_of(PackRecord::result)) {
                if (auto result = decode_result(record.payload))
                  results.push_back({result->declared, result->key, location});
              }
              return true;
            }));
  const std::uint64_t end = scanned.end;
  for (const auto& gap : scanned.gaps)
    note(notes, fmt::format("{} is damaged from byte {} to {}; what lies behind is used where it can be checked",
                            pack_path(number), gap.from, gap.to));
  // A killed process may have left them to the system's cache only; what the index names must be on the disk.
  if (!blobs.empty() || !results.empty()) {
    SKEIN_DO(file->sync());
    SKEIN_DO(files_.sync_directory(join_path(folder_, "packs")));
  }
  SKEIN_TRY(const auto size, file->size());
  if (end < size) {
    // The next writer of this pack cuts the rest off; a pack that is full is left as it is.
    note(notes, fmt::format("{} ends in {} bytes that were never completed", pack_path(number), size - end));
  }
  return index_->add(blobs, results, number, end);
}

Status Store::take_pack(std::uint32_t number, bool is_new) {
  const std::string path = pack_path(number);
  std::optional<FileLock> lock;
  if (options_.shared) {
    SKEIN_TRY(auto held, FileLock::try_acquire(path + ".lock"));
    lock = std::move(held);
  }
  std::uint64_t trusted = 0;
  if (!is_new) {
    SKEIN_TRY(trusted, index_->indexed_to(number));
  }
  SKEIN_TRY(auto log, RecordLogWriter::open(files_, path, LogKind::pack, trusted));
  // Also of a pack that was there: a killed process may have made it and gone no further. Where records of it are in
  // the index, it was synced before they were.
  if (trusted <= kRecordLogHeaderBytes) SKEIN_DO(files_.sync_directory(join_path(folder_, "packs")));
  if (is_new) {
    // An index that outlived a pack of this number must not vouch for the new one.
    SKEIN_TRY(const auto stale, index_->indexed_to(number));
    if (stale > 0) SKEIN_DO(index_->add({}, {}, number, 0));
  } else if (log.written() > trusted) {
    SKEIN_DO(index_pack(number, trusted, nullptr));
  }
  pack_.emplace(number, std::move(lock), std::move(log));
  return {};
}

Status Store::ensure_pack() {
  if (pack_) return {};
  SKEIN_TRY(const auto numbers, pack_numbers());
  if (!numbers.empty()) {
    SKEIN_TRY(auto newest, files_.open(pack_path(numbers.back()), OpenMode::read));
    SKEIN_TRY(const auto size, newest->size());
    // Held by another process, or damaged at its start: a new one, then.
    if (size < options_.pack_bytes && take_pack(numbers.back(), false)) return {};
  }
  std::uint32_t number = numbers.empty() ? 1 : numbers.back() + 1;
  for (int attempt = 0; attempt < 100; ++attempt, ++number) {
    auto taken = take_pack(number, true);
    if (taken || taken.error().code() != Code::unavailable) return taken;
  }
  return fail(Code::unavailable, "no pack in {} could be locked for writing", folder_);
}

void Store::remember(const Digest& digest, std::string_view bytes) {
  if (bytes.size() > options_.recent_bytes / 8) return;
  if (!recent_.emplace(digest, std::make_shared<const std::string>(bytes)).second) return;
  recent_order_.push_back(digest);
  recent_size_ += bytes.size();
  while (recent_size_ > options_.recent_bytes) {
    const auto oldest = recent_.find(recent_order_.front());
    recent_order_.pop_front();
    if (oldest == recent_.end()) continue;
    recent_size_ -= oldest->second->size();
    recent_.erase(oldest);
  }
}

Status Store::write_if_full() {
  if (pack_->log.buffered().size() < options_.buffer_bytes) return {};
  return pack_->log.write();
}

Result<Digest> Store::put_blob(std::string_view bytes) {
  const Digest digest = sha256(bytes);
  SKEIN_DO(put_blob(digest, bytes));
  return digest;
}

Status Store::put_blob(const Digest& digest, std::string_view bytes, Packing packing) {
  if (bytes.size() > kMaxRecordBytes - 64)
    return fail(Code::invalid_argument, "a blob of {} bytes is larger than the store takes (2 GiB)", bytes.size());
  {
    // From here on no gc of another process takes away what `has_blob` finds: it needs the locks of all packs.
    const std::scoped_lock lock(mutex_);
    SKEIN_DO(ensure_pack());
  }
  SKEIN_TRY(const bool known, has_blob(digest));
  if (known) return {};
  const std::string payload = encode_blob(digest, bytes, packing);  // Compresses outside the lock.
  const std::scoped_lock lock(mutex_);
  if (new_blobs_.contains(digest)) return {};
  SKEIN_DO(ensure_pack());
  const std::uint64_t offset = pack_->log.add(type_of(PackRecord::blob), payload);
  new_blobs_[digest] = {pack_->number, offset, static_cast<std::uint32_t>(payload.size())};
  remember(digest, bytes);
  return write_if_full();
}

void Store::quarantine(std::uint32_t pack, std::uint64_t from, std::uint64_t to) {
  if (options_.shared && set_aside(files_, folder_, pack, from, to)) quarantined_.fetch_add(1);
}

void Store::quarantine(const Location& location) {
  quarantine(location.pack, location.offset, location.offset + kRecordHeaderBytes + location.payload_bytes);
}

Result<bool> Store::has_blob(const Digest& digest) {
  {
    const std::scoped_lock lock(mutex_);
    if (new_blobs_.contains(digest)) return true;
  }
  SKEIN_TRY(const auto location, index_->find_blob(digest));
  return location.has_value();
}

Result<std::shared_ptr<const File>> Store::reader_of(std::uint32_t pack) {
  auto& reader = readers_[pack];
  if (reader == nullptr) {
    auto opened = files_.open(pack_path(pack), OpenMode::read);
    if (!opened) return pass(std::move(opened).error(), "while reading a stored blob");
    reader = std::move(*opened);
  }
  return reader;
}

Result<std::string> Store::read(const Location& location) {
  std::shared_ptr<const File> file;
  {
    const std::scoped_lock lock(mutex_);
    if (pack_ && pack_->number == location.pack && location.offset >= pack_->log.written()) {
      const auto buffered = pack_->log.buffered();
      const std::uint64_t at = location.offset - pack_->log.written() + kRecordHeaderBytes;
      if (at + location.payload_bytes > buffered.size())
        return fail(Code::data_corrupt, "the index points past the end of pack {}", location.pack);
      return std::string(buffered.substr(at, location.payload_bytes));
    }
    SKEIN_TRY(file, reader_of(location.pack));
  }
  return read_record(*file, location.offset, location.payload_bytes);
}

Result<std::string> Store::get_blob(const Digest& digest) {
  std::optional<Location> location;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto recent = recent_.find(digest); recent != recent_.end()) return *recent->second;
    if (const auto found = new_blobs_.find(digest); found != new_blobs_.end()) location = found->second;
  }
  if (!location) {
    SKEIN_TRY(location, index_->find_blob(digest));
  }
  if (!location) return fail(Code::not_found, "no blob {}", digest.short_hex());
  const auto fetch = [&]() -> Result<std::string> {
    SKEIN_TRY(const auto payload, read(*location));
    SKEIN_TRY(const auto record, decode_blob(payload));
    if (record.digest != digest) return fail(Code::data_corrupt, "blob {} holds other bytes", digest.short_hex());
    return unpack(record.codec, record.stored, record.raw_bytes);
  };
  auto bytes = fetch();
  if (!bytes && is_lost(bytes.error())) {
    // Another process's gc may have moved it between the look-up and the read.
    index_->refresh();
    SKEIN_TRY(const auto moved, index_->find_blob(digest));
    if (moved && *moved != *location) {
      location = moved;
      bytes = fetch();
    }
  }
  if (!bytes) {
    if (is_lost(bytes.error())) {
      quarantine(*location);
      SKEIN_DO(index_->remove_blob(digest));
      const std::scoped_lock lock(mutex_);
      new_blobs_.erase(digest);
      return fail(Code::data_corrupt, "blob {} is damaged: {}", digest.short_hex(), bytes.error().to_string());
    }
  }
  return bytes;
}

Result<Store::BlobSize> Store::blob_size(const Digest& digest) {
  std::optional<Location> location;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = new_blobs_.find(digest); found != new_blobs_.end()) location = found->second;
  }
  if (!location) {
    SKEIN_TRY(location, index_->find_blob(digest));
  }
  if (!location) return fail(Code::not_found, "no blob {}", digest.short_hex());
  SKEIN_TRY(const auto payload, read(*location));
  SKEIN_TRY(const auto record, decode_blob(payload));
  return BlobSize{record.raw_bytes, payload.size()};
}

Status Store::put_result(const ResultRecord& record) {
  const std::string payload = encode_result(record);
  const std::scoped_lock lock(mutex_);
  SKEIN_DO(ensure_pack());
  const std::uint64_t offset = pack_->log.add(type_of(PackRecord::result), payload);
  auto& waiting = new_results_[record.declared];
  std::erase_if(waiting, [&](const ResultEntry& old) { return old.key == record.key; });
  waiting.push_back({record.declared, record.key, {pack_->number, offset, static_cast<std::uint32_t>(payload.size())}});
  return write_if_full();
}

Result<std::vector<ResultRecord>> Store::find_results(const Digest& declared) {
  // First what waits, then the index: a flush in between moves entries from the one to the other, never out of sight.
  std::vector<ResultEntry> entries;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto waiting = new_results_.find(declared); waiting != new_results_.end())
      entries.assign(waiting->second.rbegin(), waiting->second.rend());
  }
  SKEIN_TRY(const auto indexed, index_->find_results(declared));
  for (const auto& entry : indexed)
    if (std::none_of(entries.begin(), entries.end(), [&](const ResultEntry& newer) { return newer.key == entry.key; }))
      entries.push_back(entry);
  std::vector<ResultRecord> records;
  records.reserve(entries.size());
  for (const auto& entry : entries) {
    auto record = read_result(entry);
    if (!record && is_lost(record.error())) {
      // Another process's gc may have moved it since the look-up.
      index_->refresh();
      SKEIN_TRY(const auto now, index_->find_results(declared));
      const auto moved = std::find_if(now.begin(), now.end(), [&](const auto& one) { return one.key == entry.key; });
      if (moved != now.end() && moved->location != entry.location) record = read_result(*moved);
      if (!record && is_lost(record.error())) {
        quarantine(entry.location);
        SKEIN_DO(forget_result(entry.key));
      }
    }
    if (record) records.push_back(std::move(*record));
  }
  return records;
}

Result<ResultRecord> Store::read_result(const ResultEntry& entry) {
  SKEIN_TRY(const auto payload, read(entry.location));
  SKEIN_TRY(auto record, decode_result(payload));
  if (record.key != entry.key) return fail(Code::data_corrupt, "a stored result has another key");
  return record;
}

bool Store::is_vouched_for(std::uint32_t pack, const Record& record) {
  if (record.type == type_of(PackRecord::blob)) {
    const auto blob = decode_blob(record.payload);
    const auto raw = blob ? unpack(blob->codec, blob->stored, blob->raw_bytes) : std::unexpected(blob.error());
    return raw && sha256(*raw) == blob->digest;
  }
  if (record.type != type_of(PackRecord::result)) return false;
  const auto result = decode_result(record.payload);
  if (!result) return false;
  const auto known = index_->find_results(result->declared);
  const Location here{pack, record.offset, static_cast<std::uint32_t>(record.payload.size())};
  return known && std::any_of(known->begin(), known->end(), [&](const ResultEntry& entry) {
           return entry.key == result->key && entry.location == here;
         });
}

Status Store::forget_result(const Digest& key) {
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [declared, waiting] : new_results_)
      std::erase_if(waiting, [&](const ResultEntry& entry) { return entry.key == key; });
  }
  return index_->remove_result(key);
}

Status Store::flush() {
  const std::scoped_lock flushing(flush_mutex_);
  std::vector<BlobEntry> blobs;
  std::vector<ResultEntry> results;
  std::uint32_t number = 0;
  std::uint64_t end = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (!pack_ || (new_blobs_.empty() && new_results_.empty())) {
      if (index_ != nullptr) index_->refresh();  // Whoever flushes is done for now: no view is held open meanwhile.
      return {};
    }
    SKEIN_DO(pack_->log.write());
    number = pack_->number;
    end = pack_->log.written();
    blobs.reserve(new_blobs_.size());
    for (const auto& [digest, location] : new_blobs_) blobs.push_back({digest, location});
    for (const auto& [declared, waiting] : new_results_) results.insert(results.end(), waiting.begin(), waiting.end());
  }
  // Outside mutex_, so that puts go on; pack_ stays, because only a flush or a gc closes it.
  SKEIN_DO(pack_->log.sync());
  // Sorted, so that the index's tree is filled in order.
  std::sort(blobs.begin(), blobs.end(), [](const auto& a, const auto& b) { return a.digest < b.digest; });
  std::stable_sort(results.begin(), results.end(),
                   [](const auto& a, const auto& b) { return a.declared < b.declared; });
  SKEIN_DO(index_->add(blobs, results, number, end));
  const std::scoped_lock lock(mutex_);
  for (const auto& entry : blobs) new_blobs_.erase(entry.digest);
  for (const auto& entry : results) {
    const auto waiting = new_results_.find(entry.declared);
    if (waiting == new_results_.end()) continue;
    std::erase_if(waiting->second, [&](const ResultEntry& one) { return one.location == entry.location; });
    if (waiting->second.empty()) new_results_.erase(waiting);
  }
  if (pack_->log.end() >= options_.pack_bytes && new_blobs_.empty() && new_results_.empty()) pack_.reset();
  return {};
}

}  // namespace skein::store
