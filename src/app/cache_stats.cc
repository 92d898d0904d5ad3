// `skein cache stats`.
#include <algorithm>
#include <map>

#include "app/asked_commit.h"
#include "app/machinery.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "app/services.h"
#include "cache/contents.h"
#include "cache/counts.h"
#include "cache/namespaces.h"
#include "cache/tier_counts.h"
#include "cache/totals.h"
#include "cache/uses.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

constexpr std::string_view kNone = "(none)";
constexpr std::size_t kShownEntries = 10;

struct StatsInput {
  std::optional<std::string> name;
  std::optional<std::chrono::seconds> since;
  std::optional<std::string> commit;

  template <class V>
  static void describe(V& v) {
    v.field("namespace", &StatsInput::name, "Only this namespace.", {.value_name = "NAME"});
    v.field("since", &StatsInput::since, "Count hits, misses and evictions of this time only, such as 7d.", {.min = 1});
    v.field("commit", &StatsInput::commit,
            "Only results made from this commit (HEAD, a branch, a tag, the beginning of an id), or from this tree; "
            "hits and misses of the last 31 days.",
            {.value_name = "REV"});
  }
};

struct LatencyStats {
  std::int64_t calls = 0;
  double p50_us = 0;
  double p95_us = 0;
  double p99_us = 0;

  template <class V>
  static void describe(V& v) {
    v.field("calls", &LatencyStats::calls, "Calls that were timed: one of 256 in memory, all elsewhere.");
    v.field("p50_us", &LatencyStats::p50_us, "Half of them took no longer, in microseconds.");
    v.field("p95_us", &LatencyStats::p95_us, "95 of 100 took no longer.");
    v.field("p99_us", &LatencyStats::p99_us, "99 of 100 took no longer.");
  }
};

struct TierStats {
  std::string name;
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::map<std::string, std::int64_t> misses_by_reason;
  std::int64_t puts = 0;
  std::int64_t refused = 0;
  std::int64_t evictions = 0;
  std::int64_t saved_us = 0;
  std::int64_t money_saved_micro_dollars = 0;
  LatencyStats get;
  LatencyStats put;

  template <class V>
  static void describe(V& v) {
    v.field("name", &TierStats::name, "memory, disk, user or shared.");
    v.field("hits", &TierStats::hits, "Looked for there and found.");
    v.field("misses", &TierStats::misses, "Looked for there and not found.");
    v.field("misses_by_reason", &TierStats::misses_by_reason,
            "absent, expired, negative (known not to be there), damaged, unavailable.");
    v.field("puts", &TierStats::puts, "Kept there.");
    v.field("refused", &TierStats::refused, "Not kept: no room, too large, or it failed.");
    v.field("evictions", &TierStats::evictions, "Removed there to make room, by the tier itself.");
    v.field("saved_us", &TierStats::saved_us, "What the hits took to make.");
    v.field("money_saved_micro_dollars", &TierStats::money_saved_micro_dollars, "What the hits cost to make.");
    v.field("get", &TierStats::get, "How long look-ups took.");
    v.field("put", &TierStats::put, "How long keeping took.");
  }
};

struct EntryStats {
  std::string step;
  std::int64_t bytes = 0;
  std::int64_t stored_bytes = 0;
  std::int64_t hits = 0;

  template <class V>
  static void describe(V& v) {
    v.field("step", &EntryStats::step, "The step that made it.");
    v.field("bytes", &EntryStats::bytes, "Of its blobs, unpacked; 0 among the most used.");
    v.field("stored_bytes", &EntryStats::stored_bytes, "The same on disk; 0 among the most used.");
    v.field("hits", &EntryStats::hits, "How often it was found; 0 among the biggest.");
  }
};

struct NamespaceStats {
  std::string name;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::int64_t stored_bytes = 0;
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t evictions = 0;
  std::int64_t cost_us = 0;
  std::int64_t saved_us = 0;
  std::int64_t money_saved_micro_dollars = 0;
  std::map<std::string, std::int64_t> evictions_by_reason;

  template <class V>
  static void describe(V& v) {
    v.field("name", &NamespaceStats::name, "The namespace.");
    v.field("entries", &NamespaceStats::entries, "Results on disk.");
    v.field("bytes", &NamespaceStats::bytes, "Of their blobs, unpacked; a shared blob counts once.");
    v.field("stored_bytes", &NamespaceStats::stored_bytes, "The same on disk.");
    v.field("hits", &NamespaceStats::hits, "Looked for and found.");
    v.field("misses", &NamespaceStats::misses, "Looked for, not found, and made.");
    v.field("evictions", &NamespaceStats::evictions, "Removed by gc or clear.");
    v.field("cost_us", &NamespaceStats::cost_us, "What the entries took to make.");
    v.field("saved_us", &NamespaceStats::saved_us, "Estimate: hits at the mean time of the misses.");
    v.field("money_saved_micro_dollars", &NamespaceStats::money_saved_micro_dollars, "Likewise, of money.");
    v.field("evictions_by_reason", &NamespaceStats::evictions_by_reason, "size, age, unneeded, clear, dependency.");
  }
};

struct StatsOutput {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::int64_t stored_bytes = 0;
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t evictions = 0;
  double hit_ratio = 0;
  std::int64_t saved_us = 0;
  double seconds_saved = 0;
  std::int64_t money_saved_micro_dollars = 0;
  std::int64_t disk_bytes = 0;
  std::map<std::string, std::int64_t> misses_by_reason;
  std::map<std::string, std::int64_t> evictions_by_reason;
  std::vector<NamespaceStats> namespaces;
  std::vector<TierStats> tiers;
  std::vector<EntryStats> biggest;
  std::vector<EntryStats> most_used;

  template <class V>
  static void describe(V& v) {
    v.field("entries", &StatsOutput::entries, "Results on disk.");
    v.field("bytes", &StatsOutput::bytes, "Of their blobs, unpacked.");
    v.field("stored_bytes", &StatsOutput::stored_bytes, "The same on disk.");
    v.field("hits", &StatsOutput::hits, "Looked for and found, by all processes.");
    v.field("misses", &StatsOutput::misses, "Looked for, not found, and made.");
    v.field("evictions", &StatsOutput::evictions, "Removed by gc or clear.");
    v.field("hit_ratio", &StatsOutput::hit_ratio, "Hits of hits and misses; 0 where nothing was looked for.");
    v.field("saved_us", &StatsOutput::saved_us, "Estimate: hits at the mean time of the misses.");
    v.field("seconds_saved", &StatsOutput::seconds_saved, "The same in seconds.");
    v.field("money_saved_micro_dollars", &StatsOutput::money_saved_micro_dollars, "Likewise, of money.");
    v.field("misses_by_reason", &StatsOutput::misses_by_reason,
            "Of the tiers behind memory together: absent, expired, negative, damaged, unavailable. A step that several "
            "tiers did not have counts in each.");
    v.field("evictions_by_reason", &StatsOutput::evictions_by_reason, "size, age, unneeded, clear, dependency.");
    v.field("disk_bytes", &StatsOutput::disk_bytes, "Of all packs, what is no longer referred to included.");
    v.field("namespaces", &StatsOutput::namespaces, "By namespace, those that hold or counted something.");
    v.field("tiers", &StatsOutput::tiers, "By tier, those that were asked something; of all namespaces and commits.");
    v.field("biggest", &StatsOutput::biggest, "The ten entries that take the most on disk.");
    v.field("most_used", &StatsOutput::most_used, "The ten steps whose results were found most often.");
  }
};

std::string shown_latency(const LatencyStats& latency) {
  if (latency.calls == 0) return "-";
  return fmt::format("{:.1f}/{:.1f}/{:.1f} us", latency.p50_us, latency.p95_us, latency.p99_us);
}

std::string render(const StatsOutput& output, const engine::Style&) {
  const auto count = [](std::int64_t value) { return text::format_count(value); };
  const auto size = [](std::int64_t value) { return text::format_bytes(Bytes{value}); };
  std::string text = fmt::format("{:<16} {:>8} {:>8} {:>8} {:>10} {:>9} {:>7}\n", "namespace", "entries", "bytes",
                                 "on disk", "hits", "misses", "evicted");
  for (const auto& one : output.namespaces)
    text +=
        fmt::format("{:<16} {:>8} {:>8} {:>8} {:>10} {:>9} {:>7}\n", one.name.substr(0, 16), count(one.entries),
                    size(one.bytes), size(one.stored_bytes), count(one.hits), count(one.misses), count(one.evictions));
  text += fmt::format("{:<16} {:>8} {:>8} {:>8} {:>10} {:>9} {:>7}\n", "all", count(output.entries), size(output.bytes),
                      size(output.stored_bytes), count(output.hits), count(output.misses), count(output.evictions));
  const auto filled = static_cast<std::size_t>(output.hit_ratio * 40 + 0.5);
  text += fmt::format("hit ratio {:5.1f} % [{}{}]\n", output.hit_ratio * 100, std::string(filled, '#'),
                      std::string(40 - filled, '.'));
  text += fmt::format("about {} saved", text::format_duration(Micros(output.saved_us)));
  if (output.money_saved_micro_dollars > 0)
    text += fmt::format(" and ${:.2f}", static_cast<double>(output.money_saved_micro_dollars) / 1e6);
  text += fmt::format("; {} of packs on disk\n", size(output.disk_bytes));
  const auto reasons = [&](std::string_view what, const std::map<std::string, std::int64_t>& all) {
    std::string line;
    for (const auto& [reason, number] : all)
      if (number > 0) line += fmt::format("{}{} {}", line.empty() ? "" : ", ", reason, count(number));
    if (!line.empty()) text += fmt::format("{} {}\n", what, line);
  };
  reasons("misses:   ", output.misses_by_reason);
  reasons("evictions:", output.evictions_by_reason);
  if (!output.tiers.empty())
    text += fmt::format("{:<8} {:>8} {:>8} {:>24} {:>24}\n", "tier", "hits", "misses", "get p50/p95/p99",
                        "put p50/p95/p99");
  for (const auto& tier : output.tiers)
    text += fmt::format("{:<8} {:>8} {:>8} {:>24} {:>24}\n", tier.name, count(tier.hits), count(tier.misses),
                        shown_latency(tier.get), shown_latency(tier.put));
  std::int64_t most = 1;
  for (const auto& one : output.biggest) most = std::max(most, one.stored_bytes);
  if (!output.biggest.empty()) text += "biggest on disk\n";
  for (const auto& one : output.biggest) {
    const auto bar = static_cast<std::size_t>(one.stored_bytes * 20 / most);
    text += fmt::format("  {:>8} {:<20} {}\n", size(one.stored_bytes), std::string(bar, '#'),
                        shortened(text::printable(one.step), 48));
  }
  if (!output.most_used.empty()) text += "most used\n";
  for (const auto& one : output.most_used)
    text += fmt::format("  {:>8} {}\n", count(one.hits), shortened(text::printable(one.step), 68));
  return text;
}

LatencyStats latency_of(const cache::LatencyHistogram& histogram) {
  const auto micros = [&](double q) { return static_cast<double>(histogram.quantile(q).count()) / 1000; };
  return {histogram.count(), micros(0.5), micros(0.95), micros(0.99)};
}

TierStats tier_of(const std::string& name, const cache::CacheCounts& counts) {
  TierStats tier;
  tier.name = name;
  tier.hits = counts.hits;
  tier.misses = counts.misses;
  tier.misses_by_reason = {
      {"absent", counts.misses - counts.expired - counts.negative - counts.damaged - counts.unavailable},
      {"expired", counts.expired},
      {"negative", counts.negative},
      {"damaged", counts.damaged},
      {"unavailable", counts.unavailable}};
  tier.puts = counts.puts;
  tier.refused = counts.refused;
  tier.evictions = counts.evictions;
  tier.saved_us = counts.saved.count();
  tier.money_saved_micro_dollars = counts.money_saved.value;
  tier.get = latency_of(counts.get);
  tier.put = latency_of(counts.put);
  return tier;
}

/// By agent, of the entries of one commit; every one is read.
Result<cache::Totals> totals_of_commit(const Services& services, const Context& context, const std::string& commit) {
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const auto entries, cache::list_entries(session->store()));
  cache::Totals totals;
  for (const auto& entry : entries) {
    if (!cache::is_source(entry.source, commit)) continue;
    const auto agent = entry.agent.substr(0, entry.agent.find('@'));
    auto& total = totals.by_agent[agent];
    ++total.entries;
    total.bytes += static_cast<std::int64_t>(entry.bytes);
    total.stored_bytes += static_cast<std::int64_t>(entry.stored_bytes);
    total.cost += entry.cost;
    totals.biggest[agent].push_back(
        {entry.step, agent, static_cast<std::int64_t>(entry.bytes), static_cast<std::int64_t>(entry.stored_bytes)});
  }
  SKEIN_TRY(const auto stats, session->store().stats());
  totals.pack_bytes = stats.pack_bytes;
  return totals;
}

Result<StatsOutput> stats(const Services& services, const Context& context, const StatsInput& input) {
  const auto& all = settings_of(context).namespaces();
  if (input.name && std::ranges::none_of(all, [&](const auto& one) { return one.name == *input.name; }))
    return std::unexpected(Error(Code::invalid_argument, fmt::format("there is no namespace '{}'", *input.name))
                               .or_do("`skein cache namespaces` lists them"));
  StatsOutput output;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return output;
  std::map<std::string, NamespaceStats> by_name;
  const auto name_of = [&](std::string_view agent) {
    const auto* found = cache::namespace_of(all, agent);
    return std::string(found != nullptr ? std::string_view(found->name) : kNone);
  };
  const auto of = [&](std::string_view agent) -> NamespaceStats& {
    auto& one = by_name[name_of(agent)];
    one.name = name_of(agent);
    return one;
  };
  std::string commit;
  if (input.commit) {
    SKEIN_TRY(commit, asked_commit(services, context.workspace, *input.commit));
  }
  SKEIN_TRY(const auto totals, input.commit ? totals_of_commit(services, context, commit)
                                            : cache::read_totals(services.files, state->path));
  for (const auto& [agent, total] : totals.by_agent) {
    auto& one = of(agent);
    one.entries += total.entries;
    one.bytes += total.bytes;
    one.stored_bytes += total.stored_bytes;
    one.cost_us += total.cost.count();
  }
  cache::CountsAsked asked{.commit = commit};
  if (input.since) asked.since = services.clock.wall() - *input.since;
  SKEIN_TRY(const auto counts, cache::read_counts(services.files, state->path, asked));
  for (const auto& [agent, count] : counts) {
    auto& one = of(agent);
    one.hits += count.hits;
    one.misses += count.misses;
    one.evictions += count.evictions;
    one.saved_us += count.saved().value_or(Micros{}).count();
    one.money_saved_micro_dollars += count.money_saved().value_or(MicroDollars{}).value;
    for (std::size_t i = 0; i < cache::kEvictionReasons; ++i)
      one.evictions_by_reason[std::string(to_string(static_cast<cache::EvictionReason>(i)))] += count.evicted[i];
  }
  for (auto& [name, one] : by_name) {
    if (input.name && *input.name != name) continue;
    output.entries += one.entries;
    output.bytes += one.bytes;
    output.stored_bytes += one.stored_bytes;
    output.hits += one.hits;
    output.misses += one.misses;
    output.evictions += one.evictions;
    output.saved_us += one.saved_us;
    output.money_saved_micro_dollars += one.money_saved_micro_dollars;
    for (const auto& [reason, number] : one.evictions_by_reason) output.evictions_by_reason[reason] += number;
    output.namespaces.push_back(std::move(one));
  }
  for (const auto& [agent, list] : totals.biggest)
    if (!input.name || name_of(agent) == *input.name)
      for (const auto& one : list) output.biggest.push_back({one.step, one.bytes, one.stored_bytes, 0});
  std::ranges::stable_sort(output.biggest,
                           [](const auto& a, const auto& b) { return a.stored_bytes > b.stored_bytes; });
  if (output.biggest.size() > kShownEntries) output.biggest.resize(kShownEntries);
  if (!input.name && !input.commit) {
    SKEIN_TRY(const auto uses, cache::read_uses(services.files, state->path));
    for (std::size_t i = 0; i < std::min(uses.size(), kShownEntries); ++i)
      output.most_used.push_back({uses[i].step, 0, 0, uses[i].hits});
  }
  SKEIN_TRY(const auto tiers, cache::read_tier_counts(services.files, state->path, asked.since));
  for (const auto& [name, tier] : tiers) {
    output.tiers.push_back(tier_of(name, tier));
    if (name == "memory") continue;  // Who misses there asks the disk.
    for (const auto& [reason, number] : output.tiers.back().misses_by_reason) output.misses_by_reason[reason] += number;
  }
  if (output.hits + output.misses > 0)
    output.hit_ratio = static_cast<double>(output.hits) / static_cast<double>(output.hits + output.misses);
  output.seconds_saved = static_cast<double>(output.saved_us) / 1e6;
  output.disk_bytes = static_cast<std::int64_t>(totals.pack_bytes);
  return output;
}

}  // namespace

void register_cache_stats(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<StatsInput, StatsOutput>(
      {.name = "cache stats",
       .summary = "Show what is remembered, and how often it helped",
       .description = "Counts results on disk by namespace, and hits, misses and evictions of all runs so far, with "
                      "their reasons; how long each tier took; what is biggest and most used. A run that finds nothing "
                      "changed counts as one hit.",
       .examples = {{"skein cache stats", "all of it"}, {"skein cache stats --since 7d --json", "for a program"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const StatsInput& input) { return stats(services, context, input); },
      render));
}

}  // namespace skein::app
