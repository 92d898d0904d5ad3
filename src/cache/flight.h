// Single flight: one value is made by one process at a time, on this machine by a lock file and in the team by a lease.
// Whoever finds it taken waits, and then finds the value.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "cache/shared_tier.h"
#include "engine/result_store.h"

namespace skein::cache {

struct FlightOptions {
  std::string folder;            ///< Of the lock files; exists.
  SharedTier* shared = nullptr;  ///< Where the team's leases are; null: only this machine's processes are waited for.
  Millis longest{3'600'000};     ///< Whoever makes a value is waited for no longer: an agent may take as long as that.
  Millis lease{60'000};          ///< Renewed at each third of it while it is held, so a dead holder's ends soon.
};

/// Waits until nobody else makes `declared`, or the longest time is over, or `stop` is asked; then holds it until
/// destroyed. Never fails: where no lock can be had, the value is made twice. The system frees a dead holder's lock at
/// once, and its lease ends by itself.
[[nodiscard]] std::unique_ptr<engine::Claim> take_flight(const FlightOptions& options, const Digest& declared,
                                                         std::stop_token stop);

}  // namespace skein::cache
