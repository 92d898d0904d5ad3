// Whole outputs of commands and steps, stored: compressed in frames, so that a range of lines of a large log is found
// without reading the rest; byte for byte, but for secrets, which are replaced before anything reaches the disk.
//
//   file    = a record log of kind `log` (store/record_log.h), named <time>-<id>.log in <state>/logs
//   records = start, frame*, index, end; without `index` and `end` the writer was killed, and the frames are found by
//             reading them all
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/schema.h"
#include "store/record_log.h"
#include "summary/log_reference.h"
#include "text/redact.h"

namespace skein::summary {

inline constexpr int kLogFormat = 1;

enum class LogStream : std::uint8_t {
  out = 1,
  err = 2,
  terminal = 3,  ///< Both, merged by a terminal.
};

/// The first record.
struct LogStart {
  int format = kLogFormat;
  std::string id;
  std::vector<std::string> command;
  std::string directory;
  std::int64_t started_us = 0;  ///< Since 1970, UTC.
  bool terminal = false;        ///< One merged stream.
  bool keep_secrets = false;    ///< Secrets stand in it as they came.
  std::string run = {};         ///< Of a step's output: the run,
  std::string step = {};        ///< and the step. Empty for a command.

  template <class V>
  static void describe(V& v) {
    v.field("format", &LogStart::format, "Version of the stored form.");
    v.field("id", &LogStart::id, "Names the log; a unique beginning will do.");
    v.field("command", &LogStart::command, "What was run; secrets in it are marked.");
    v.field("directory", &LogStart::directory, "Where it was run.");
    v.field("started_us", &LogStart::started_us, "When, in microseconds since 1970.");
    v.field("terminal", &LogStart::terminal, "True if both streams came through a terminal, merged.");
    v.field("keep_secrets", &LogStart::keep_secrets, "True if secrets were stored as they came.");
    v.field("run", &LogStart::run, "The run whose step printed it; empty for a command.");
    v.field("step", &LogStart::step, "The step that printed it; empty for a command.");
  }
};

/// The last record.
struct LogEnd {
  int exit_code = 0;
  std::optional<int> signal;
  bool timed_out = false;
  std::int64_t wall_us = 0;
  std::uint64_t bytes = 0;  ///< As stored, secrets replaced.
  std::uint64_t lines = 0;  ///< An unfinished last one counts.
  std::uint64_t secrets = 0;
  std::uint64_t index_offset = 0;
  std::uint32_t index_bytes = 0;

  template <class V>
  static void describe(V& v) {
    v.field("exit_code", &LogEnd::exit_code, "As the shell says it: 128 + signal for a killed command.");
    v.field("signal", &LogEnd::signal, "That killed the command.");
    v.field("timed_out", &LogEnd::timed_out, "True if it was ended by its time limit.");
    v.field("wall_us", &LogEnd::wall_us, "How long it ran.");
    v.field("bytes", &LogEnd::bytes, "Of the log, secrets replaced.");
    v.field("lines", &LogEnd::lines, "Of the log.");
    v.field("secrets", &LogEnd::secrets, "How many were replaced.");
    v.field("index_offset", &LogEnd::index_offset, "Where the index of frames lies in the file.");
    v.field("index_bytes", &LogEnd::index_bytes, "Of the index.");
  }
};

/// A replaced secret: `[redacted:RULE]` stands in the log where `length` bytes stood at `offset` of the output.
struct LogSecret {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string rule;
};

/// Bytes of one stream that came at one time.
struct LogPiece {
  LogStream stream = LogStream::out;
  std::int64_t at_us = 0;  ///< Since the start.
  std::string_view bytes;
};

/// Writes one log. Not thread-safe. After an error it takes no more; what was written stays readable.
class LogWriter {
 public:
  /// Makes the file. Errors: of the file system.
  [[nodiscard]] static Result<LogWriter> create(FileSystem& files, const std::string& folder, LogStart start,
                                                const std::string& time_name);
  ~LogWriter();
  LogWriter(LogWriter&&) noexcept;
  LogWriter& operator=(LogWriter&&) noexcept;

  /// From now on `decided` gets all that is stored, secrets replaced, as soon as it is decided; `stored` gets it again
  /// in large pieces when they have gone to the file, perhaps on another thread, until `finish` or the end of this
  /// object. Either may be empty.
  void listen(std::function<void(std::string_view)> decided, std::function<void(std::string)> stored);
  /// The next bytes in the order of their arrival.
  Status add(LogStream stream, std::int64_t at_us, std::string_view bytes);
  /// Hands what is decided to the system, so that it survives this process.
  Status flush();
  /// Closes the log and makes it durable. `end` is completed with what the writer counted.
  Result<LogEnd> finish(LogEnd end);

 private:
  struct Work;
  explicit LogWriter(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

/// How a log begins and ends.
struct LogEnds {
  LogStart start;
  std::optional<LogEnd> end;
};

/// Reads a stored log, complete or not, or the file that one refers to (log_reference.h): such a log has no end.
class LogReader {
 public:
  /// Reads only the two, so that hundreds of logs are looked through at once. Errors: as `open`.
  [[nodiscard]] static Result<LogEnds> open_ends(FileSystem& files, const std::string& path);
  /// Errors: `data_corrupt`, `unsupported_version`; of the file system; `not_found` for a file that is gone.
  [[nodiscard]] static Result<LogReader> open(FileSystem& files, const std::string& path);

  [[nodiscard]] const LogStart& start() const { return start_; }
  /// None: its writer was killed or still writes, or it is a reference.
  [[nodiscard]] const std::optional<LogEnd>& end() const { return end_; }
  [[nodiscard]] bool is_reference() const { return reference_.has_value(); }
  /// What people are told of a file that has changed since it was summarised; empty of any other log.
  [[nodiscard]] const std::string& changed() const { return changed_; }
  [[nodiscard]] std::uint64_t bytes() const;
  /// Lines, an unfinished last one included.
  [[nodiscard]] std::uint64_t lines() const;
  /// The pieces of the lines [first, last] (from 1, inclusive), cut at lines, until `visit` returns false. Reads only
  /// the frames that hold them. Errors: `data_corrupt` for a damaged frame.
  Status pieces(std::uint64_t first, std::uint64_t last, const std::function<bool(const LogPiece&)>& visit) const;
  /// Every replaced secret, in order. Reads all frames.
  [[nodiscard]] Result<std::vector<LogSecret>> secrets() const;

 private:
  struct Frame {
    std::uint64_t offset = 0;       // Of the record.
    std::uint32_t payload = 0;      // Of the record.
    std::uint64_t raw_offset = 0;   // Of its first byte in the log.
    std::uint64_t line_breaks = 0;  // Before it.
  };
  [[nodiscard]] static Result<LogReader> open_reference(FileSystem& files, const std::string& path);
  Status find_frames();
  Status read_index(std::string_view index);

  std::unique_ptr<File> file_;
  FileSystem* files_ = nullptr;  // Of a reference.
  std::optional<LogReference> reference_;
  std::string changed_;
  LogStart start_;
  std::optional<LogEnd> end_;
  std::vector<Frame> frames_;
  std::uint64_t bytes_ = 0, lines_ = 0;
};

/// A log of a state folder.
struct LogFile {
  std::string id;
  std::string path;
  std::string when;  ///< Its time, so that texts sort as times.
  bool is_reference = false;
};

/// The folder of logs in a state folder.
[[nodiscard]] std::string log_folder(const std::string& state);
/// All logs, the newest first.
[[nodiscard]] Result<std::vector<LogFile>> list_logs(FileSystem& files, const std::string& folder);
/// The log that a user means: the unique beginning of an id, or "last", the last that is no reference. Errors:
/// `not_found`, `invalid_argument` for a beginning that several have.
[[nodiscard]] Result<LogFile> find_log(FileSystem& files, const std::string& folder, std::string_view id);
/// "20261121-010203.000123": sorts as the time.
[[nodiscard]] std::string log_time_name(WallTime at);
/// Six hexadecimal digits that no log in the folder begins with.
[[nodiscard]] Result<std::string> new_log_id(FileSystem& files, const std::string& folder, std::uint64_t random);

}  // namespace skein::summary
