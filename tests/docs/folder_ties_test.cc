#include "docs/folder_ties.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "docs/graph_summary.h"

namespace skein::docs {
namespace {

struct Tied {
  explicit Tied(const std::vector<std::pair<std::string, std::vector<std::string>>>& files) {
    std::vector<repo::GraphSource> sources;
    for (const auto& [path, uses] : files) {
      repo::SnapshotFile file;
      file.path = path;
      snapshot.files.push_back(file);
      auto& source = sources.emplace_back();
      source.path = path;
      source.uses = uses;
      source.by_import = true;
    }
    std::ranges::sort(snapshot.files, {}, &repo::SnapshotFile::path);
    tree = make_tree(snapshot, repo::builtin_languages(), [](const std::string&) { return std::string(); });
    graph = repo::make_graph(std::move(sources));
  }
  std::uint32_t at(std::string_view path) const {
    return static_cast<std::uint32_t>(tree.folder(path) - tree.folders.data());
  }
  repo::Snapshot snapshot;
  SiteTree tree;
  repo::RepoGraph graph;
};

std::string shown(const std::vector<ModuleUse>& uses) {
  std::string text;
  for (const auto& use : uses) text += fmt::format("{}{}:{}", text.empty() ? "" : " ", use.path, use.imports);
  return text;
}

TEST(FolderTies, AreOfAFolderWithAllBelowIt) {
  const Tied tied({{"src/a/x.py", {"src/b/y.py", "lib/z.py"}},
                   {"src/a/deep/w.py", {"lib/z.py", "src/a/x.py"}},
                   {"src/b/y.py", {}},
                   {"lib/z.py", {"src/b/y.py"}}});
  const FolderTies ties(tied.tree, tied.graph);
  EXPECT_EQ(shown(ties.uses(tied.at("src"))), "lib:2");
  EXPECT_EQ(shown(ties.used_by(tied.at("src"))), "lib:1");
  EXPECT_EQ(shown(ties.uses(tied.at("src/a"))), "lib:2 src/b:1");
  EXPECT_EQ(shown(ties.used_by(tied.at("src/a"))), "");
  EXPECT_EQ(shown(ties.uses(0)), "");
}

TEST(FolderTies, LabelsThatWereCutToTheSameTextAreToldApart) {
  std::vector<std::pair<std::string, std::vector<std::string>>> files;
  for (const auto* of : {"main", "test"})
    for (const auto* in : {"alpha", "internal"})
      files.push_back({fmt::format("gson/src/{}/java/com/google/gson/{}/X.py", of, in), {}});
  files[3].second = {files[0].first, files[1].first, files[2].first};
  const Tied tied(files);
  const auto picture = FolderTies(tied.tree, tied.graph).picture({0, Picture::Kind::inside});
  std::set<std::string> drawn;
  for (const auto& node : picture.nodes) drawn.insert(node.label);
  EXPECT_EQ(drawn, (std::set<std::string>{"gson/…/main/…/alpha", "gson/…/main/…/internal", "gson/…/test/…/alpha",
                                          "gson/…/test/…/internal"}));
}

TEST(FolderTies, APictureOfTheInsideTakesTheLargestFolderApart) {
  std::vector<std::pair<std::string, std::vector<std::string>>> files{{"main.py", {"src/core/f0.py"}}};
  for (int i = 0; i < 9; ++i) files.push_back({fmt::format("src/core/f{}.py", i), {}});
  files.push_back({"src/ui/x.py", {"src/core/f1.py"}});
  files.push_back({"tool/x.py", {}});
  const Tied tied(files);
  const auto picture = FolderTies(tied.tree, tied.graph).picture({0, Picture::Kind::inside});
  ASSERT_EQ(picture.edges.size(), 2u);
  std::set<std::string> drawn;
  for (const auto& node : picture.nodes) drawn.insert(node.label);
  EXPECT_EQ(drawn, (std::set<std::string>{"./*", "src/core", "src/ui"}));
  ASSERT_EQ(picture.unconnected.size(), 1u);
  EXPECT_EQ(picture.unconnected[0].path, "tool");
}

TEST(FolderTies, ACycleOfFoldersIsMarked) {
  const Tied tied({{"a/x.py", {"b/y.py"}}, {"b/y.py", {"c/z.py"}}, {"c/z.py", {"a/x.py"}}, {"d/w.py", {"a/x.py"}}});
  const auto picture = FolderTies(tied.tree, tied.graph).picture({0, Picture::Kind::inside});
  EXPECT_EQ(std::ranges::count_if(picture.edges, &PictureEdge::cycle), 3);
  EXPECT_EQ(picture.edges.size(), 4u);
}

TEST(FolderTies, PicturesStayWithinTheirLimitsWhateverTheTree) {
  SeededRandom random(11);
  for (int round = 0; round < 12; ++round) {
    std::vector<std::string> paths;
    for (int i = 0; i < 600; ++i) {
      std::string path;
      for (auto depth = random.below(4) + 1; depth > 0; --depth) path += fmt::format("d{}/", random.below(60));
      paths.push_back(path + fmt::format("f{}.py", i));
    }
    std::vector<std::pair<std::string, std::vector<std::string>>> files;
    for (const auto& path : paths) {
      auto& file = files.emplace_back(path, std::vector<std::string>{});
      for (auto uses = random.below(6); uses > 0; --uses) file.second.push_back(paths[random.below(paths.size())]);
    }
    const Tied tied(files);
    const auto chosen = choose_pictures(tied.tree);
    EXPECT_LE(chosen.size(), kPictures);
    EXPECT_EQ(chosen.front(), (PictureSpec{0, Picture::Kind::inside}));
    const FolderTies ties(tied.tree, tied.graph);
    for (const auto& spec : chosen) {
      const auto picture = ties.picture(spec);
      EXPECT_LE(picture.nodes.size(), kPictureNodes);
      EXPECT_LE(picture.edges.size(), kPictureEdges);
      const auto again = decode_picture(encode(picture));
      ASSERT_TRUE(again) << again.error().to_string();
      EXPECT_EQ(*again, picture);
    }
  }
}

TEST(GraphSummary, ComesBackAsItWasStoredAndSaysWhatTheGraphSays) {
  const Tied tied({{"a/x.py", {"b/y.py"}}, {"b/y.py", {"a/x.py"}}, {"c/z.py", {"a/x.py"}}, {"lonely.py", {}}});
  const auto summary = summarize(tied.graph, std::vector<bool>(4, false));
  EXPECT_EQ(summary.all_module_cycles, 1u);
  EXPECT_EQ(summary.module_cycles.front().shortest, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(summary.orphans, (std::vector<std::string>{"c/z.py", "lonely.py"}));
  EXPECT_EQ(summary.foundations.front().path, "a");
  const auto bytes = encode(summary);
  const auto again = decode_graph_summary(bytes);
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(*again, summary);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(decode_graph_summary(bytes.substr(0, cut)));
}

}  // namespace
}  // namespace skein::docs
