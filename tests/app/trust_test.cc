#include "app/trust.h"

#include <gtest/gtest.h>

#include "base/sim_file_system.h"

namespace skein::app {
namespace {

class TrustTest : public testing::Test {
 protected:
  TrustTest() {
    put("/w/.skein/agents/lint.toml", "run = \"lint\"");
    put("/w/.skein/prompts/deep/p.md", "text");
    put("/w/.skein/docs/index.html", "not looked at");
  }
  void put(const std::string& path, std::string_view bytes) {
    ASSERT_TRUE(files.make_directories(parent_path(path)));
    ASSERT_TRUE(write_file_atomically(files, path, bytes, true));
  }
  std::vector<TrustItem> items() { return *collect_trust_items(files, "/w", guarded); }

  SeededRandom random{1};
  SimFileSystem files{random};
  SimClock clock;
  std::vector<GuardedSetting> guarded{{"mode.default", "burst", "skein.toml:2"}};
  TrustStore store{files, "/home/u/.local/state/skein"};
};

TEST_F(TrustTest, CollectsGuardedSettingsAndFilesThatCouldRun) {
  std::vector<std::string> names;
  for (const TrustItem& item : items()) names.push_back(item.what);
  EXPECT_EQ(names, (std::vector<std::string>{".skein/agents/lint.toml", ".skein/prompts/deep/p.md",
                                             "mode.default = \"burst\" (skein.toml:2)"}));
}

TEST_F(TrustTest, NothingThereNeedsNoTrust) { EXPECT_EQ(store.state("/empty", {}), TrustState::nothing_to_trust); }

TEST_F(TrustTest, HoldsForExactlyWhatWasSeen) {
  EXPECT_EQ(store.state("/w", items()), TrustState::untrusted);
  ASSERT_TRUE(store.grant("/w", items(), clock));
  EXPECT_EQ(store.state("/w", items()), TrustState::trusted);
  put("/w/.skein/agents/lint.toml", "run = \"rm\"");
  EXPECT_EQ(store.state("/w", items()), TrustState::changed);
  put("/w/.skein/agents/lint.toml", "run = \"lint\"");
  EXPECT_EQ(store.state("/w", items()), TrustState::trusted);
  put("/w/.skein/workflows/new.toml", "");
  EXPECT_EQ(store.state("/w", items()), TrustState::changed);
}

TEST_F(TrustTest, MovingALineIsNoChangeAndAnotherWorkspaceIsAnother) {
  ASSERT_TRUE(store.grant("/w", items(), clock));
  guarded[0].place = "skein.toml:9";
  EXPECT_EQ(store.state("/w", items()), TrustState::trusted);
  EXPECT_EQ(store.state("/copy", items()), TrustState::untrusted);
}

TEST_F(TrustTest, IsTakenBackAndListed) {
  ASSERT_TRUE(store.list());
  EXPECT_TRUE(store.list()->empty());
  ASSERT_TRUE(store.grant("/w", items(), clock));
  ASSERT_EQ(store.list()->size(), 1U);
  EXPECT_EQ((*store.list())[0].workspace, "/w");
  EXPECT_EQ((*store.list())[0].items.size(), 3U);
  ASSERT_TRUE(store.revoke("/w"));
  EXPECT_EQ(store.state("/w", items()), TrustState::untrusted);
  EXPECT_EQ(store.revoke("/w").error().code(), Code::not_found);
}

TEST_F(TrustTest, ADamagedRecordIsNoTrust) {
  ASSERT_TRUE(store.grant("/w", items(), clock));
  const auto entries = files.list("/home/u/.local/state/skein/trust");
  ASSERT_TRUE(entries);
  put("/home/u/.local/state/skein/trust/" + (*entries)[0].name, "{\"schema\":\"skein.trust-record/2\"}");
  EXPECT_EQ(store.state("/w", items()), TrustState::untrusted);
}

}  // namespace
}  // namespace skein::app
