// Stores an output and summarises it in one pass: secrets are replaced and frames compressed on the caller's thread,
// the summary is made on threads of their own from the stored bytes, so that a summary never holds what the log does
// not.
#pragma once

#include <memory>

#include "summary/log_store.h"
#include "summary/summarizer.h"

namespace skein::summary {

/// Not thread-safe. At most some MiB wait for the summary: `add` is held back until it has caught up.
class LogRecorder {
 public:
  /// `formats` may be null; what `options` refers to outlives the recorder.
  LogRecorder(LogWriter writer, const SummarizerOptions& options);
  ~LogRecorder();
  LogRecorder(const LogRecorder&) = delete;
  LogRecorder& operator=(const LogRecorder&) = delete;

  /// Gets every byte as it will be stored, as soon as it is decided. Before the first `add`.
  void listen(std::function<void(std::string_view)> decided);
  /// As LogWriter's.
  Status add(LogStream stream, std::int64_t at_us, std::string_view bytes);
  Status flush();

  struct Recorded {
    LogEnd end;
    Summary summary;
    std::string baseline;  ///< Summarizer::baseline.
  };
  /// Closes the log and the summary. Once.
  [[nodiscard]] Result<Recorded> finish(LogEnd end, const RunFacts& facts);

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace skein::summary
