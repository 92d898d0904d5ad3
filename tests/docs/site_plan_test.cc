#include "docs/site_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "docs/links.h"
#include "docs/theme.h"

namespace skein::docs {
namespace {

struct Planned {
  explicit Planned(const std::string& root) {
    snapshot.root = root;
    for (const auto* path : {"README.md", "a.py", "lib/b.py", "lib/c/d.h", "media/x.png"}) {
      repo::SnapshotFile file;
      file.path = path;
      file.digest = sha256(path);
      if (file.path.ends_with(".png")) file.kind = repo::FileKind::binary;
      snapshot.files.push_back(file);
    }
    tree = make_tree(snapshot, repo::builtin_languages(), [](const std::string&) { return std::string(); });
    for (const auto& file : snapshot.files) paths.push_back(file.path);
  }
  Result<SitePlan> plan() {
    const repo::PathIndex index(paths);
    const SiteInputs inputs{repo::builtin_languages(), tree, index, {"project", theme_version()}, {}};
    const SiteAgents agents(inputs);
    auto planned = plan_site(inputs, agents);
    if (!planned) return planned;
    for (std::size_t i = 0; i < planned->plan.size(); ++i) {
      const auto& step = planned->plan.step(engine::StepId{static_cast<std::uint32_t>(i)});
      for (const auto& part : step.parts) parts.insert(part.value);
    }
    return planned;
  }
  repo::Snapshot snapshot;
  SiteTree tree;
  std::vector<std::string_view> paths;
  std::set<std::string> parts;
};

TEST(SitePlan, MakesEveryPageOnce) {
  Planned made("/nowhere/at/all");
  const auto planned = made.plan();
  ASSERT_TRUE(planned) << planned.error().to_string();
  const std::set<std::string> pages(planned->pages.begin(), planned->pages.end());
  EXPECT_EQ(pages.size(), planned->pages.size());
  EXPECT_EQ(planned->page_outputs.size(), planned->pages.size());
  for (const auto& path :
       {file_page("a.py"), file_page("lib/c/d.h", PageForm::markdown), module_page(""), module_page("lib/c"),
        module_shard("lib"), std::string(kOverviewHtml), std::string(kSiteIndex)})
    EXPECT_TRUE(pages.contains(path)) << path;
  EXPECT_FALSE(pages.contains(module_page("media")));
}

TEST(SitePlan, KeysHoldNoPathOfTheMachine) {
  Planned one("/nowhere/at/all"), other("/somewhere/else");
  ASSERT_TRUE(one.plan());
  ASSERT_TRUE(other.plan());
  EXPECT_EQ(one.parts, other.parts);
  for (const auto& value : one.parts) EXPECT_EQ(value.find("nowhere"), std::string::npos) << value;
}

}  // namespace
}  // namespace skein::docs
