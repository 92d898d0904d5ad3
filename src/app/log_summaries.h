// Summaries of stored logs: made again from what is stored, compared with the last good run of the same command, and
// counted for `skein log stats`.
#pragma once

#include <string>
#include <vector>

#include "app/services.h"
#include "summary/log_store.h"
#include "summary/render.h"
#include "summary/summarizer.h"

namespace skein::app {

/// The summary of a stored log, with the recognisers of the workspace and what is known of its end.
[[nodiscard]] Result<summary::Summary> summary_of_log(const Services& services, const engine::Context& context,
                                                      const summary::LogReader& log);

/// `Summarizer::baseline()` of the last run before `start` of its command in its folder that ended with 0, among the
/// 200 logs before it: as it was kept beside that log, or made again where none was and the log is at most 16 MiB long.
/// Empty where there is none. Errors: of the file system, but for a log that cannot be read: it counts as none.
[[nodiscard]] Result<std::string> baseline_before(const Services& services, const std::string& folder,
                                                  const summary::LogStart& start);
/// Keeps it beside the log.
Status keep_baseline(FileSystem& files, const std::string& log_path, const std::string& baseline);
/// Removes a log and what stands beside it.
Status remove_log(FileSystem& files, const std::string& log_path);

/// The beginning and the end of what was summarised, from which its tokens are reckoned where it is large.
class TextSample {
 public:
  /// About so many bytes will be added, where that is known: then what is no sample is not copied.
  void expect(std::uint64_t bytes) { expected_ = bytes; }
  void add(std::string_view bytes);
  [[nodiscard]] std::string text() const { return begin_ + end_; }

 private:
  std::uint64_t expected_ = 0, added_ = 0;
  std::string begin_, end_;
};

/// Notes what a summary of a file (with the id of its reference, if it has one), or of what came in, cost and saved. As
/// `note_summary` of a log.
void note_summary(const Services& services, const std::string& folder, const std::string& id, const std::string& source,
                  const TextSample& sample, const summary::Summary& made, std::string_view printed, Micros wall);
/// Notes what a summary of `log` cost and saved. Only statistics: what cannot be written is left out.
void note_summary(const Services& services, const std::string& folder, const summary::LogReader& log,
                  const summary::Summary& made, std::string_view printed, Micros wall);

}  // namespace skein::app
