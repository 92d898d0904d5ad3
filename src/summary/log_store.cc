#include "summary/log_store.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <limits>
#include <utility>

#include <fmt/chrono.h>
#include <zstd.h>

#include "base/bytes.h"
#include "summary/frame_writer.h"

namespace skein::summary {
namespace {

using engine::Json;

constexpr std::uint32_t kStart = 1;
constexpr std::uint32_t kFrame = FrameWriter::kFrameRecord;
constexpr std::uint32_t kIndex = 3;
constexpr std::uint32_t kEnd = 4;
constexpr std::size_t kFrameBytes = std::size_t{256} << 10;
constexpr std::uint64_t kMostFrameBytes = std::uint64_t{64} << 20;  // A frame that claims more is damaged.
constexpr std::size_t kIdBytes = 6;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <class T>
Result<T> parsed(std::string_view text) {
  SKEIN_TRY(const Json json, engine::parse_json(text));
  T value{};
  SKEIN_DO(engine::read_json(json, value));
  return value;
}

/// A frame's payload, taken apart and unpacked.
struct FrameContent {
  std::vector<LogSegment> segments;
  std::vector<LogSecret> secrets;
  std::string raw;
  std::uint64_t raw_offset = 0, line_breaks = 0;
};

Result<FrameContent> decode_frame(std::string_view payload, bool unpack) {
  FrameContent frame;
  ByteReader reader(payload);
  frame.raw_offset = reader.u64();
  frame.line_breaks = reader.u64();
  const std::uint64_t raw_bytes = reader.varint();
  for (std::size_t i = reader.count(3); i > 0; --i) {
    LogSegment segment;
    segment.stream = static_cast<LogStream>(reader.u8());
    segment.at_us = static_cast<std::int64_t>(reader.varint());
    segment.size = reader.varint();
    frame.segments.push_back(segment);
  }
  for (std::size_t i = reader.count(3); i > 0; --i) {
    LogSecret secret;
    secret.offset = reader.varint();
    secret.length = reader.varint();
    secret.rule = reader.text();
    frame.secrets.push_back(std::move(secret));
  }
  if (!reader.ok() || raw_bytes > kMostFrameBytes) return fail(Code::data_corrupt, "a frame of the log is damaged");
  frame.raw.resize(unpack ? raw_bytes : 0);
  if (!unpack) return frame;
  const std::size_t got =
      ZSTD_decompress(frame.raw.data(), frame.raw.size(), reader.rest().data(), reader.rest().size());
  if (ZSTD_isError(got) != 0 || got != raw_bytes) return fail(Code::data_corrupt, "a frame of the log is damaged");
  return frame;
}

}  // namespace

struct LogWriter::Work {
  FrameWriter frames;
  bool keep_secrets;
  text::SecretStream secrets{};
  std::deque<LogSegment> arrived{};  // Input that is not given out yet, by its sizes in the input.
  std::uint64_t taken = 0;           // Input bytes given out.
  std::uint64_t received = 0;
  LogFrame frame{};  // That is being filled.
  std::function<void(std::string_view)> on_decided{};

  explicit Work(store::RecordLogWriter writer, bool keep) : frames(std::move(writer)), keep_secrets(keep) {}

  void append_segment(const LogSegment& from, std::uint64_t size) {
    if (size == 0) return;
    std::vector<LogSegment>& segments = frame.segments;
    if (!segments.empty() && segments.back().stream == from.stream && segments.back().at_us == from.at_us)
      segments.back().size += size;
    else
      segments.push_back({from.stream, from.at_us, size});
  }

  /// Divides what came out among the pieces that went in: a mark belongs to the piece in which its secret begins.
  void attribute(std::uint64_t upto, const std::vector<text::SecretSpan>& spans) {
    std::size_t next = 0;
    std::uint64_t covered = taken;  // Input before it is accounted for.
    while (taken < upto && !arrived.empty()) {
      LogSegment& piece = arrived.front();
      const std::uint64_t end = std::min(upto, taken + piece.size);
      std::uint64_t size = 0;
      while (next < spans.size() && spans[next].offset < end) {
        size += spans[next].offset - covered + spans[next].kind.size() + std::string_view("[redacted:]").size();
        covered = spans[next].offset + spans[next].size;
        ++next;
      }
      if (covered < end) {
        size += end - covered;
        covered = end;
      }
      append_segment(piece, size);
      piece.size -= end - taken;
      taken = end;
      if (piece.size == 0) arrived.pop_front();
    }
  }

  Status take(LogStream stream, std::int64_t at_us, std::string_view bytes, bool final) {
    if (!bytes.empty()) arrived.push_back({stream, at_us, bytes.size()});
    received += bytes.size();
    std::vector<text::SecretSpan> spans;
    std::uint64_t upto = received;
    std::string& raw = frame.raw;
    const std::size_t before = raw.size();
    if (keep_secrets) {
      raw.append(bytes);
    } else {
      secrets.feed(bytes, raw, spans);
      if (final)
        secrets.finish(raw, spans);
      else
        upto -= secrets.pending();
    }
    attribute(upto, spans);
    for (const auto& span : spans) frame.secrets.push_back({span.offset, span.size, std::string(span.kind)});
    if (on_decided && raw.size() > before) on_decided(std::string_view(raw).substr(before));
    return raw.size() >= kFrameBytes ? write_frame() : Status();
  }

  Status write_frame() {
    if (frame.raw.empty() && frame.secrets.empty()) return {};
    LogFrame full = std::exchange(frame, {});
    if (full.raw.size() >= kFrameBytes) frame.raw.reserve(full.raw.capacity());  // As large a one follows.
    return frames.add(std::move(full));
  }
};

LogWriter::LogWriter(std::unique_ptr<Work> work) : work_(std::move(work)) {}
LogWriter::~LogWriter() = default;
LogWriter::LogWriter(LogWriter&&) noexcept = default;
LogWriter& LogWriter::operator=(LogWriter&&) noexcept = default;

Result<LogWriter> LogWriter::create(FileSystem& files, const std::string& folder, LogStart start,
                                    const std::string& time_name) {
  SKEIN_DO(files.make_directories(folder));
  if (!start.keep_secrets) {
    for (std::string& word : start.command) word = text::redact(word);
  }
  const std::string path = join_path(folder, fmt::format("{}-{}.log", time_name, start.id));
  SKEIN_TRY(auto records, store::RecordLogWriter::open(files, path, store::LogKind::log));
  records.add(kStart, dumped(engine::write_json(start)));
  SKEIN_DO(records.write());
  return LogWriter(std::make_unique<Work>(std::move(records), start.keep_secrets));
}

void LogWriter::listen(std::function<void(std::string_view)> decided, std::function<void(std::string)> stored) {
  work_->on_decided = std::move(decided);
  work_->frames.listen(std::move(stored));
}

Status LogWriter::add(LogStream stream, std::int64_t at_us, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kFrameBytes);
    SKEIN_DO(work_->take(stream, std::max<std::int64_t>(at_us, 0), piece, false));
    bytes.remove_prefix(piece.size());
  }
  return {};
}

Status LogWriter::flush() {
  SKEIN_DO(work_->write_frame());
  return work_->frames.flush();
}

Result<LogEnd> LogWriter::finish(LogEnd end) {
  SKEIN_DO(work_->take(LogStream::out, 0, {}, true));
  SKEIN_DO(flush());
  const FrameWriter::Written& written = work_->frames.written();
  store::RecordLogWriter& records = work_->frames.records();
  end.bytes = written.bytes;
  end.lines = written.line_breaks + (written.ends_in_break ? 0 : 1);
  end.secrets = written.secrets;
  ByteWriter index;
  index.varint(written.frames);
  const std::string bytes = index.take().append(written.index.view());
  end.index_offset = records.add(kIndex, bytes);
  end.index_bytes = static_cast<std::uint32_t>(bytes.size());
  records.add(kEnd, dumped(engine::write_json(end)));
  SKEIN_DO(records.write());
  SKEIN_DO(records.sync());
  return end;
}

namespace {

Result<LogStart> read_start(const File& file, const std::string& path) {
  std::string text;
  SKEIN_DO(store::scan_records(file, store::LogKind::log, 0, [&](const store::Record& record) {
    if (record.type == kStart) text = record.payload;
    return false;
  }));
  auto start = parsed<LogStart>(text);
  if (!start) return fail(Code::data_corrupt, "{} has no readable beginning", path);
  return start;
}

}  // namespace

namespace {

constexpr std::string_view kReferenceEnding = ".ref";

LogStart start_of(const LogReference& reference) {
  LogStart start;
  start.id = reference.id;
  start.command = {reference.path};
  start.directory = parent_path(reference.path);
  start.started_us = reference.at_us;
  return start;
}

}  // namespace

Result<LogReader> LogReader::open_reference(FileSystem& files, const std::string& path) {
  LogReader reader;
  SKEIN_TRY(LogReference reference, read_reference(files, path));
  SKEIN_TRY(reader.changed_, change_of(files, reference));
  reader.start_ = start_of(reference);
  reader.bytes_ = static_cast<std::uint64_t>(reference.bytes);
  reader.lines_ = static_cast<std::uint64_t>(reference.lines);
  reader.files_ = &files;
  reader.reference_ = std::move(reference);
  return reader;
}

Result<LogEnds> LogReader::open_ends(FileSystem& files, const std::string& path) {
  if (path.ends_with(kReferenceEnding)) {
    SKEIN_TRY(const LogReference reference, read_reference(files, path));
    return LogEnds{start_of(reference), {}};
  }
  SKEIN_TRY(const auto file, files.open(path, OpenMode::read));
  LogEnds ends;
  SKEIN_TRY(ends.start, read_start(*file, path));
  SKEIN_TRY(const auto last, store::last_record(*file, store::LogKind::log, kEnd));
  if (last) {
    if (auto end = parsed<LogEnd>(*last)) ends.end = std::move(*end);
  }
  return ends;
}

Result<LogReader> LogReader::open(FileSystem& files, const std::string& path) {
  if (path.ends_with(kReferenceEnding)) return open_reference(files, path);
  LogReader reader;
  SKEIN_TRY(reader.file_, files.open(path, OpenMode::read));
  auto parsed_start = read_start(*reader.file_, path);
  if (!parsed_start) return std::unexpected(std::move(parsed_start).error());
  reader.start_ = std::move(*parsed_start);
  if (reader.start_.format > kLogFormat)
    return fail(Code::unsupported_version, "{} was written by a newer skein (format {}, this one reads {})", path,
                reader.start_.format, kLogFormat);
  SKEIN_TRY(const auto last, store::last_record(*reader.file_, store::LogKind::log, kEnd));
  if (last) {
    SKEIN_TRY(reader.end_, parsed<LogEnd>(*last));
    const auto index = store::read_record(*reader.file_, reader.end_->index_offset, reader.end_->index_bytes);
    if (index && reader.read_index(*index)) {
      reader.bytes_ = reader.end_->bytes;
      reader.lines_ = reader.end_->lines;
      return reader;
    }
  }
  SKEIN_DO(reader.find_frames());
  return reader;
}

Status LogReader::read_index(std::string_view index) {
  ByteReader reader(index);
  std::vector<Frame> frames;
  for (std::size_t i = reader.count(4); i > 0; --i) {
    Frame frame;
    frame.offset = reader.varint();
    frame.payload = static_cast<std::uint32_t>(reader.varint());
    frame.raw_offset = reader.varint();
    frame.line_breaks = reader.varint();
    frames.push_back(frame);
  }
  SKEIN_DO(reader.finish("index of a log"));
  frames_ = std::move(frames);
  return {};
}

Status LogReader::find_frames() {
  Status status;
  frames_.clear();
  SKEIN_DO(store::scan_records(*file_, store::LogKind::log, 0, [&](const store::Record& record) {
    if (record.type != kFrame) return true;
    auto frame = decode_frame(record.payload, true);
    if (!frame) {
      status = std::unexpected(std::move(frame).error());
      return false;
    }
    frames_.push_back(
        {record.offset, static_cast<std::uint32_t>(record.payload.size()), frame->raw_offset, frame->line_breaks});
    bytes_ = frame->raw_offset + frame->raw.size();
    lines_ = frame->line_breaks + line_breaks_in(frame->raw) + (frame->raw.ends_with('\n') ? 0 : 1);
    return true;
  }));
  return status;
}

std::uint64_t LogReader::bytes() const { return bytes_; }
std::uint64_t LogReader::lines() const { return lines_; }

Status LogReader::pieces(std::uint64_t first, std::uint64_t last,
                         const std::function<bool(const LogPiece&)>& visit) const {
  if (reference_) return pieces_of_file(*files_, reference_->path, first, last, visit);
  if (first == 0 || last < first) return {};
  // The last frame that begins in or before the line: `line_breaks` lines are complete before it.
  auto at = std::upper_bound(frames_.begin(), frames_.end(), first - 1,
                             [](std::uint64_t breaks, const Frame& frame) { return breaks < frame.line_breaks; });
  if (at != frames_.begin()) --at;
  // A line may begin in an earlier frame of the same count.
  while (at != frames_.begin() && at->line_breaks == first - 1) --at;
  for (; at != frames_.end() && at->line_breaks < last; ++at) {
    SKEIN_TRY(const std::string payload, store::read_record(*file_, at->offset, at->payload));
    SKEIN_TRY(const FrameContent frame, decode_frame(payload, true));
    std::uint64_t line = frame.line_breaks + 1;
    std::size_t offset = 0;
    for (const LogSegment& segment : frame.segments) {
      if (offset + segment.size > frame.raw.size()) return fail(Code::data_corrupt, "a frame of the log is damaged");
      std::string_view bytes = std::string_view(frame.raw).substr(offset, segment.size);
      offset += segment.size;
      while (line < first && !bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
        ++line;
      }
      if (line < first || bytes.empty()) continue;
      std::size_t size = 0;
      if (last == std::numeric_limits<std::uint64_t>::max()) {
        size = bytes.size();
      } else {
        while (size < bytes.size() && line <= last) {
          const std::size_t end = bytes.find('\n', size);
          size = end == std::string_view::npos ? bytes.size() : end + 1;
          if (end != std::string_view::npos) ++line;
        }
      }
      if (size > 0 && !visit({segment.stream, segment.at_us, bytes.substr(0, size)})) return {};
      if (line > last) return {};
    }
  }
  return {};
}

Result<std::vector<LogSecret>> LogReader::secrets() const {
  std::vector<LogSecret> all;
  if (reference_) {
    constexpr auto kEnd = std::numeric_limits<std::uint64_t>::max();
    SKEIN_DO(pieces_of_file(*files_, reference_->path, 1, kEnd, [](const LogPiece&) { return true; }, &all));
    return all;
  }
  for (const Frame& one : frames_) {
    SKEIN_TRY(const std::string payload, store::read_record(*file_, one.offset, one.payload));
    SKEIN_TRY(FrameContent frame, decode_frame(payload, false));
    std::move(frame.secrets.begin(), frame.secrets.end(), std::back_inserter(all));
  }
  return all;
}

std::string log_folder(const std::string& state) { return join_path(state, "logs"); }

Result<std::vector<LogFile>> list_logs(FileSystem& files, const std::string& folder) {
  std::vector<LogFile> logs;
  const auto entries = files.list(folder);
  if (!entries && entries.error().code() == Code::not_found) return logs;
  if (!entries) return std::unexpected(entries.error());
  for (const auto& entry : *entries) {
    const std::size_t dash = entry.name.rfind('-');
    const bool is_reference = entry.name.ends_with(kReferenceEnding);
    if (entry.is_directory || (!is_reference && !entry.name.ends_with(".log")) || dash == std::string::npos) continue;
    logs.push_back({entry.name.substr(dash + 1, entry.name.size() - dash - 5), join_path(folder, entry.name),
                    entry.name.substr(0, dash), is_reference});
  }
  std::ranges::reverse(logs);
  return logs;
}

Result<LogFile> find_log(FileSystem& files, const std::string& folder, std::string_view id) {
  SKEIN_TRY(const auto logs, list_logs(files, folder));
  const auto see = [](Error error) { return std::unexpected(std::move(error).or_do("see `skein log list`")); };
  if (logs.empty()) return see(Error(Code::not_found, "there are no logs yet"));
  if (id == "last") {
    const auto last = std::ranges::find(logs, false, &LogFile::is_reference);
    if (last == logs.end()) return see(Error(Code::not_found, "no output of a command was stored yet"));
    return *last;
  }
  std::vector<LogFile> fitting;
  for (const LogFile& log : logs)
    if (log.id.starts_with(id)) fitting.push_back(log);
  if (id.empty() || fitting.empty()) return see(Error(Code::not_found, fmt::format("there is no log \"{}\"", id)));
  if (fitting.size() > 1)
    return see(Error(Code::invalid_argument, fmt::format("{} logs begin with \"{}\", such as {} and {}", fitting.size(),
                                                         id, fitting[0].id, fitting[1].id)));
  return fitting.front();
}

std::string log_time_name(WallTime at) {
  const auto since = at.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  return fmt::format("{:%Y%m%d-%H%M%S}.{:06}", fmt::gmtime(seconds.count()),
                     std::chrono::duration_cast<Micros>(since - seconds).count());
}

Result<std::string> new_log_id(FileSystem& files, const std::string& folder, std::uint64_t random) {
  SKEIN_TRY(const auto logs, list_logs(files, folder));
  for (;; ++random) {
    std::string id = fmt::format("{:016x}", random * 0x9E3779B97F4A7C15U).substr(0, kIdBytes);
    if (std::ranges::none_of(logs, [&](const LogFile& log) { return log.id == id; })) return id;
  }
}

}  // namespace skein::summary
