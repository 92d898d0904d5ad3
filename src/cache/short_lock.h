// A mutex for sections of some hundred nanoseconds: who finds it taken looks again for about a microsecond before the
// system puts the thread to sleep, which costs more than the section.
#pragma once

#include <mutex>

namespace skein::cache {

class ShortMutex {
 public:
  void lock() {
    for (int i = 0; i < 64; ++i) {
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
  std::mutex mutex_;
};

}  // namespace skein::cache
