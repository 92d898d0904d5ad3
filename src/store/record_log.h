// An append-only, checksummed file of records: the form of every journal and every pack. Any prefix of a valid log is
// a valid log, so a crash costs at most the records that were not yet synced.
//
//   file   = magic "skeinlog" | u32 format version | u32 kind | record*
//   record = u32 payload size | u32 type | u64 xxh3(payload, seed = size and type) | payload
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace skein::store {

inline constexpr std::uint32_t kRecordLogVersion = 1;
inline constexpr std::uint64_t kRecordLogHeaderBytes = 16;
inline constexpr std::uint64_t kRecordHeaderBytes = 16;
/// The largest payload. Larger blobs are refused with `invalid_argument`.
inline constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{1} << 31;

/// What a log holds; a log of one kind is not read as another.
enum class LogKind : std::uint32_t { journal = 1, pack = 2, log = 3, archive = 4 };

struct Record {
  std::uint64_t offset = 0;  ///< Of the record's header in the file.
  std::uint32_t type = 0;
  std::string_view payload;  ///< Valid only during the call that gives it.
};

/// Reads records from `from` (0: the first) in order until `visit` returns false or the valid prefix ends. Gives the
/// offset after the last valid record that was read. Errors: `data_corrupt` if the file is no log of this kind,
/// `unsupported_version` if a newer skein wrote it. A torn or damaged record ends the prefix and is no error.
[[nodiscard]] Result<std::uint64_t> scan_records(const File& file, LogKind kind, std::uint64_t from,
                                                 const std::function<bool(const Record&)>& visit);

/// What a scan past damage found.
struct ScanEnd {
  struct Gap {
    std::uint64_t from = 0;
    std::uint64_t to = 0;  ///< Where the next valid record begins.
  };
  std::uint64_t end = 0;  ///< After the last valid record.
  std::vector<Gap> gaps;  ///< Bytes that are no valid record and have one behind them.
};

/// As `scan_records`, and goes on behind damage at the next place where length, type and checksum of a record agree.
/// `behind_damage` tells that a record was found so: bytes inside a damaged record can look like one on purpose, so
/// what it says must be true by other evidence (a blob's digest, the index). Types are 1 to 255. Linear but for bytes
/// made to look like large records; those are given up after reading eight times the file.
[[nodiscard]] Result<ScanEnd> scan_past_damage(
    const File& file, LogKind kind, std::uint64_t from,
    const std::function<bool(const Record& record, bool behind_damage)>& visit);

/// One record at `offset`. Errors: `data_corrupt`.
[[nodiscard]] Result<std::string> read_record(const File& file, std::uint64_t offset, std::uint32_t payload_bytes);

/// The last record, if it is of this type and ends where the file ends; found from the end, so at no cost that grows
/// with the log. Nothing where it is not: then `scan_records` tells. REQUIRES a payload of at most 4 KiB to be found.
[[nodiscard]] Result<std::optional<std::string>> last_record(const File& file, LogKind kind, std::uint32_t type);

/// The one writer of a log. Not thread-safe, but `sync` may run while another thread adds and writes. After a failed
/// `write` or `sync` it refuses everything: what is on the disk is unknown until the file is opened again.
class RecordLogWriter {
 public:
  /// Opens or makes the log; what follows the valid prefix is cut off. Records below `trusted_end` were found valid
  /// before and are not read again (0: read all).
  [[nodiscard]] static Result<RecordLogWriter> open(FileSystem& files, std::string path, LogKind kind,
                                                    std::uint64_t trusted_end = 0);

  /// Buffers a record; gives the offset that it will have. REQUIRES payload <= kMaxRecordBytes.
  std::uint64_t add(std::uint32_t type, std::string_view payload);
  /// Hands what is buffered to the system.
  Status write();
  /// Returns when all that was written is durable.
  Status sync();

  /// After the last added record.
  [[nodiscard]] std::uint64_t end() const { return written_ + buffer_.size(); }
  /// After the last written record; what is above is still in `buffered`.
  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::string_view buffered() const { return buffer_; }
  [[nodiscard]] const File& file() const { return *file_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  RecordLogWriter(std::unique_ptr<File> file, std::string path, std::uint64_t end)
      : file_(std::move(file)), path_(std::move(path)), written_(end) {}

  std::unique_ptr<File> file_;
  std::string path_;
  std::uint64_t written_;
  std::string buffer_;
  std::unique_ptr<std::atomic<bool>> broken_ = std::make_unique<std::atomic<bool>>(false);
};

}  // namespace skein::store
