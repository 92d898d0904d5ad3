#include "repo/graph_sources.h"

#include <utility>

#include "repo/language_spec.h"

namespace skein::repo {
namespace {

IgnoreRules compile(const std::vector<std::string>& patterns) {
  std::string lines;
  for (const auto& pattern : patterns) lines.append(pattern).push_back('\n');
  return IgnoreRules::parse(lines);
}

}  // namespace

GraphSources::GraphSources(const Languages& languages) {
  for (const auto& language : languages.all()) {
    const auto& graph = language->spec().graph;
    if (graph.by_import.empty() && graph.run.empty()) continue;
    rules_.emplace(language->id(), Rules{compile(graph.by_import), compile(graph.run)});
  }
}

GraphSource GraphSources::make(std::string_view path, std::string_view language, const GraphSigns& signs,
                               std::vector<std::string> uses) const {
  GraphSource source;
  source.path = path;
  source.uses = std::move(uses);
  source.test = signs.traits.test;
  source.documentation = signs.traits.documentation;
  const auto rules = rules_.find(language);
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  const bool known = rules != rules_.end();
  // What is made, or kept here from elsewhere, nobody here would take out.
  source.by_import = known && !signs.traits.foreign() && rules->second.by_import.match(name, false) == Verdict::ignored;
  if (signs.in_manifest) {
    source.entry = EntryKind::manifest;
  } else if (signs.main) {
    source.entry = EntryKind::main;
  } else if (known && rules->second.run.match(name, false) == Verdict::ignored) {
    source.entry = EntryKind::named;
  } else if (signs.script) {
    source.entry = EntryKind::script;
  }
  return source;
}

}  // namespace skein::repo
