#include "summary/frame_writer.h"

#include <algorithm>
#include <cstring>

#include <zstd.h>

namespace skein::summary {
namespace {

constexpr std::size_t kMostWaiting = 4;                      ///< Frames.
constexpr std::uint64_t kFewBytes = std::uint64_t{1} << 20;  ///< Most outputs are short: they need no thread.
constexpr int kLevel = 1;

}  // namespace

/// Eight bytes at a time: every byte of a log comes here.
std::uint64_t line_breaks_in(std::string_view bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL, kLow = 0x7f * kOnes;
  std::uint64_t count = 0;
  while (bytes.size() >= 8) {
    // A lane for each byte of the word; 255 rounds fill none of them.
    const std::size_t words = std::min<std::size_t>(bytes.size() / 8, 255);
    std::uint64_t lanes = 0;
    for (std::size_t i = 0; i < words; ++i) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + 8 * i, sizeof word);
      word ^= '\n' * kOnes;
      lanes += ~(((word & kLow) + kLow) | word) >> 7U & kOnes;
    }
    for (; lanes != 0; lanes >>= 8U) count += lanes & 0xffU;
    bytes.remove_prefix(8 * words);
  }
  return count + static_cast<std::uint64_t>(std::ranges::count(bytes, '\n'));
}

struct FrameWriter::Packer {
  Packer() = default;
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
  ~Packer() { ZSTD_freeCCtx(context); }
  ZSTD_CCtx* context = ZSTD_createCCtx();
};

FrameWriter::FrameWriter(store::RecordLogWriter records)
    : records_(std::move(records)), packer_(std::make_unique<Packer>()) {}

FrameWriter::~FrameWriter() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FrameWriter::listen(std::function<void(std::string)> stored) { stored_ = std::move(stored); }

Status FrameWriter::add(LogFrame frame) {
  if (!thread_.joinable()) {
    taken_ += frame.raw.size();
    if (taken_ < kFewBytes) {
      if (status_) status_ = write(std::move(frame));
      return status_;
    }
    thread_ = std::thread([this] { work(); });
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.size() < kMostWaiting; });
  if (status_) waiting_.push_back(std::move(frame));
  const Status status = status_;
  lock.unlock();
  changed_.notify_all();
  return status;
}

Status FrameWriter::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.empty() && !busy_; });
  return status_;
}

void FrameWriter::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    LogFrame frame = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    const bool wanted = status_.has_value();
    lock.unlock();
    changed_.notify_all();
    Status done;
    if (wanted) done = write(std::move(frame));
    lock.lock();
    if (!done) status_ = std::move(done);
    busy_ = false;
    changed_.notify_all();
  }
}

Status FrameWriter::write(LogFrame frame) {
  ByteWriter payload;
  payload.u64(written_.bytes).u64(written_.line_breaks).varint(frame.raw.size());
  payload.varint(frame.segments.size());
  for (const LogSegment& segment : frame.segments)
    payload.u8(static_cast<std::uint8_t>(segment.stream))
        .varint(static_cast<std::uint64_t>(segment.at_us))
        .varint(segment.size);
  payload.varint(frame.secrets.size());
  for (const LogSecret& secret : frame.secrets) payload.varint(secret.offset).varint(secret.length).text(secret.rule);
  std::string bytes = payload.take();
  const std::size_t head = bytes.size();
  bytes.resize(head + ZSTD_compressBound(frame.raw.size()));
  const std::size_t packed = ZSTD_compressCCtx(packer_->context, bytes.data() + head, bytes.size() - head,
                                               frame.raw.data(), frame.raw.size(), kLevel);
  if (ZSTD_isError(packed) != 0) return fail(Code::internal, "zstd: {}", ZSTD_getErrorName(packed));
  bytes.resize(head + packed);
  written_.index.varint(records_.end()).varint(bytes.size()).varint(written_.bytes).varint(written_.line_breaks);
  ++written_.frames;
  records_.add(kFrameRecord, bytes);
  written_.bytes += frame.raw.size();
  written_.line_breaks += line_breaks_in(frame.raw);
  if (!frame.raw.empty()) written_.ends_in_break = frame.raw.back() == '\n';
  written_.secrets += frame.secrets.size();
  SKEIN_DO(records_.write());
  if (stored_ && !frame.raw.empty()) stored_(std::move(frame.raw));
  return {};
}

}  // namespace skein::summary
