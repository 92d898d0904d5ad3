// A Summarizer on threads of its own, behind a queue that is bounded: who brings the bytes (a command's output, a file)
// has its own work to do with them, one thread looks for words, which needs nothing of what came before, and one does
// the rest in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "summary/summarizer.h"

namespace skein::summary {

/// `add`, `room` and `close` come from one thread at a time.
class SummaryThread {
 public:
  /// What `options` refers to outlives it.
  explicit SummaryThread(const SummarizerOptions& options) : summarizer_(options) {}
  ~SummaryThread() { close(); }
  SummaryThread(const SummaryThread&) = delete;
  SummaryThread& operator=(const SummaryThread&) = delete;

  /// The next bytes. Waits while 1 MiB is waiting. The threads start when there is enough to do for them.
  void add(std::string bytes);
  /// A string that was added before and is not needed any more, or an empty one: memory that is in use already.
  [[nodiscard]] std::string room();
  /// All that was added is in the summary afterwards, and it is the caller's.
  Summarizer& close();

 private:
  struct Piece {
    std::string bytes;
    std::size_t lines = 0;  // Bytes at its beginning that are whole lines, and scanned.
    ScannedLines scanned;
  };
  void scan();
  void work();

  Summarizer summarizer_;  // Belongs to `worker_` from its start to its end.
  std::size_t handed_ = 0;
  std::mutex mutex_;  // Guards the six below.
  std::deque<std::string> arrived_;
  std::deque<Piece> scanned_;
  std::size_t waiting_bytes_ = 0;
  bool closed_ = false, scanned_all_ = false;
  std::vector<std::string> used_bytes_;
  std::vector<ScannedLines> used_lines_;
  std::condition_variable has_room_, has_arrived_, has_scanned_;  // Of one waiting thread each.
  std::thread scanner_, worker_;
};

}  // namespace skein::summary
