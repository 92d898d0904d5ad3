// Single flight: one value is made by one process at a time, on this machine by a lock file and in the team by a lease.
// Whoever finds it taken waits, and then finds the value.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "cache/shared_tier.h"
#include "engine/result_store.h"

namespace skein::cache {

/// Waits until nobody else makes `declared`, or `longest` is over, or `stop` is asked; then holds it until destroyed.
/// Never fails: where no lock can be had, the value is made twice. The system frees a dead holder's lock at once, and
/// the lease ends by itself. `folder` exists; `shared` may be null.
[[nodiscard]] std::unique_ptr<engine::Claim> take_flight(const std::string& folder, SharedTier* shared,
                                                         const Digest& declared, Millis longest, std::stop_token stop);

}  // namespace skein::cache
