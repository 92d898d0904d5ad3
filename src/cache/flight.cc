#include "cache/flight.h"

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>

#include "base/file_lock.h"
#include "base/file_system.h"
#include "base/random.h"

namespace skein::cache {
namespace {

constexpr Millis kFirstPause{2};
constexpr Millis kLongestPause{50};

class Flight final : public engine::Claim {
 public:
  Flight(SharedTier* shared, Digest declared) : shared_(shared), declared_(declared) {}
  ~Flight() override {
    if (leased_) shared_->release(declared_, token_);
    // The file goes before its lock: whoever opens it meanwhile waits for nobody and makes a new one.
    if (lock_) std::remove(path_.c_str());
  }
  [[nodiscard]] bool waited() const override { return waited_; }

  void wait(const std::string& folder, Millis longest, std::stop_token stop) {
    path_ = join_path(folder, declared_.short_hex(32) + ".lock");
    const auto end = std::chrono::steady_clock::now() + longest;
    Millis pause = kFirstPause;
    std::mutex mutex;
    std::condition_variable_any woken;
    for (;;) {
      if (!lock_) {
        auto held = FileLock::try_acquire(path_);
        if (held)
          lock_ = std::move(*held);
        else if (held.error().code() != Code::unavailable)
          return;  // Such as a full disk: not worth a wait.
      }
      if (lock_) {
        if (shared_ == nullptr || !shared_->is_reachable()) return;
        if (token_.empty()) {
          SystemRandom random;
          token_ = fmt::format("{:016x}{:016x}", random.next(), random.next());
        }
        leased_ = shared_->lease(declared_, token_, longest);
        if (leased_) return;
      }
      waited_ = true;
      if (std::chrono::steady_clock::now() >= end || stop.stop_requested()) return;
      std::unique_lock lock(mutex);
      woken.wait_for(lock, stop, pause, [] { return false; });
      pause = std::min(pause * 2, kLongestPause);
    }
  }

 private:
  SharedTier* shared_;
  Digest declared_;
  std::string path_;
  std::string token_;
  std::optional<FileLock> lock_;
  bool leased_ = false;
  bool waited_ = false;
};

}  // namespace

std::unique_ptr<engine::Claim> take_flight(const std::string& folder, SharedTier* shared, const Digest& declared,
                                           Millis longest, std::stop_token stop) {
  auto flight = std::make_unique<Flight>(shared, declared);
  flight->wait(folder, longest, std::move(stop));
  return flight;
}

}  // namespace skein::cache
