#include "summary/summary_thread.h"

namespace skein::summary {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{1} << 20;
constexpr std::size_t kFewBytes = std::size_t{1} << 20;  ///< Most outputs are short: they need no thread.

}  // namespace

void SummaryThread::add(std::string bytes) {
  if (!thread_.joinable()) {
    handed_ += bytes.size();
    if (handed_ < kFewBytes) return summarizer_.add(bytes);
    thread_ = std::thread([this] { work(); });
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_bytes_ < kMostWaiting; });
  waiting_bytes_ += bytes.size();
  waiting_.push_back(std::move(bytes));
  lock.unlock();
  changed_.notify_all();
}

Summarizer& SummaryThread::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  return summarizer_;
}

void SummaryThread::work() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::string bytes = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    summarizer_.add(bytes);
    lock.lock();
    waiting_bytes_ -= bytes.size();
    lock.unlock();
    changed_.notify_all();
  }
}

}  // namespace skein::summary
