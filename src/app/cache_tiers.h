// The tiers of a workspace as its settings ask for them.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/services.h"
#include "cache/tiered_results.h"

namespace skein::app {

/// Owns the tiers; outlives the session that uses them. What they have to say to the user is kept until `notes`.
class CacheTiers final : public cache::CacheObserver {
 public:
  /// Errors: `invalid_argument` for an address of a shared server that is none.
  [[nodiscard]] static Result<std::unique_ptr<CacheTiers>> make(const Services& services,
                                                                const engine::Context& context);

  /// Around `disk`, the results of the state in `folder`.
  [[nodiscard]] std::unique_ptr<engine::ResultStore> around(engine::ResultStore& disk, const std::string& folder);
  void on_note(std::string_view tier, const std::string& line) override;
  /// Takes what was said since the last call.
  [[nodiscard]] std::vector<std::string> notes();
  /// Whether the namespace of `agent` keeps outputs as they are.
  [[nodiscard]] bool is_plain(std::string_view agent) const;
  /// What all tiers counted, by their names. REQUIRES that what `around` gave still lives, if it was called.
  [[nodiscard]] cache::TierCounts counts() const;
  /// The user's own tier; null where there is none.
  [[nodiscard]] store::Store* user_store() { return user_store_.get(); }

 private:
  CacheTiers(const Services& services, const engine::Context& context) : services_(services), context_(context) {}
  Status open_shared();
  void open_user();

  const Services& services_;
  const engine::Context& context_;
  std::unique_ptr<cache::MemoryTier> memory_;
  std::unique_ptr<cache::SharedTier> shared_;
  std::unique_ptr<store::Store> user_store_;
  std::unique_ptr<engine::StoreResults> user_;
  const cache::TieredResults* around_ = nullptr;
  std::mutex mutex_;  // Guards what is below.
  std::vector<std::string> notes_;
};

}  // namespace skein::app
