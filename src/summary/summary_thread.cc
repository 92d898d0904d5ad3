#include "summary/summary_thread.h"

namespace skein::summary {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{1} << 20;
constexpr std::size_t kFewBytes = std::size_t{1} << 20;  ///< Most outputs are short: they need no threads.
constexpr std::size_t kMostUsed = 8;                     ///< Of the strings and lists that are kept to be used again.

template <class T>
T taken(std::vector<T>& used) {
  if (used.empty()) return {};
  T one = std::move(used.back());
  used.pop_back();
  return one;
}

template <class T>
void give_back(std::vector<T>& used, T one) {
  if (used.size() < kMostUsed) used.push_back(std::move(one));
}

}  // namespace

void SummaryThread::add(std::string bytes) {
  if (!worker_.joinable()) {
    handed_ += bytes.size();
    if (handed_ < kFewBytes) return summarizer_.add(bytes);
    scanner_ = std::thread([this] { scan(); });
    worker_ = std::thread([this] { work(); });
  }
  std::unique_lock lock(mutex_);
  has_room_.wait(lock, [&] { return waiting_bytes_ < kMostWaiting; });
  waiting_bytes_ += bytes.size();
  arrived_.push_back(std::move(bytes));
  lock.unlock();
  has_arrived_.notify_one();
}

std::string SummaryThread::room() {
  const std::scoped_lock lock(mutex_);
  return taken(used_bytes_);
}

Summarizer& SummaryThread::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  has_arrived_.notify_one();
  if (scanner_.joinable()) scanner_.join();
  if (worker_.joinable()) worker_.join();
  return summarizer_;
}

void SummaryThread::scan() {
  std::unique_lock lock(mutex_);
  while (true) {
    has_arrived_.wait(lock, [&] { return closed_ || !arrived_.empty(); });
    if (arrived_.empty()) break;
    Piece piece{std::move(arrived_.front()), 0, taken(used_lines_)};
    arrived_.pop_front();
    lock.unlock();
    piece.lines = piece.bytes.rfind('\n') + 1;  // 0 where there is none.
    if (piece.lines > 0) summarizer_.scan(std::string_view(piece.bytes).substr(0, piece.lines), piece.scanned);
    lock.lock();
    scanned_.push_back(std::move(piece));
    has_scanned_.notify_one();
  }
  scanned_all_ = true;
  has_scanned_.notify_one();
}

void SummaryThread::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    has_scanned_.wait(lock, [&] { return scanned_all_ || !scanned_.empty(); });
    if (scanned_.empty()) return;
    Piece piece = std::move(scanned_.front());
    scanned_.pop_front();
    lock.unlock();
    const std::string_view bytes = piece.bytes;
    if (piece.lines > 0) summarizer_.add(bytes.substr(0, piece.lines), piece.scanned);
    if (piece.lines < bytes.size()) summarizer_.add(bytes.substr(piece.lines));
    lock.lock();
    waiting_bytes_ -= piece.bytes.size();
    give_back(used_bytes_, std::move(piece.bytes));
    give_back(used_lines_, std::move(piece.scanned));
    if (waiting_bytes_ < kMostWaiting / 2) has_room_.notify_one();
  }
}

}  // namespace skein::summary
