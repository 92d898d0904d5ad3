// A Summarizer on a thread of its own, behind a queue that is bounded: who brings the bytes (a command's output, a
// file) has its own work to do with them, and both go on at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "summary/summarizer.h"

namespace skein::summary {

/// `add` and `close` come from one thread at a time.
class SummaryThread {
 public:
  /// What `options` refers to outlives it.
  explicit SummaryThread(const SummarizerOptions& options) : summarizer_(options) {}
  ~SummaryThread() { close(); }
  SummaryThread(const SummaryThread&) = delete;
  SummaryThread& operator=(const SummaryThread&) = delete;

  /// The next bytes. Waits while 1 MiB is waiting. The thread starts when there is enough to do for one.
  void add(std::string bytes);
  /// All that was added is in the summary afterwards, and it is the caller's.
  Summarizer& close();

 private:
  void work();

  Summarizer summarizer_;  // Belongs to the thread from its start to its end.
  std::size_t handed_ = 0;
  std::mutex mutex_;  // Guards the three below.
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool closed_ = false;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace skein::summary
