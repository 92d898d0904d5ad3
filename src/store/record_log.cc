#include "store/record_log.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace skein::store {
namespace {

constexpr std::string_view kMagic = "skeinlog";
constexpr std::size_t kScanPiece = std::size_t{4} << 20;
constexpr std::uint64_t kTailBytes = 4096 + kRecordHeaderBytes;

std::string header(LogKind kind) {
  ByteWriter writer;
  std::string bytes(kMagic);
  writer.u32(kRecordLogVersion).u32(static_cast<std::uint32_t>(kind));
  return bytes.append(writer.view());
}

std::uint64_t record_checksum(std::uint32_t type, std::string_view payload) {
  return checksum64(payload, (static_cast<std::uint64_t>(type) << 32) | payload.size());
}

Status check_header(std::string_view bytes, LogKind kind) {
  ByteReader reader(bytes.substr(std::min(bytes.size(), kMagic.size())));
  if (!bytes.starts_with(kMagic)) return fail(Code::data_corrupt, "not a log of skein");
  const std::uint32_t version = reader.u32();
  const std::uint32_t found = reader.u32();
  if (version > kRecordLogVersion)
    return fail(Code::unsupported_version, "written by a newer skein (log format {}, this one reads {})", version,
                kRecordLogVersion);
  if (version == 0 || found != static_cast<std::uint32_t>(kind))
    return fail(Code::data_corrupt, "a log of another kind");
  return {};
}

}  // namespace

Result<std::uint64_t> scan_records(const File& file, LogKind kind, std::uint64_t from,
                                   const std::function<bool(const Record&)>& visit) {
  SKEIN_TRY(const auto start, file.read_at(0, kRecordLogHeaderBytes));
  // A header torn by a crash at creation: an empty log.
  if (start.size() < kRecordLogHeaderBytes) {
    if (header(kind).starts_with(start)) return std::uint64_t{0};
    return fail(Code::data_corrupt, "not a log of skein");  // Whatever its version seems to be: it is cut short.
  }
  SKEIN_DO(check_header(start, kind));

  SKEIN_TRY(const std::uint64_t file_bytes, file.size());
  std::uint64_t offset = std::max(from, kRecordLogHeaderBytes);
  std::string window;
  std::uint64_t window_start = offset;
  const auto at_least = [&](std::uint64_t bytes) -> Result<bool> {
    if (offset - window_start + bytes <= window.size()) return true;
    window_start = offset;
    // Never more than is there: most journals are small, and a damaged size can be anything.
    const std::uint64_t left = file_bytes - std::min(file_bytes, offset);
    SKEIN_TRY(window, file.read_at(offset, std::min(left, std::max<std::uint64_t>(bytes, kScanPiece))));
    return bytes <= window.size();
  };
  while (true) {
    SKEIN_TRY(const bool has_header, at_least(kRecordHeaderBytes));
    if (!has_header) return offset;
    ByteReader reader(std::string_view(window).substr(offset - window_start, kRecordHeaderBytes));
    const std::uint32_t size = reader.u32();
    const std::uint32_t type = reader.u32();
    const std::uint64_t checksum = reader.u64();
    if (size > kMaxRecordBytes) return offset;
    SKEIN_TRY(const bool has_payload, at_least(kRecordHeaderBytes + size));
    if (!has_payload) return offset;
    const auto payload = std::string_view(window).substr(offset - window_start + kRecordHeaderBytes, size);
    if (record_checksum(type, payload) != checksum) return offset;
    const bool more = visit({offset, type, payload});
    offset += kRecordHeaderBytes + size;
    if (!more) return offset;
  }
}

Result<ScanEnd> scan_past_damage(const File& file, LogKind kind, std::uint64_t from,
                                 const std::function<bool(const Record& record, bool behind_damage)>& visit) {
  ScanEnd found;
  bool stopped = false;
  const auto take = [&](const Record& record) {
    stopped = !visit(record, !found.gaps.empty());
    return !stopped;
  };
  SKEIN_TRY(found.end, scan_records(file, kind, from, take));
  SKEIN_TRY(const std::uint64_t file_bytes, file.size());
  std::uint64_t budget = 8 * file_bytes;  // Of bytes to compute checksums of.
  while (!stopped && found.end >= kRecordLogHeaderBytes && found.end + kRecordHeaderBytes < file_bytes) {
    SKEIN_TRY(const auto rest, file.read_at(found.end, file_bytes - found.end));
    std::optional<std::uint64_t> next;
    for (std::size_t at = 1; at + kRecordHeaderBytes <= rest.size() && !next; ++at) {
      ByteReader reader(std::string_view(rest).substr(at));
      const std::uint32_t size = reader.u32();
      const std::uint32_t type = reader.u32();
      if (type == 0 || type > 255 || size > rest.size() - at - kRecordHeaderBytes) continue;
      const std::uint64_t checksum = reader.u64();
      if (size > budget) return found;
      budget -= size;
      if (record_checksum(type, reader.rest().substr(0, size)) == checksum) next = found.end + at;
    }
    if (!next) return found;
    found.gaps.push_back({found.end, *next});
    SKEIN_TRY(found.end, scan_records(file, kind, *next, take));
  }
  return found;
}

Result<std::string> read_record(const File& file, std::uint64_t offset, std::uint32_t payload_bytes) {
  SKEIN_TRY(auto bytes, file.read_at(offset, kRecordHeaderBytes + payload_bytes));
  ByteReader reader(bytes);
  const std::uint32_t size = reader.u32();
  const std::uint32_t type = reader.u32();
  const std::uint64_t checksum = reader.u64();
  if (!reader.ok() || size != payload_bytes || reader.rest().size() != payload_bytes ||
      record_checksum(type, reader.rest()) != checksum)
    return fail(Code::data_corrupt, "the record at byte {} is damaged", offset);
  bytes.erase(0, kRecordHeaderBytes);
  return bytes;
}

Result<std::optional<std::string>> last_record(const File& file, LogKind kind, std::uint32_t type) {
  SKEIN_TRY(const auto start, file.read_at(0, kRecordLogHeaderBytes));
  SKEIN_DO(check_header(start, kind));
  SKEIN_TRY(const std::uint64_t size, file.size());
  const std::uint64_t from = std::max(kRecordLogHeaderBytes, size - std::min(size, kTailBytes));
  if (size <= from) return std::optional<std::string>();
  SKEIN_TRY(const auto tail, file.read_at(from, size - from));
  // A header fits by its size and type here and there by chance; its checksum does not.
  for (std::size_t at = tail.size(); at-- > 0;) {
    if (tail.size() - at < kRecordHeaderBytes) continue;
    ByteReader reader(std::string_view(tail).substr(at));
    const std::uint32_t bytes = reader.u32();
    const std::uint32_t found = reader.u32();
    const std::uint64_t checksum = reader.u64();
    if (found != type || bytes != tail.size() - at - kRecordHeaderBytes) continue;
    if (record_checksum(type, reader.rest()) == checksum) return std::optional(tail.substr(at + kRecordHeaderBytes));
  }
  return std::optional<std::string>();
}

Result<RecordLogWriter> RecordLogWriter::open(FileSystem& files, std::string path, LogKind kind,
                                              std::uint64_t trusted_end) {
  SKEIN_TRY(auto file, files.open(path, OpenMode::append));
  SKEIN_TRY(const auto size, file->size());
  auto end = scan_records(*file, kind, trusted_end > size ? 0 : trusted_end, [](const Record&) { return true; });
  if (!end) return pass(std::move(end).error(), "while opening " + path);
  if (*end < size || *end == 0) SKEIN_DO(file->truncate(*end));
  RecordLogWriter writer(std::move(file), std::move(path), *end);
  if (*end == 0) writer.buffer_ = header(kind);
  return writer;
}

std::uint64_t RecordLogWriter::add(std::uint32_t type, std::string_view payload) {
  SKEIN_CHECK(payload.size() <= kMaxRecordBytes);
  const std::uint64_t offset = end();
  const auto size = static_cast<std::uint32_t>(payload.size());
  const std::uint64_t checksum = record_checksum(type, payload);
  buffer_.append(reinterpret_cast<const char*>(&size), sizeof size);
  buffer_.append(reinterpret_cast<const char*>(&type), sizeof type);
  buffer_.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  buffer_.append(payload);
  return offset;
}

Status RecordLogWriter::write() {
  if (*broken_) return fail(Code::io, "{} failed earlier and is not written any more", path_);
  if (buffer_.empty()) return {};
  if (auto status = file_->append(buffer_); !status) {
    // A part may be on the disk. Without it the log is as before; if even that fails, the next open cuts it off.
    if (!file_->truncate(written_)) *broken_ = true;
    return status;
  }
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status RecordLogWriter::sync() {
  if (*broken_) return fail(Code::io, "{} failed earlier and is not written any more", path_);
  if (auto status = file_->sync(); !status) {
    *broken_ = true;
    return status;
  }
  return {};
}

}  // namespace skein::store
