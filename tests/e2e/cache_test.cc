// `skein cache …`, `backup` and `restore`, as a user meets them.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "e2e/skein_program.h"
#include "engine/schema.h"
#include "support/redis_server.h"

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

TEST_F(CacheCommands, AnotherWorkspaceIsWarmedThroughTheTeamsServer) {
  test::RedisServer server;
  const std::vector<std::pair<std::string, std::string>> team{
      {"SKEIN_CACHE_URL", server.url()}, {"SKEIN_CACHE_TIME_LIMIT_MS", "10000"}, {"SKEIN_CACHE_BUDGET_MS", "60000"}};
  ASSERT_EQ(skein.run({"docs"}, {}, team).exit_code, 0);
  const auto made = json({"cache", "stats"});
  const auto second = skein.run({"docs", "--json"}, other.root(), team);
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(engine::parse_json(second.out).value()["steps_done"], 2) << "only the two publications";
  const auto taken = json({"cache", "stats"}, other.root());
  EXPECT_EQ(taken["misses"], 0) << "no file was parsed again";
  EXPECT_EQ(taken["hits"], made["misses"]);
  EXPECT_EQ(json({"cache", "verify"}, other.root())["damaged"], 0);
}

TEST_F(CacheCommands, ADeadOrFarServerIsSaidOnceAndFailsNothing) {
  for (const auto* url : {"unix:///nowhere/at/all", "redis://10.255.255.1:6379"}) {
    const auto outcome = skein.run({"docs", "--no-cache"}, {}, {{"SKEIN_CACHE_URL", url}});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto first = outcome.err.find("shared cache");
    ASSERT_NE(first, std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("shared cache", first + 20), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(skein.run({"docs", "--no-cache"}, {}, {{"SKEIN_CACHE_URL", "https://h"}}).exit_code, 2);
  const auto off = skein.run({"docs", "--no-cache", "--mode", "airgapped"}, {}, {{"REDIS_URL", "redis://127.0.0.1:1"}});
  EXPECT_EQ(off.exit_code, 0) << off.err;
}

/// A checkout with a commit.
class CacheOfCommits : public CacheCommands {
 protected:
  CacheOfCommits() {
    skein.workspace.remove(".git");
    git({"init", "-q", "-b", "trunk"});
    commit();
  }
  std::string git(std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-c", "user.name=T", "-c", "user.email=t@example.org"});
    auto out = skein.run_program(words).out;
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }
  std::string commit() {
    git({"add", "-A"});
    git({"commit", "-q", "-m", "a change"});
    return git({"rev-parse", "HEAD"});
  }
};

TEST_F(CacheOfCommits, EntriesKnowTheirCommitAndAreAskedForAndClearedByIt) {
  const auto first = git({"rev-parse", "HEAD"});
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  const auto all = json({"cache", "stats"});
  EXPECT_EQ(json({"cache", "stats", "--commit", first.substr(0, 10)})["entries"], all["entries"]);
  EXPECT_EQ(json({"cache", "stats", "--commit", first})["misses"], all["misses"]);
  skein.workspace.write("src/c.py", "def third(): pass\n");
  const auto second = commit();
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  const auto of_second = json({"cache", "stats", "--commit", second});
  EXPECT_GT(of_second["entries"], 0);
  EXPECT_LT(of_second["entries"], json({"cache", "stats"})["entries"]);
  const auto cleared = json({"cache", "clear", "--commit", second, "--yes"});
  EXPECT_GE(cleared["entries"], of_second["entries"]);
  EXPECT_EQ(cleared["by_reason"]["clear"], of_second["entries"]);
  EXPECT_EQ(json({"cache", "stats", "--commit", second})["entries"], 0);
  EXPECT_GT(json({"cache", "stats"})["evictions_by_reason"]["clear"], 0);
  EXPECT_EQ(json({"cache", "stats", "--commit", "0123456789"})["entries"], 0);
}

TEST_F(CacheOfCommits, ACommitIsNamedAsGitNamesIt) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  git({"tag", "v1"});
  skein.workspace.write("src/c.py", "def third(): pass\n");
  const auto second = commit();
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  const auto entries = [&](const std::string& name) { return json({"cache", "stats", "--commit", name})["entries"]; };
  EXPECT_GT(entries("HEAD"), 0);
  EXPECT_EQ(entries("HEAD"), entries(second));
  EXPECT_EQ(entries("trunk"), entries(second));
  EXPECT_EQ(entries("HEAD~"), entries("v1"));
  EXPECT_NE(entries("v1"), entries("HEAD"));
  for (const auto* command : {"stats", "clear"}) {
    const auto refused = skein.run({"cache", command, "--commit", "nowhere"});
    EXPECT_EQ(refused.exit_code, 2) << command;
    EXPECT_NE(refused.err.find("there is no commit 'nowhere' here"), std::string::npos) << refused.err;
  }
  EXPECT_GT(json({"cache", "clear", "--commit", "trunk", "--yes"})["by_reason"]["clear"], 0);
  EXPECT_EQ(entries("HEAD"), 0);
  EXPECT_GT(entries("v1"), 0);
  // What a publication changed is asked for by the same names.
  EXPECT_EQ(skein.run({"docs", "--changes", "trunk"}).exit_code, 0);
  EXPECT_NE(skein.run({"docs", "--changes", "v1"}).out.find("third"), std::string::npos);
  EXPECT_EQ(skein.run({"docs", "--changes", "nowhere"}).exit_code, 2);
}

TEST_F(CacheOfCommits, WarmMakesResultsOfAnotherCommitAndTouchesNothing) {
  skein.workspace.write("src/c.py", "def third(): pass\n");
  commit();
  const auto before = git({"status", "--porcelain"});
  const auto warmed = json({"cache", "warm", "HEAD~1"});
  EXPECT_GT(warmed["made"], 0);
  EXPECT_TRUE(warmed["source"].get<std::string>().starts_with("commit "));
  EXPECT_EQ(git({"status", "--porcelain"}), before);
  EXPECT_FALSE(std::filesystem::exists(skein.workspace.path(".skein/docs/index.html")));
  EXPECT_EQ(std::filesystem::is_empty(skein.workspace.path(".skein/tmp")), true);
  EXPECT_EQ(skein.run({"cache", "warm", "nowhere"}).exit_code, 2);
  ASSERT_EQ(skein.run({"cache", "warm"}).exit_code, 0);
  EXPECT_EQ(json({"docs"})["steps_done"], 2) << "only the two publications";
  EXPECT_EQ(json({"cache", "audit"})["changes"][0]["what"], "warm");
}

TEST_F(CacheCommands, StatsTellReasonsLatenciesTheBiggestAndTheMostUsed) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  skein.workspace.write("src/more.py", "def more(): pass\n");  // A file that comes: all is planned and asked for.
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  const auto stats = json({"cache", "stats"});
  EXPECT_GT(stats["misses_by_reason"]["absent"], 0);
  ASSERT_FALSE(stats["tiers"].empty());
  bool disk = false;
  for (const auto& tier : stats["tiers"])
    if (tier["name"] == "disk") {
      disk = true;
      EXPECT_GT(tier["get"]["calls"], 0);
      EXPECT_GT(tier["get"]["p99_us"], 0);
      EXPECT_GE(tier["get"]["p99_us"], tier["get"]["p50_us"]);
      EXPECT_GT(tier["put"]["calls"], 0);
    }
  EXPECT_TRUE(disk);
  ASSERT_FALSE(stats["biggest"].empty());
  EXPECT_GE(stats["biggest"][0]["stored_bytes"], stats["biggest"].back()["stored_bytes"]);
  ASSERT_FALSE(stats["most_used"].empty());
  EXPECT_GT(stats["most_used"][0]["hits"], 0);
  EXPECT_GT(stats["seconds_saved"], 0);
  const auto shown = skein.run({"cache", "stats"}).out;
  for (const auto* part : {"hit ratio", "misses:", "tier", "biggest on disk", "most used"})
    EXPECT_NE(shown.find(part), std::string::npos) << part << "\n" << shown;
}

TEST_F(CacheCommands, NamespacesAreChangedInSettingsAndSayWhereEachValueCameFrom) {
  skein.workspace.write("skein.toml",
                        "[cache.namespaces.parses]\nshare = 0.5\n\n[cache.namespaces.pages]\nagents = "
                        "[\"docs.page\"]\nttl = \"2h\"\n");
  const auto rows = json({"cache", "namespaces"})["namespaces"];
  bool changed = false;
  bool added = false;
  for (const auto& row : rows) {
    if (row["name"] == "parses") {
      changed = true;
      EXPECT_EQ(row["share"], 0.5);
      EXPECT_EQ(row["origins"]["share"], "skein.toml:2");
      EXPECT_EQ(row["origins"]["tier"], "default");
    }
    if (row["name"] == "pages") {
      added = true;
      EXPECT_EQ(row["ttl_seconds"], 7200);
    }
  }
  EXPECT_TRUE(changed);
  EXPECT_TRUE(added);
  skein.workspace.write("skein.toml", "[cache.namespaces.parses]\nttl = \"soon\"\n");
  const auto bad = skein.run({"cache", "namespaces"});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.err.find("skein.toml:2"), std::string::npos) << bad.err;
}

TEST_F(CacheCommands, GcSaysWhyAndASharesBoundIsHeld) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  skein.workspace.write("skein.toml", "[cache.namespaces.parses]\nshare = 0\n");
  const auto planned = json({"cache", "gc", "--dry-run"});
  EXPECT_GT(planned["by_reason"]["size"], 0);
  EXPECT_EQ(planned["entries"], planned["by_reason"]["size"]);
  EXPECT_NE(skein.run({"cache", "gc", "--dry-run"}).out.find("by size"), std::string::npos);
  EXPECT_TRUE(json({"cache", "gc"})["done"]);
  for (const auto& one : json({"cache", "stats"})["namespaces"])
    if (one["name"] == "parses") {
      EXPECT_EQ(one["entries"], 0);
    }
  EXPECT_EQ(json({"cache", "gc"})["entries"], 0) << "nothing is left to do";
}

TEST_F(CacheCommands, AnotherWorkspaceOfTheUserTakesWhatOneMade) {
  const std::vector<std::pair<std::string, std::string>> on{{"SKEIN_CACHE_USER_TIER", "true"}};
  ASSERT_EQ(skein.run({"docs"}, {}, on).exit_code, 0);
  const auto second = skein.run({"docs", "--json"}, other.root(), on);
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(engine::parse_json(second.out).value()["steps_done"], 2) << "only the two publications";
  struct ::stat info{};
  ASSERT_EQ(::stat(skein.home.path(".cache/skein/store").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 077, 0u) << "others cannot read it";
}

TEST_F(CacheCommands, WhatIsDamagedIsSetAsideAndMadeAgainWithTheSameBytes) {
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  const auto page = skein.workspace.read(".skein/docs/index.html");
  std::string pack = skein.workspace.read(".skein/packs/000001.pack");
  for (std::size_t at = 400; at < pack.size(); at += 900) pack[at] = static_cast<char>(pack[at] ^ 1);
  skein.workspace.write(".skein/packs/000001.pack", pack);
  skein.workspace.remove(".skein/docs");
  const auto again = skein.run({"docs"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(skein.workspace.read(".skein/docs/index.html"), page);
  EXPECT_FALSE(std::filesystem::is_empty(skein.workspace.path(".skein/quarantine")));
  EXPECT_TRUE(json({"cache", "verify", "--repair"})["repaired"]);
  EXPECT_EQ(json({"cache", "verify"})["damaged"], 0);
}

TEST_F(CacheCommands, ValuesOnTheServerCanBeEncrypted) {
  test::RedisServer server;
  std::vector<std::pair<std::string, std::string>> team{{"SKEIN_CACHE_URL", server.url()},
                                                        {"SKEIN_CACHE_TIME_LIMIT_MS", "10000"},
                                                        {"SKEIN_CACHE_BUDGET_MS", "60000"},
                                                        {"SKEIN_CACHE_ENCRYPT", "true"},
                                                        {"SKEIN_CACHE_SECRET", "ours"}};
  ASSERT_EQ(skein.run({"docs"}, {}, team).exit_code, 0);
  const auto second = skein.run({"docs", "--json"}, other.root(), team);
  EXPECT_EQ(engine::parse_json(second.out).value()["steps_done"], 2) << second.err;
  skein.workspace.remove(".skein");
  team.back().second = "another";
  const auto stranger = skein.run({"docs", "--json"}, {}, team);
  EXPECT_EQ(stranger.exit_code, 0) << stranger.err;
  EXPECT_GT(engine::parse_json(stranger.out).value()["steps_done"], 2) << "what is not ours is not believed";
  EXPECT_NE(stranger.err.find("another key"), std::string::npos) << stranger.err;
}

}  // namespace
}  // namespace skein
