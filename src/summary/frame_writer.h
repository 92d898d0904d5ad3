// Packs the frames of a log and writes them, for a large log on a thread of its own: packing takes longer than all else
// that is done with an output while it comes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "store/record_log.h"
#include "summary/log_store.h"

namespace skein::summary {

/// Bytes of one stream that came at one time, by their number.
struct LogSegment {
  LogStream stream{};
  std::int64_t at_us = 0;
  std::uint64_t size = 0;
};

/// What a frame holds, before it is packed.
struct LogFrame {
  std::string raw;
  std::vector<LogSegment> segments;
  std::vector<LogSecret> secrets;
};

[[nodiscard]] std::uint64_t line_breaks_in(std::string_view bytes);

/// All calls are one thread's.
class FrameWriter {
 public:
  static constexpr std::uint32_t kFrameRecord = 2;

  explicit FrameWriter(store::RecordLogWriter records);
  ~FrameWriter();
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

  /// `stored` gets the bytes of each frame after it has gone to the file, perhaps on another thread, one at a time.
  /// Before the first `add`.
  void listen(std::function<void(std::string)> stored);
  /// Waits while some frames are waiting. Errors: those of earlier frames, too; then nothing is written any more.
  Status add(LogFrame frame);
  /// All frames have gone to the system afterwards.
  Status flush();

  struct Written {
    std::uint64_t frames = 0, bytes = 0, line_breaks = 0, secrets = 0;
    bool ends_in_break = true;
    ByteWriter index;  ///< Of each frame: offset and size of its record, bytes and line breaks before it.
  };
  /// After `flush`, and no `add` later: what was written, and where more can be.
  [[nodiscard]] const Written& written() const { return written_; }
  [[nodiscard]] store::RecordLogWriter& records() { return records_; }

 private:
  struct Packer;
  Status write(LogFrame frame);
  void work();

  // These belong to the thread while it has something to do, else to the caller.
  store::RecordLogWriter records_;
  std::unique_ptr<Packer> packer_;
  std::function<void(std::string)> stored_;
  Written written_;

  std::uint64_t taken_ = 0;  // Bytes, before there is a thread.
  std::mutex mutex_;         // Guards the four below.
  std::deque<LogFrame> waiting_;
  bool busy_ = false, closed_ = false;
  Status status_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace skein::summary
