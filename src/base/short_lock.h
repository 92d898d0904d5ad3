// A mutex for sections of nanoseconds to a few microseconds: who finds it taken looks again for a while before the
// system puts the thread to sleep, which costs more than the section.
#pragma once

#include <mutex>

namespace skein {

class ShortMutex {
 public:
  ShortMutex() = default;
  /// 64 looks take one to three microseconds.
  explicit ShortMutex(int looks) : looks_(looks) {}

  void lock() {
    for (int i = 0; i < looks_; ++i) {
      if (mutex_.try_lock()) return;
      relax();
    }
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }
  bool try_lock() { return mutex_.try_lock(); }

 private:
  static void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  const int looks_ = 64;
  std::mutex mutex_;
};

}  // namespace skein
