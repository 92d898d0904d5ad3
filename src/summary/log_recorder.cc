#include "summary/log_recorder.h"

#include "summary/summary_thread.h"

namespace skein::summary {

class LogRecorder::Work {
 public:
  Work(LogWriter taken, const SummarizerOptions& options) : summary(options), writer(std::move(taken)) { listen({}); }

  void listen(std::function<void(std::string_view)> decided) {
    writer.listen(std::move(decided), [this](std::string bytes) { summary.add(std::move(bytes)); });
  }

  SummaryThread summary;
  LogWriter writer;  // Goes first: a thread of its own hands bytes to the one above.
};

LogRecorder::LogRecorder(LogWriter writer, const SummarizerOptions& options)
    : work_(std::make_unique<Work>(std::move(writer), options)) {}
LogRecorder::~LogRecorder() = default;

void LogRecorder::listen(std::function<void(std::string_view)> decided) { work_->listen(std::move(decided)); }
Status LogRecorder::add(LogStream stream, std::int64_t at_us, std::string_view bytes) {
  return work_->writer.add(stream, at_us, bytes);
}
Status LogRecorder::flush() { return work_->writer.flush(); }

Result<LogRecorder::Recorded> LogRecorder::finish(LogEnd end, const RunFacts& facts) {
  Recorded recorded;
  SKEIN_TRY(recorded.end, work_->writer.finish(end));
  Summarizer& summarizer = work_->summary.close();
  recorded.summary = summarizer.finish(facts);
  recorded.baseline = summarizer.baseline();
  return recorded;
}

}  // namespace skein::summary
