#include "cache/flight.h"

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>

#include "base/file_lock.h"
#include "base/file_system.h"
#include "base/random.h"

namespace skein::cache {
namespace {

constexpr Millis kFirstPause{2};
constexpr Millis kLongestPause{50};

/// Waits for `pause`; false: `stop` was asked before.
bool rested(Millis pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

class Flight final : public engine::Claim {
 public:
  Flight(const FlightOptions& options, Digest declared)
      : shared_(options.shared), lease_(options.lease), declared_(declared) {}
  ~Flight() override {
    if (renewer_.joinable()) {
      renewer_.request_stop();
      renewer_.join();
      shared_->release(declared_, token_);
    }
    // The file goes before its lock: whoever opens it meanwhile waits for nobody and makes a new one.
    if (lock_) std::remove(path_.c_str());
  }
  [[nodiscard]] bool waited() const override { return waited_; }

  void wait(const FlightOptions& options, const std::stop_token& stop) {
    path_ = join_path(options.folder, declared_.short_hex(32) + ".lock");
    const auto end = std::chrono::steady_clock::now() + options.longest;
    Millis pause = kFirstPause;
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
        if (shared_->lease(declared_, token_, lease_)) {
          renewer_ = std::jthread([this](const std::stop_token& ended) {
            while (rested(lease_ / 3, ended)) shared_->renew(declared_, token_, lease_);
          });
          return;
        }
      }
      waited_ = true;
      if (std::chrono::steady_clock::now() >= end || stop.stop_requested()) return;
      [[maybe_unused]] const bool whole = rested(pause, stop);
      pause = std::min(pause * 2, kLongestPause);
    }
  }

 private:
  SharedTier* shared_;
  Millis lease_;
  Digest declared_;
  std::string path_;
  std::string token_;
  std::optional<FileLock> lock_;
  bool waited_ = false;
  std::jthread renewer_;  // Runs while the lease is held.
};

}  // namespace

std::unique_ptr<engine::Claim> take_flight(const FlightOptions& options, const Digest& declared, std::stop_token stop) {
  auto flight = std::make_unique<Flight>(options, declared);
  flight->wait(options, stop);
  return flight;
}

}  // namespace skein::cache
