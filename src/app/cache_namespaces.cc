// `skein cache namespaces`.
#include <map>

#include "app/operations.h"
#include "app/services.h"
#include "cache/namespaces.h"
#include "text/printable.h"
#include "text/quantity.h"
#include "text/wrap.h"

namespace skein::app {
namespace {

using engine::Context;

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
  double share = 1;
  std::int64_t schema_version = 1;
  std::string doc;
  std::string origin = "default";
  std::map<std::string, std::string> origins;

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
    v.field("share", &NamespaceRow::share, "The part of cache.disk_size that it may take.");
    v.field("origin", &NamespaceRow::origin, "Where the namespace came from.");
    v.field("origins", &NamespaceRow::origins, "By name: where each value came from.");
  }
};

struct NamespacesOutput {
  std::vector<NamespaceRow> namespaces;
  template <class V>
  static void describe(V& v) {
    v.field("namespaces", &NamespacesOutput::namespaces, "In the order in which agents are looked up.");
  }
};

std::string shown_age(const std::optional<std::int64_t>& seconds) {
  return seconds ? text::format_duration(std::chrono::seconds(*seconds)) : "never";
}

std::string render(const NamespacesOutput& output, const engine::Style&) {
  std::string text;
  for (const auto& one : output.namespaces) {
    text += fmt::format("{}\n", one.name);
    text += text::wrap(one.doc, 80, "    ");
    std::string agents;
    for (const auto& agent : one.agents) agents += (agents.empty() ? "" : ", ") + agent;
    const auto line = [&](std::string_view name, const std::string& value) {
      const auto from = one.origins.find(std::string(name));
      text += fmt::format("    {:<11} {:<34} {}\n", name, text::printable(value),
                          from == one.origins.end() ? "" : text::printable(from->second));
    };
    line("agents", agents.empty() ? "none yet" : agents);
    line("key", one.key);
    line("tier", one.tier);
    line("ttl", shown_age(one.ttl_seconds));
    line("memory_ttl", shown_age(one.memory_ttl_seconds));
    line("compressed", one.compressed ? "yes" : "no");
    line("share", fmt::format("{}", one.share));
    line("schema", fmt::format("{}", one.schema_version));
  }
  return text;
}

Result<NamespacesOutput> namespaces(const Context& context) {
  NamespacesOutput output;
  const auto seconds = [](const std::optional<Micros>& age) -> std::optional<std::int64_t> {
    if (!age) return std::nullopt;
    return age->count() / 1'000'000;
  };
  for (const auto& one : settings_of(context).namespaces()) {
    NamespaceRow row{one.name,         one.key,
                     one.agents,       std::string(to_string(one.tier)),
                     seconds(one.ttl), seconds(one.memory_ttl),
                     one.compressed,   one.share,
                     one.schema,       one.doc,
                     one.origin,       {}};
    for (const auto* field : {"agents", "key", "tier", "ttl", "memory_ttl", "compressed", "share", "schema"}) {
      const auto changed = one.changed.find(field);
      row.origins[field] = changed == one.changed.end() ? one.origin : changed->second;
    }
    output.namespaces.push_back(std::move(row));
  }
  return output;
}

}  // namespace

void register_cache_namespaces(engine::OperationTable& table) {
  table.add(engine::Operation::make<NamespacesInput, NamespacesOutput>(
      {.name = "cache namespaces",
       .summary = "List the namespaces of what is remembered",
       .description = "Shows for each namespace which agents' results it holds and how they are kept, and where each "
                      "value came from. Change or add some in skein.toml: [cache.namespaces.NAME].",
       .examples = {{"skein cache namespaces", "all"}}},
      [](const Context& context, const NamespacesInput&) { return namespaces(context); }, render));
}

}  // namespace skein::app
