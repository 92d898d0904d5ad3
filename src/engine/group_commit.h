// Durability in groups: blobs and results first, then the journal's records, one sync each for all steps of a few
// milliseconds. Steps go on meanwhile; effects ask to be told.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/executor.h"
#include "engine/journal.h"
#include "engine/result_store.h"

namespace skein::engine {

struct GroupPolicy {
  Millis window{5};            ///< From a group's first record to its sync, in [1, 10].
  std::size_t records = 4096;  ///< A group is closed when it holds as many.
};

/// Belongs to the loop's thread; the slow part runs on `disk`, an executor of width 1.
class GroupCommit {
 public:
  /// All must outlive it. `journal` may be null: then results alone are made durable.
  GroupCommit(EventLoop& loop, Executor& disk, ResultStore& results, store::RecordLogWriter* journal,
              GroupPolicy policy);
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  /// Adds a record to the open group.
  void append(const JournalRecord& record);
  /// Calls `done` on the loop when everything appended so far is durable, or with the error that prevents it. After an
  /// error every later call gets it too: nothing more of this run is promised.
  void when_durable(std::move_only_function<void(Status)> done);
  /// Records appended, and of these how many are durable.
  [[nodiscard]] std::uint64_t appended() const { return appended_; }
  [[nodiscard]] std::uint64_t durable() const { return durable_; }
  [[nodiscard]] std::uint64_t groups() const { return groups_; }
  /// True while a group is open or on its way: the loop must go on.
  [[nodiscard]] bool busy() const { return flushing_ || !open_.empty() || !waiters_.empty(); }

 private:
  struct Raw {
    std::uint32_t type;
    std::string payload;
  };
  struct Waiter {
    std::uint64_t upto;
    std::move_only_function<void(Status)> done;
  };
  void arm();
  void flush();
  void flushed(std::uint64_t upto, Status status);

  EventLoop& loop_;
  Executor& disk_;
  ResultStore& results_;
  store::RecordLogWriter* journal_;
  GroupPolicy policy_;
  std::vector<Raw> open_;
  std::deque<Waiter> waiters_;
  std::uint64_t appended_ = 0;
  std::uint64_t durable_ = 0;
  std::uint64_t groups_ = 0;
  bool armed_ = false;
  EventLoop::TimerId timer_ = 0;
  bool flushing_ = false;
  bool flush_again_ = false;
  Status failed_;
};

}  // namespace skein::engine
