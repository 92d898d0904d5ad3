#include "engine/group_commit.h"

#include <utility>

#include "base/check.h"

namespace skein::engine {

GroupCommit::GroupCommit(EventLoop& loop, Executor& disk, ResultStore& results, store::RecordLogWriter* journal,
                         GroupPolicy policy)
    : loop_(loop), disk_(disk), results_(results), journal_(journal), policy_(policy) {}

GroupCommit::~GroupCommit() {
  if (armed_) loop_.cancel(timer_);
  SKEIN_CHECK(!flushing_);
}

void GroupCommit::append(const JournalRecord& record) {
  open_.push_back({type_of(record), encode(record)});
  ++appended_;
  arm();
}

void GroupCommit::when_durable(std::move_only_function<void(Status)> done) {
  waiters_.push_back({appended_, std::move(done)});
  // Somebody waits: there is no reason to let the window run out.
  flush();
}

void GroupCommit::arm() {
  if (open_.size() >= policy_.records) return flush();
  if (armed_ || flushing_) return;
  armed_ = true;
  timer_ = loop_.call_at(loop_.now() + policy_.window, [this] {
    armed_ = false;
    flush();
  });
}

void GroupCommit::flush() {
  if (flushing_) {
    flush_again_ = true;
    return;
  }
  if (armed_) {
    loop_.cancel(timer_);
    armed_ = false;
  }
  flushing_ = true;
  // The first one makes durable what the journal was begun with, also where nothing was added.
  const bool first = groups_++ == 0;
  disk_.submit([this, first, group = std::exchange(open_, {}), upto = appended_, status = failed_]() mutable {
    if (status) status = results_.flush();  // After a failure nothing more is written: the journal has no holes.
    if (status && journal_ != nullptr && (first || !group.empty())) {
      for (const auto& record : group) journal_->add(record.type, record.payload);
      status = journal_->write();
      if (status) status = journal_->sync();
    }
    loop_.post([this, upto, status = std::move(status)]() mutable { flushed(upto, std::move(status)); });
  });
}

void GroupCommit::flushed(std::uint64_t upto, Status status) {
  flushing_ = false;
  if (!status && failed_) failed_ = std::move(status);
  if (failed_) durable_ = upto;
  // Each waiter may append and wait again.
  std::vector<Waiter> ready;
  while (!waiters_.empty() && (!failed_ || waiters_.front().upto <= durable_)) {
    ready.push_back(std::move(waiters_.front()));
    waiters_.pop_front();
  }
  for (auto& waiter : ready) waiter.done(failed_);
  if (flushing_ || !failed_) return;  // After a failure nothing is left to do: everybody was told.
  const bool again = std::exchange(flush_again_, false) && !open_.empty();
  if (again || !waiters_.empty()) {
    flush();
  } else if (!open_.empty()) {
    arm();
  }
}

}  // namespace skein::engine
