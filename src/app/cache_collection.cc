#include "app/cache_collection.h"

#include <algorithm>
#include <unordered_set>

#include "cache/audit.h"

namespace skein::app {

CollectionPlan plan_collection(const std::vector<cache::Entry>& entries,
                               const std::vector<cache::Namespace>& namespaces, const CollectionRules& rules) {
  using cache::EvictionReason;
  CollectionPlan plan{.gone = std::vector<std::optional<EvictionReason>>(entries.size())};
  const auto take = [&](const std::vector<bool>& going, EvictionReason reason) {
    for (std::size_t i = 0; i < going.size(); ++i)
      if (going[i] && !plan.gone[i]) plan.gone[i] = reason;
  };
  take(cache::too_old(entries, namespaces, rules.now), EvictionReason::age);
  if (rules.is_unneeded)
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (!plan.gone[i] && rules.is_unneeded(entries[i])) plan.gone[i] = EvictionReason::unneeded;
  // The two limits look at what is left.
  const auto take_by_size = [&](const auto& choose) {
    std::vector<cache::Entry> left;
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (!plan.gone[i]) {
        left.push_back(entries[i]);
        positions.push_back(i);
      }
    const std::vector<bool> going = choose(left);
    for (std::size_t i = 0; i < going.size(); ++i)
      if (going[i]) plan.gone[positions[i]] = EvictionReason::size;
  };
  take_by_size([&](const auto& left) { return cache::over_share(left, namespaces, rules.limit); });
  take_by_size([&](const auto& left) { return cache::evicted(left, rules.limit); });

  std::map<Digest, EvictionReason> dropped;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (plan.gone[i]) dropped.emplace(entries[i].declared, *plan.gone[i]);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    if (const auto found = dropped.find(entry.declared); found != dropped.end()) {
      if (!plan.gone[i]) plan.gone[i] = found->second;
      continue;
    }
    auto packing = store::Packing::hot;
    if (entry.made != WallTime{} && entry.made < rules.warm_before) packing = store::Packing::warm;
    if (entry.made != WallTime{} && entry.made < rules.cold_before) packing = store::Packing::cold;
    const auto [known, is_new] = plan.packing.emplace(entry.declared, packing);
    if (!is_new) known->second = std::min(known->second, packing);
  }
  return plan;
}

Result<Collection> collect(const Services& services, store::Store& store, const std::string& state,
                           const std::vector<cache::Entry>& entries, const CollectionPlan& plan,
                           const std::vector<Digest>& roots, std::string_view what, std::string how, bool dry_run) {
  Collection done;
  cache::Counts counts;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!plan.gone[i]) {
      ++done.left;
      continue;
    }
    ++done.entries;
    ++done.by_reason[std::string(to_string(*plan.gone[i]))];
    counts[entries[i].agent.substr(0, entries[i].agent.find('@'))].evict(*plan.gone[i]);
  }
  const store::GcWish wish{.keep = [&](const Digest& declared) { return plan.stays(declared); },
                           .roots = roots,
                           .packing =
                               [&](const Digest& declared) {
                                 const auto found = plan.packing.find(declared);
                                 return found == plan.packing.end() ? store::Packing::hot : found->second;
                               },
                           .only_count = true};
  SKEIN_TRY(const auto before, store.stats());
  SKEIN_TRY(const auto after, store.gc(wish));
  done.freed_bytes = static_cast<std::int64_t>(before.pack_bytes - std::min(before.pack_bytes, after.pack_bytes));
  done.repacked = static_cast<std::int64_t>(after.repacked);
  if (dry_run || (done.entries == 0 && done.repacked == 0 && done.freed_bytes == 0)) return done;
  auto real = wish;
  real.only_count = false;
  SKEIN_TRY(const auto left, store.gc(real));
  static_cast<void>(left);
  const auto now = services.clock.wall();
  SKEIN_DO(cache::add_counts(services.files, state, counts, now));
  SKEIN_DO(cache::add_audit(
      services.files, state,
      {now, cache::current_user(), std::string(what), std::move(how), done.entries, done.freed_bytes}));
  return done;
}

CollectionRules collection_rules(const Services& services, const engine::Context& context) {
  const auto& settings = settings_of(context).values().cache;
  CollectionRules rules;
  rules.now = services.clock.wall();
  rules.limit = static_cast<std::uint64_t>(settings.disk_size.value);
  rules.warm_before = rules.now - std::chrono::days(settings.warm_after_days);
  rules.cold_before = rules.now - std::chrono::days(settings.cold_after_days);
  return rules;
}

}  // namespace skein::app
