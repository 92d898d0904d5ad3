#include "docs/project_page.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

namespace skein::docs {
namespace {

TEST(ProjectPage, EveryPartOfItIsInItsDigest) {
  const std::vector<std::function<void(ProjectPage&)>> changes{
      [](ProjectPage&) {},
      [](ProjectPage& page) { page.name = "x"; },
      [](ProjectPage& page) { page.tagline.text = "x"; },
      [](ProjectPage& page) { page.tagline.inferred = true; },
      [](ProjectPage& page) { page.tagline.from = "x"; },
      [](ProjectPage& page) { page.commands.push_back({"test", "make", {}}); },
      [](ProjectPage& page) { page.commands.push_back({"test", "make", {"why", true, "Makefile"}}); },
      [](ProjectPage& page) { page.dependencies.push_back({"fmt", "", "", "a"}); },
      [](ProjectPage& page) { page.dependencies.push_back({"fmt", "> 1", "", "a"}); },
      [](ProjectPage& page) { page.entry_points.push_back({{"a.py", false, true}, {}}); },
      [](ProjectPage& page) { page.entry_points.push_back({{"a.py", false, false}, {}}); },
      [](ProjectPage& page) { page.notes.push_back("x"); },
      [](ProjectPage& page) { page.services.push_back({"db", "postgres", {}, "compose.yml"}); },
      [](ProjectPage& page) { page.services.push_back({"db", "postgres", {"web"}, "compose.yml"}); },
  };
  std::set<std::string> digests;
  for (const auto& change : changes) {
    ProjectPage page;
    change(page);
    digests.insert(digest_of(page).hex());
  }
  EXPECT_EQ(digests.size(), changes.size());
}

}  // namespace
}  // namespace skein::docs
