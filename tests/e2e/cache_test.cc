// `skein cache …`, `backup` and `restore`, as a user meets them.
#include <gtest/gtest.h>

#include "e2e/skein_program.h"
#include "engine/schema.h"

namespace skein {
namespace {

using engine::Json;
using test::SkeinProgram;

class CacheCommands : public testing::Test {
 protected:
  CacheCommands() {
    for (auto* tree : {&skein.workspace, &other}) {
      tree->write("src/a.py", "def first(): pass\n");
      tree->write("src/b.py", "import a\n\ndef second(): pass\n");
      tree->write("README.md", "# Sample\n\nTwo modules.\n");
      tree->make_folder(".git");
    }
  }
  Json json(std::vector<std::string> words, const std::string& folder = {}, int exit_code = 0) {
    words.push_back("--json");
    const auto outcome = skein.run(words, folder);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.out << outcome.err;
    return engine::parse_json(outcome.out).value_or(Json());
  }
  SkeinProgram skein;
  test::ScratchTree other;
};

TEST_F(CacheCommands, ASecondCheckoutDoesNothingAgainAfterAnImport) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  const auto made = json({"cache", "stats"});
  EXPECT_GT(made["misses"], 0);
  EXPECT_EQ(made["hits"], 0);
  EXPECT_EQ(made["entries"], made["misses"]);
  ASSERT_EQ(skein.run({"cache", "export", skein.home.path("x")}).exit_code, 0);
  EXPECT_EQ(json({"cache", "import", skein.home.path("x")}, other.root())["results"], made["entries"]);
  EXPECT_EQ(json({"docs"}, other.root())["steps_done"], 2) << "only the two publications";
  const auto taken = json({"cache", "stats"}, other.root());
  EXPECT_EQ(taken["misses"], 0);
  EXPECT_EQ(taken["hits"], made["misses"]);
}

TEST_F(CacheCommands, ClearAsksTakesDependentsAlongAndIsAudited) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  const auto all = json({"cache", "stats"})["entries"];
  EXPECT_EQ(skein.run({"cache", "clear", "--namespace", "parses"}).exit_code, 2) << "nobody to ask";
  EXPECT_EQ(skein.run({"cache", "clear", "--namespace", "parsed", "--yes"}).exit_code, 2);
  EXPECT_EQ(json({"cache", "stats"})["entries"], all);
  const auto cleared = json({"cache", "clear", "--namespace", "parses", "--yes"});
  EXPECT_GT(cleared["dependents"], 0);
  EXPECT_EQ(json({"cache", "stats"})["evictions"], cleared["entries"]);
  EXPECT_EQ(json({"cache", "audit"})["changes"][0]["what"], "clear");
  EXPECT_EQ(json({"cache", "verify"})["damaged"], 0);
  skein.workspace.write("src/c.py", "x = 1\n");
  EXPECT_EQ(skein.run({"docs"}).exit_code, 0);
}

TEST_F(CacheCommands, GcKeepsTheSizeAndARunWithNothingChangedCountsAsAHit) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  EXPECT_GT(json({"cache", "stats"})["hits"], 0);
  EXPECT_FALSE(json({"cache", "gc", "--max-size", "2KB", "--dry-run"})["done"]);
  EXPECT_TRUE(json({"cache", "gc", "--max-size", "2KB"})["done"]);
  EXPECT_LE(json({"cache", "stats"})["stored_bytes"], 2000);
}

TEST_F(CacheCommands, ADamagedPackIsFoundAndMended) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  std::string pack = skein.workspace.read(".skein/packs/000001.pack");
  pack[100] = static_cast<char>(pack[100] ^ 1);
  skein.workspace.write(".skein/packs/000001.pack", pack);
  EXPECT_EQ(json({"cache", "verify"}, {}, 1)["damaged"], 1);
  EXPECT_TRUE(json({"cache", "verify", "--repair"})["repaired"]);
  EXPECT_EQ(json({"cache", "verify"})["damaged"], 0);
}

TEST_F(CacheCommands, ABackupBringsRunsToAnotherCheckout) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  ASSERT_EQ(skein.run({"backup", skein.home.path("b")}).exit_code, 0);
  ASSERT_EQ(skein.run({"restore", skein.home.path("b")}, other.root()).exit_code, 0);
  EXPECT_EQ(json({"runs", "list"}, other.root())["runs"], json({"runs", "list"})["runs"]);
  EXPECT_EQ(skein.run({"cache", "import", skein.home.path("b")}, other.root()).exit_code, 2);
}

}  // namespace
}  // namespace skein
