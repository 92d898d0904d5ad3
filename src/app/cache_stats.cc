// `skein cache stats`, `skein cache namespaces` and `skein cache audit`: they only look.
#include <algorithm>

#include "app/machinery.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "cache/audit.h"
#include "cache/contents.h"
#include "cache/namespaces.h"
#include "text/printable.h"
#include "text/quantity.h"
#include "text/wrap.h"

namespace skein::app {
namespace {

using engine::Context;

constexpr std::string_view kNone = "(none)";

struct StatsInput {
  std::optional<std::string> name;
  std::optional<std::chrono::seconds> since;

  template <class V>
  static void describe(V& v) {
    v.field("namespace", &StatsInput::name, "Only this namespace.", {.value_name = "NAME"});
    v.field("since", &StatsInput::since, "Count hits, misses and evictions of this time only, such as 7d.", {.min = 1});
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
  std::int64_t disk_bytes = 0;
  std::vector<NamespaceStats> namespaces;

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
    v.field("disk_bytes", &StatsOutput::disk_bytes, "Of all packs, what is no longer referred to included.");
    v.field("namespaces", &StatsOutput::namespaces, "By namespace, those that hold or counted something.");
  }
};

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
  text += fmt::format("about {} saved; {} of packs on disk\n", text::format_duration(Micros(output.saved_us)),
                      size(output.disk_bytes));
  return text;
}

Result<StatsOutput> stats(const Services& services, const Context& context, const StatsInput& input) {
  const auto& all = cache::builtin_namespaces();
  if (input.name && std::ranges::none_of(all, [&](const auto& one) { return one.name == *input.name; }))
    return std::unexpected(Error(Code::invalid_argument, fmt::format("there is no namespace '{}'", *input.name))
                               .or_do("`skein cache namespaces` lists them"));
  StatsOutput output;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return output;
  std::map<std::string, NamespaceStats> by_name;
  const auto of = [&](std::string_view agent) -> NamespaceStats& {
    const auto* found = cache::namespace_of(all, agent);
    const std::string name(found != nullptr ? std::string_view(found->name) : kNone);
    auto& one = by_name[name];
    one.name = name;
    return one;
  };
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const auto entries, cache::list_entries(session->store()));
  for (const auto& entry : entries) {
    auto& one = of(entry.agent);
    ++one.entries;
    one.bytes += static_cast<std::int64_t>(entry.bytes);
    one.stored_bytes += static_cast<std::int64_t>(entry.stored_bytes);
    one.cost_us += entry.cost.count();
  }
  std::optional<WallTime> since;
  if (input.since) since = services.clock.wall() - *input.since;
  SKEIN_TRY(const auto counts, cache::read_counts(services.files, state->path, since));
  for (const auto& [agent, count] : counts) {
    auto& one = of(agent);
    one.hits += count.hits;
    one.misses += count.misses;
    one.evictions += count.evictions;
    one.saved_us += count.saved().value_or(Micros{}).count();
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
    output.namespaces.push_back(std::move(one));
  }
  if (output.hits + output.misses > 0)
    output.hit_ratio = static_cast<double>(output.hits) / static_cast<double>(output.hits + output.misses);
  SKEIN_TRY(const auto packs, session->store().stats());
  output.disk_bytes = static_cast<std::int64_t>(packs.pack_bytes);
  return output;
}

struct NamespacesInput {
  template <class V>
  static void describe(V&) {}
};

struct NamespaceRow {
  std::string name;
  std::string key;
  std::vector<std::string> agents;
  std::string tier;
  std::optional<std::int64_t> ttl_seconds;
  std::optional<std::int64_t> memory_ttl_seconds;
  bool compressed = true;
  std::int64_t schema_version = 1;
  std::string doc;
  std::string origin = "builtin";

  template <class V>
  static void describe(V& v) {
    v.field("name", &NamespaceRow::name, "The namespace.");
    v.field("key", &NamespaceRow::key, "The pattern of its keys.");
    v.field("agents", &NamespaceRow::agents, "Whose results it holds; none: nothing is put there yet.");
    v.field("tier", &NamespaceRow::tier, "The farthest tier it is meant for.");
    v.field("ttl_seconds", &NamespaceRow::ttl_seconds, "Age at which what is not keyed by content is not used.");
    v.field("memory_ttl_seconds", &NamespaceRow::memory_ttl_seconds, "Age at which copies in memory are not used.");
    v.field("compressed", &NamespaceRow::compressed, "Packed by zstd where that saves something.");
    v.field("schema_version", &NamespaceRow::schema_version, "Version of what is stored.");
    v.field("doc", &NamespaceRow::doc, "What it is for.");
    v.field("origin", &NamespaceRow::origin, "Where the values came from.");
  }
};

struct NamespacesOutput {
  std::vector<NamespaceRow> namespaces;
  template <class V>
  static void describe(V& v) {
    v.field("namespaces", &NamespacesOutput::namespaces, "In the order in which agents are looked up.");
  }
};

std::string render(const NamespacesOutput& output, const engine::Style&) {
  std::string text;
  for (const auto& one : output.namespaces) {
    text += fmt::format("{} ({}, {})\n", one.name, one.tier, one.origin);
    std::string agents;
    for (const auto& agent : one.agents) agents += (agents.empty() ? "" : ", ") + agent;
    text += text::wrap(fmt::format("{} Key {}; agents: {}.", one.doc, one.key, agents.empty() ? "none yet" : agents),
                       80, "    ");
  }
  return text;
}

Result<NamespacesOutput> namespaces() {
  NamespacesOutput output;
  const auto seconds = [](const std::optional<Micros>& age) -> std::optional<std::int64_t> {
    if (!age) return std::nullopt;
    return age->count() / 1'000'000;
  };
  for (const auto& one : cache::builtin_namespaces())
    output.namespaces.push_back({one.name, one.key, one.agents, std::string(to_string(one.tier)), seconds(one.ttl),
                                 seconds(one.memory_ttl), one.compressed, one.schema, one.doc, "builtin"});
  return output;
}

struct AuditInput {
  std::int64_t limit = 20;
  template <class V>
  static void describe(V& v) {
    v.field("limit", &AuditInput::limit, "Show at most this many, the newest; 0: all.", {.min = 0});
  }
};

struct AuditRow {
  std::int64_t at_us = 0;
  std::string who;
  std::string what;
  std::string how;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;

  template <class V>
  static void describe(V& v) {
    v.field("at_us", &AuditRow::at_us, "Microseconds since 1970, UTC.");
    v.field("who", &AuditRow::who, "The user.");
    v.field("what", &AuditRow::what, "The operation.");
    v.field("how", &AuditRow::how, "What was asked for.");
    v.field("entries", &AuditRow::entries, "How many results it was about.");
    v.field("bytes", &AuditRow::bytes, "How many bytes.");
  }
};

struct AuditOutput {
  std::vector<AuditRow> changes;
  template <class V>
  static void describe(V& v) {
    v.field("changes", &AuditOutput::changes, "The newest first.");
  }
};

std::string render(const AuditOutput& output, const engine::Style&) {
  if (output.changes.empty()) return "Nothing changed the cache yet but runs.\n";
  std::string text;
  for (const auto& one : output.changes)
    text += fmt::format("{} {:<9} {:<8} {:>8} results {:>8}  {}\n", shown_time(WallTime(Micros(one.at_us))), one.who,
                        one.what, text::format_count(one.entries), text::format_bytes(Bytes{one.bytes}),
                        shortened(text::printable(one.how), 24));
  return text;
}

Result<AuditOutput> audit(const Services& services, const Context& context, const AuditInput& input) {
  AuditOutput output;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return output;
  SKEIN_TRY(const auto entries, cache::read_audit(services.files, state->path));
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (input.limit > 0 && std::cmp_greater_equal(output.changes.size(), input.limit)) break;
    output.changes.push_back(
        {entry->at.time_since_epoch().count(), entry->who, entry->what, entry->how, entry->entries, entry->bytes});
  }
  return output;
}

}  // namespace

void register_cache_stats(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<StatsInput, StatsOutput>(
      {.name = "cache stats",
       .summary = "Show what is remembered, and how often it helped",
       .description = "Counts results on disk by namespace, and hits, misses and evictions of all runs so far. A run "
                      "that finds nothing changed counts as one hit.",
       .examples = {{"skein cache stats", "all of it"}, {"skein cache stats --since 7d --json", "for a program"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const StatsInput& input) { return stats(services, context, input); },
      render));
  table.add(engine::Operation::make<NamespacesInput, NamespacesOutput>(
      {.name = "cache namespaces",
       .summary = "List the namespaces of what is remembered",
       .description = "Shows for each namespace which agents' results it holds and how they are kept.",
       .examples = {{"skein cache namespaces", "all"}},
       .uses_workspace = false},
      [](const Context&, const NamespacesInput&) { return namespaces(); }, render));
  table.add(engine::Operation::make<AuditInput, AuditOutput>(
      {.name = "cache audit",
       .summary = "Show who changed what is remembered",
       .description = "Lists clear, gc, export, import and restore: who did it, when, and how much it was.",
       .examples = {{"skein cache audit", "the last twenty"}}},
      [&services](const Context& context, const AuditInput& input) { return audit(services, context, input); },
      render));
}

}  // namespace skein::app
