#include "app/state_folder.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/sim_file_system.h"
#include "support/scratch_tree.h"

namespace skein::app {
namespace {

Result<Mount> local_disk(const std::string&) { return Mount{"ext4", false, false, Bytes{1 << 30}}; }

constexpr std::string_view kKey = "a key of the user's, 32 bytes   ";

class StateFolderTest : public testing::Test {
 protected:
  Result<StateFolder> open(const std::string& path = "/w/.skein") {
    return open_state_folder(files, {path, false, {}, {}}, kKey);
  }
  void put(const std::string& path, std::string_view bytes) {
    ASSERT_TRUE(files.make_directories(parent_path(path)));
    ASSERT_TRUE(write_file_atomically(files, path, bytes, true));
  }
  std::string text(const std::string& path) { return read_file(files, path).value_or("(none)"); }

  SeededRandom random{1};
  SimFileSystem files{random};
};

TEST_F(StateFolderTest, IsMadeWithItsFormatAndHiddenFromGit) {
  const auto state = open();
  ASSERT_TRUE(state) << state.error().to_string();
  EXPECT_TRUE(state->notes.empty());
  EXPECT_EQ(text("/w/.skein/.gitignore"), "*\n");
  EXPECT_EQ(text("/w/.skein/format"), "skein state 1\n");
  const auto again = open();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->notes.empty());
}

TEST_F(StateFolderTest, ANewerFormatIsRefusedWithAWayOut) {
  put("/w/.skein/format", "skein state 2\n");
  put("/w/.skein/results/x", "kept");
  const auto state = open();
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code(), Code::unsupported_version);
  EXPECT_EQ(state.error().way_out(), "update skein, or remove /w/.skein to start afresh");
  EXPECT_EQ(text("/w/.skein/results/x"), "kept");
}

TEST_F(StateFolderTest, ADamagedFormatMovesStateAsideAndSaysSo) {
  for (const std::string_view damaged :
       {"", "garbage", "skein state \n", "skein state 0\n", "skein state 1", "skein state 99999999999\n"}) {
    const test::ScratchTree tree;
    tree.write("format", damaged);
    tree.write("index.db", "old");
    tree.write("results/pack", "old");
    const auto disk = make_system_file_system();
    const auto state = open_state_folder(*disk, {tree.root(), false, {}, {}}, kKey);
    ASSERT_TRUE(state) << damaged << ": " << state.error().to_string();
    ASSERT_EQ(state->notes.size(), 1U) << damaged;
    EXPECT_NE(state->notes[0].find("rebuilt"), std::string::npos);
    EXPECT_EQ(read_file(*disk, tree.path("old-0/index.db")).value_or("(none)"), "old");
    EXPECT_EQ(read_file(*disk, tree.path("old-0/results/pack")).value_or("(none)"), "old");
    EXPECT_EQ(read_file(*disk, tree.path("format")).value_or("(none)"), "skein state 1\n");
  }
}

TEST_F(StateFolderTest, KeepsWhatIsNotStateWhereItIs) {
  put("/w/.skein/agents/a.toml", "agent");
  put("/w/.skein/index.db", "old");
  ASSERT_TRUE(open());
  EXPECT_EQ(text("/w/.skein/agents/a.toml"), "agent");
  EXPECT_EQ(text("/w/.skein/old-0/index.db"), "old");
}

TEST_F(StateFolderTest, NeverUsesStateOrPagesThatAnotherUserOrARepositoryMade) {
  const test::ScratchTree tree;
  const auto disk = make_system_file_system();
  tree.write("format", "skein state 1\n");
  tree.write("owner", hmac_sha256("another key", tree.root()).hex() + "\n");
  tree.write("packs/000001.pack", "false results");
  tree.write("docs/index.html", "false page");
  const auto state = open_state_folder(*disk, {tree.root(), false, {}, {}}, kKey);
  ASSERT_TRUE(state) << state.error().to_string();
  ASSERT_EQ(state->notes.size(), 1U);
  EXPECT_NE(state->notes[0].find("not made here by you"), std::string::npos);
  EXPECT_EQ(read_file(*disk, tree.path("old-1/docs/index.html")).value_or("(none)"), "false page");
  EXPECT_FALSE(read_file(*disk, tree.path("packs/000001.pack")));
  EXPECT_TRUE(is_own_state(*disk, tree.root(), kKey));
  EXPECT_FALSE(is_own_state(*disk, tree.root(), "another key"));
}

TEST_F(StateFolderTest, PagesWithoutStateAreMovedAsideToo) {
  const test::ScratchTree tree;
  const auto disk = make_system_file_system();
  tree.write("docs/index.html", "false page");
  ASSERT_TRUE(open_state_folder(*disk, {tree.root(), false, {}, {}}, kKey));
  EXPECT_FALSE(read_file(*disk, tree.path("docs/index.html")));
}

TEST_F(StateFolderTest, AFolderWithOnlyARepositorysFilesIsNew) {
  put("/w/.skein/agents/a.toml", "agent");
  const auto state = open();
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->notes.empty());
}

TEST_F(StateFolderTest, ASecondRebuildFindsAFreeName) {
  for (int round = 0; round < 3; ++round) {
    put("/w/.skein/index.db", "old");
    put("/w/.skein/format", "?");
    ASSERT_TRUE(open());
  }
  EXPECT_EQ(text("/w/.skein/old-0/index.db"), "old");
  EXPECT_EQ(text("/w/.skein/old-0-1/index.db"), "old");
  EXPECT_EQ(text("/w/.skein/old-0-2/index.db"), "old");
}

TEST_F(StateFolderTest, LosingPowerWhileItIsMadeLeavesNothingInTheWay) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SeededRandom chance(seed);
    SimFileSystem disk(chance);
    disk.crash_after(1 + seed % 12);
    static_cast<void>(open_state_folder(disk, {"/w/.skein", false, {}, {}}, kKey));
    disk.crash();
    const auto state = open_state_folder(disk, {"/w/.skein", false, {}, {}}, kKey);
    ASSERT_TRUE(state) << seed << ": " << state.error().to_string();
    EXPECT_EQ(read_file(disk, "/w/.skein/format").value_or("(none)"), "skein state 1\n");
  }
}

TEST(LocateStateFolder, IsInTheWorkspaceOnALocalDisk) {
  const test::ScratchTree tree;
  const auto state = locate_state_folder(tree.root(), "/user", local_disk);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->path, tree.path(".skein"));
  EXPECT_FALSE(state->moved);
}

TEST(LocateStateFolder, MovesToTheUserFromNetworksAndReadOnlyDisks) {
  const auto nfs = locate_state_folder(
      "/w", "/user", [](const std::string&) -> Result<Mount> { return Mount{"nfs", true, false, {}}; });
  ASSERT_TRUE(nfs);
  EXPECT_TRUE(nfs->moved);
  EXPECT_EQ(nfs->path, "/user/workspaces/" + sha256("/w").hex());
  EXPECT_EQ(nfs->why_moved, "the workspace lies on a network file system (nfs)");
  const auto frozen = locate_state_folder(
      "/w", "/user", [](const std::string&) -> Result<Mount> { return Mount{"ext4", false, true, {}}; });
  ASSERT_TRUE(frozen);
  EXPECT_TRUE(frozen->moved);
}

TEST(LocateStateFolder, RefusesALinkThatARepositoryMayHaveBrought) {
  const test::ScratchTree tree;
  std::filesystem::create_directory_symlink("/tmp", tree.path(".skein"));
  const auto state = locate_state_folder(tree.root(), "/user", local_disk);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code(), Code::untrusted);
}

}  // namespace
}  // namespace skein::app
