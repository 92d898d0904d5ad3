#include "net/asio_loop.h"

#include <unordered_map>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#pragma GCC diagnostic pop

namespace skein::net {
namespace {

class AsioLoop final : public EventLoop {
 public:
  void post(std::move_only_function<void()> task) override { boost::asio::post(context_, std::move(task)); }

  TimerId call_at(Instant when, std::move_only_function<void()> task) override {
    const TimerId id = ++last_timer_;
    auto& timer = timers_.try_emplace(id, context_, when).first->second;
    timer.async_wait([this, id, task = std::move(task)](const boost::system::error_code& error) mutable {
      // A cancelled timer is gone from the map, even if its handler was queued already.
      if (timers_.erase(id) > 0 && !error) task();
    });
    return id;
  }

  void cancel(TimerId timer) override { timers_.erase(timer); }

  Instant now() const override { return std::chrono::steady_clock::now(); }

  void run() override {
    const auto work = boost::asio::make_work_guard(context_);
    context_.restart();
    context_.run();
  }

  void stop() override { context_.stop(); }

 private:
  boost::asio::io_context context_{1};
  std::unordered_map<TimerId, boost::asio::steady_timer> timers_;
  TimerId last_timer_ = 0;
};

}  // namespace

std::unique_ptr<EventLoop> make_asio_loop() { return std::make_unique<AsioLoop>(); }

}  // namespace skein::net
