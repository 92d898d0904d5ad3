// The real event loop, on Boost.Asio, which one translation unit includes.
#pragma once

#include <memory>

#include "base/event_loop.h"

namespace skein::net {

/// A loop on the machine's monotonic clock.
[[nodiscard]] std::unique_ptr<EventLoop> make_asio_loop();

}  // namespace skein::net
