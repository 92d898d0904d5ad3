#include "repo/graph.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <algorithm>

#include "base/random.h"
#include "repo/graph_sources.h"

namespace skein::repo {
namespace {

/// graph("a -> b c, b -> a"): names are paths of files; those that only stand on the right are sources too.
std::vector<GraphSource> sources_of(std::string_view text) {
  std::vector<GraphSource> sources;
  const auto source = [&](std::string_view path) -> GraphSource& {
    const auto at = std::ranges::find(sources, path, &GraphSource::path);
    if (at != sources.end()) return *at;
    sources.push_back({.path = std::string(path), .by_import = true});
    return sources.back();
  };
  while (!text.empty()) {
    std::string_view rule = text.substr(0, text.find(','));
    text.remove_prefix(std::min(rule.size() + 1, text.size()));
    std::string from;
    while (!rule.empty()) {
      const std::string_view word = rule.substr(0, rule.find(' '));
      rule.remove_prefix(std::min(word.size() + 1, rule.size()));
      if (word.empty() || word == "->") continue;
      source(word);
      if (from.empty()) {
        from = word;
      } else {
        source(from).uses.emplace_back(word);
      }
    }
  }
  return sources;
}

RepoGraph graph(std::string_view text) { return make_graph(sources_of(text)); }

std::string layers_of(const ImportGraph& graph) {
  std::string out;
  for (const auto& node : graph.nodes) out += fmt::format("{}:{} ", node.path, node.layer);
  return out;
}

std::vector<std::string> names(const ImportGraph& graph, const std::vector<std::uint32_t>& nodes) {
  std::vector<std::string> out;
  for (const auto node : nodes) out.push_back(graph.nodes[node].path);
  return out;
}

using Names = std::vector<std::string>;

TEST(Graph, LayersAreTheLongestWayDown) {
  const auto made = graph("app -> lib base, lib -> base, tool -> app base");
  EXPECT_EQ(layers_of(made.files), "app:2 base:0 lib:1 tool:3 ");
  EXPECT_EQ(made.files.layers, 4U);
}

TEST(Graph, CountsEachUserOnceInFansAndEachImportInEdges) {
  const auto made = graph("a -> c c, b -> c");
  const auto c = *made.files.find("c");
  EXPECT_EQ(made.files.nodes[c].fan_in, 2U);
  const auto uses = made.files.uses(*made.files.find("a"));
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0], (GraphEdge{c, 2}));
}

TEST(Graph, AFileThatNamesItselfHasNoEdge) {
  const auto made = graph("a -> a");
  EXPECT_TRUE(made.files.edges.empty());
  EXPECT_TRUE(made.files.cycles.empty());
}

TEST(Graph, ACycleIsFoundWithItsShortestWay) {
  const auto made = graph("a -> b, b -> c, c -> d a, d -> a, e -> a, b -> f");
  ASSERT_EQ(made.files.cycles.size(), 1U);
  const auto& cycle = made.files.cycles[0];
  EXPECT_EQ(names(made.files, cycle.members), (Names{"a", "b", "c", "d"}));
  EXPECT_EQ(names(made.files, cycle.shortest), (Names{"a", "b", "c"}));
  EXPECT_EQ(cycle.edges, 5U);
  EXPECT_EQ(layers_of(made.files), "a:1 b:1 c:1 d:1 e:2 f:0 ");
}

TEST(Graph, CyclesOfFoldersAreNotCyclesOfFiles) {
  const auto made = graph("net/a -> io/b, io/c -> net/d, main -> net/a");
  EXPECT_TRUE(made.files.cycles.empty());
  ASSERT_EQ(made.modules.cycles.size(), 1U);
  EXPECT_EQ(names(made.modules, made.modules.cycles[0].members), (Names{"io", "net"}));
  EXPECT_EQ(layers_of(made.modules), ":1 io:0 net:0 ");
  EXPECT_EQ(made.files.nodes[*made.files.find("io/c")].module, *made.modules.find("io"));
}

TEST(Graph, UsesInsideAFolderAreNoUsesOfTheFolder) {
  const auto made = graph("x/a -> x/b y/c, x/b -> y/c");
  const auto uses = made.modules.uses(*made.modules.find("x"));
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].imports, 2U);
}

TEST(Graph, OrphansAreCodeThatNobodyImports) {
  auto sources = sources_of("a -> b, c, main, test, page, style");
  const auto named = [&](std::string_view path) -> GraphSource& {
    return *std::ranges::find(sources, path, &GraphSource::path);
  };
  named("main").entry = EntryKind::main;
  named("test").test = true;
  named("page").documentation = true;
  named("style").by_import = false;
  const auto made = make_graph(sources);
  EXPECT_EQ(names(made.files, made.orphans), (Names{"a", "c"}));
  ASSERT_EQ(made.entries.size(), 1U);
  EXPECT_EQ(made.entries[0], (GraphEntry{*made.files.find("main"), EntryKind::main}));
}

TEST(Graph, UsesOfFilesThatAreNotThereAreCounted) {
  EXPECT_EQ(make_graph({{.path = "a", .uses = {"gone", "gone"}}}).outside, 2U);
}

TEST(Graph, AChainOfAHundredThousandFilesNeedsNoStack) {
  std::vector<GraphSource> sources;
  constexpr std::uint32_t kFiles = 100'000;
  for (std::uint32_t i = 0; i < kFiles; ++i)
    sources.push_back({.path = fmt::format("f{:06}", i), .uses = {fmt::format("f{:06}", i + 1)}});
  auto made = make_graph(sources);
  EXPECT_EQ(made.files.layers, kFiles);
  sources.back().uses = {"f000000"};
  made = make_graph(std::move(sources));
  ASSERT_EQ(made.files.cycles.size(), 1U);
  EXPECT_EQ(made.files.cycles[0].shortest.size(), kFiles);
  EXPECT_EQ(made.files.layers, 1U);
}

std::vector<GraphSource> any_sources(Random& random) {
  std::vector<GraphSource> sources(1 + random.below(14));
  const auto path = [](std::uint64_t i) { return fmt::format("{}/{}", i % 4, i); };
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i].path = path(i);
    for (auto uses = random.below(4); uses > 0; --uses) sources[i].uses.push_back(path(random.below(sources.size())));
    if (random.chance(0.2)) sources[i].entry = static_cast<EntryKind>(random.below(4));
    sources[i].by_import = random.chance(0.7);
    sources[i].test = random.chance(0.2);
  }
  return sources;
}

/// reach[a][b]: a uses b, at least indirectly.
std::vector<std::vector<bool>> reach_of(const ImportGraph& graph) {
  const auto size = static_cast<std::uint32_t>(graph.nodes.size());
  std::vector<std::vector<bool>> reach(size, std::vector<bool>(size));
  for (std::uint32_t i = 0; i < size; ++i)
    for (const auto& edge : graph.uses(i)) reach[i][edge.node] = true;
  for (std::uint32_t k = 0; k < size; ++k)
    for (std::uint32_t i = 0; i < size; ++i)
      for (std::uint32_t j = 0; j < size; ++j)
        if (reach[i][k] && reach[k][j]) reach[i][j] = true;
  return reach;
}

void check(const ImportGraph& graph) {
  const auto reach = reach_of(graph);
  const auto size = static_cast<std::uint32_t>(graph.nodes.size());
  for (std::uint32_t i = 0; i < size; ++i) {
    EXPECT_EQ(graph.nodes[i].cycle != GraphNode::kNone, reach[i][i]);
    std::uint32_t layer = 0;
    for (std::uint32_t j = 0; j < size; ++j) {
      const bool together = i != j && reach[i][j] && reach[j][i];
      if (together) {
        EXPECT_EQ(graph.nodes[i].cycle, graph.nodes[j].cycle);
        EXPECT_EQ(graph.nodes[i].layer, graph.nodes[j].layer);
      }
      if (i != j && !together && reach[i][j]) layer = std::max(layer, graph.nodes[j].layer + 1);
    }
    EXPECT_EQ(graph.nodes[i].layer, layer);
    EXPECT_EQ(graph.nodes[i].fan_out, graph.uses(i).size());
  }
  for (const auto& cycle : graph.cycles) {
    for (std::size_t i = 0; i < cycle.shortest.size(); ++i) {
      const auto next = cycle.shortest[(i + 1) % cycle.shortest.size()];
      EXPECT_TRUE(std::ranges::any_of(graph.uses(cycle.shortest[i]), [&](const auto& e) { return e.node == next; }));
    }
    EXPECT_EQ(cycle.shortest.front(), cycle.members.front());
  }
}

TEST(Graph, HoldsForAnyFilesWhatItSays) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    auto sources = any_sources(random);
    const auto made = make_graph(sources);
    check(made.files);
    check(made.modules);
    EXPECT_EQ(made.files.reversed().reversed(), made.files);
    std::ranges::reverse(sources);
    EXPECT_EQ(make_graph(sources), made);
    const auto again = decode_graph(encode(made));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*again, made);
    const auto slices = module_slices(made);
    ASSERT_EQ(slices.size(), made.modules.nodes.size());
    std::size_t files = 0;
    for (const auto& slice : slices) {
      const auto decoded = decode_module_slice(encode(slice));
      ASSERT_TRUE(decoded) << decoded.error().message();
      EXPECT_EQ(*decoded, slice);
      files += slice.files.size();
    }
    EXPECT_EQ(files, made.files.nodes.size());
  }
}

TEST(Graph, DamagedBytesGiveAnErrorAndNewerOnesSaySo) {
  const std::string bytes = encode(graph("x/a -> y/b, y/b -> x/a z"));
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_graph(bytes.substr(0, size))) << size;
  std::string newer = bytes;
  newer[0] = 9;
  EXPECT_EQ(decode_graph(newer).error().code(), Code::unsupported_version);
  EXPECT_EQ(decode_module_slice(newer).error().code(), Code::unsupported_version);
}

TEST(Graph, ASliceStaysAsItWasWhenWhatChangedIsFarAway) {
  const auto before = module_slices(graph("x/a -> y/b, w/c -> w/d"));
  const auto after = module_slices(graph("x/a -> y/b, w/c, w/d"));
  EXPECT_EQ(encode(before[1]), encode(after[1]));
  EXPECT_NE(encode(before[0]), encode(after[0]));
}

class Sources : public testing::Test {
 protected:
  GraphSource make(std::string_view path, std::string_view language, const GraphSigns& signs = {}) const {
    return sources_.make(path, language, signs, {});
  }
  GraphSources sources_{builtin_languages()};
};

TEST_F(Sources, HeadersWaitForAnIncludeAndSourcesDoNot) {
  EXPECT_TRUE(make("src/a.h", "cpp").by_import);
  EXPECT_FALSE(make("src/a.cc", "cpp").by_import);
  EXPECT_FALSE(make("A.java", "java").by_import);
  EXPECT_FALSE(make("a.css", "css").by_import);
  EXPECT_FALSE(make("pkg/__init__.py", "python").by_import);
  EXPECT_FALSE(make("a.d.ts", "typescript").by_import);
  EXPECT_TRUE(make("a.ts", "typescript").by_import);
}

TEST_F(Sources, TheStrongestReasonToBeAnEntryPointIsGiven) {
  EXPECT_EQ(make("a.py", "python").entry, std::nullopt);
  EXPECT_EQ(make("a.py", "python", {.script = true}).entry, EntryKind::script);
  EXPECT_EQ(make("p/__main__.py", "python", {.script = true}).entry, EntryKind::named);
  EXPECT_EQ(make("vite.config.ts", "typescript").entry, EntryKind::named);
  EXPECT_EQ(make("p/__main__.py", "python", {.main = true}).entry, EntryKind::main);
  EXPECT_EQ(make("a.js", "javascript", {.in_manifest = true, .main = true}).entry, EntryKind::manifest);
}

TEST_F(Sources, FilesThatNobodyHereWroteAreNoOrphans) {
  EXPECT_FALSE(make("a.py", "python", {.traits = {.vendored = true}}).by_import);
}

}  // namespace
}  // namespace skein::repo
