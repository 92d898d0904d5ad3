// What a gc takes out of the store and what it packs smaller: `skein cache gc` does this alone, `skein gc` among other
// things.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/services.h"
#include "cache/contents.h"
#include "cache/counts.h"

namespace skein::app {

/// Entries that go, and why.
struct CollectionPlan {
  std::vector<std::optional<cache::EvictionReason>> gone;  ///< By the entries' positions; none: it stays.
  std::map<Digest, store::Packing> packing{};              ///< Of those that stay, by declared digest.

  [[nodiscard]] bool stays(const Digest& declared) const { return packing.contains(declared); }
};

struct CollectionRules {
  WallTime now{};
  std::uint64_t limit = 0;  ///< Bytes on disk.
  WallTime warm_before{};   ///< Results made before are packed smaller,
  WallTime cold_before{};   ///< and as small as can be.
  /// Results of no more use to anybody; empty: there are none.
  std::function<bool(const cache::Entry&)> is_unneeded{};
};

/// In this order: what is too old for its namespace, what nobody needs, what is over its namespace's share or over the
/// limit. Results of one declared digest stay or go together. Pure.
[[nodiscard]] CollectionPlan plan_collection(const std::vector<cache::Entry>& entries,
                                             const std::vector<cache::Namespace>& namespaces,
                                             const CollectionRules& rules);

struct Collection {
  std::int64_t entries = 0;  ///< That go.
  std::int64_t left = 0;
  std::int64_t freed_bytes = 0;
  std::int64_t repacked = 0;  ///< Blobs packed smaller.
  std::map<std::string, std::int64_t> by_reason{};
};

/// `roots`: blobs that stay whoever names them. Does it, counts it and writes it into the audit as `what`, unless
/// nothing changes; `dry_run`: says what would be. Errors: of the store; `unavailable` while another process writes to
/// it.
[[nodiscard]] Result<Collection> collect(const Services& services, store::Store& store, const std::string& state,
                                         const std::vector<cache::Entry>& entries, const CollectionPlan& plan,
                                         const std::vector<Digest>& roots, std::string_view what, std::string how,
                                         bool dry_run);

/// The rules of the settings, now.
[[nodiscard]] CollectionRules collection_rules(const Services& services, const engine::Context& context);

}  // namespace skein::app
