#include "agents/change_set.h"

#include <filesystem>
#include <random>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "agents/apply_step.h"
#include "agents/patch.h"
#include "agents/upper_layer.h"
#include "base/bytes.h"
#include "support/scratch_tree.h"

namespace skein::agents {
namespace {

namespace fs = std::filesystem;

Entry file(std::string bytes, unsigned mode = 0644) { return {EntryKind::file, mode, std::move(bytes)}; }

TEST(ChangeSet, ComesBackAsItWasAndNoPartOfItDoes) {
  const ChangeSet set{
      {{"a", {}, file("1")}, {"b/c", file("2"), {EntryKind::link, 0, "a"}}, {"d", file("x", 0755), {}}}};
  const std::string bytes = encode(set);
  const auto back = decode_change_set(bytes);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(encode(*back), bytes);
  EXPECT_EQ(encode(reversed(reversed(set))), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_change_set(std::string_view(bytes).substr(0, size)));
}

TEST(ChangeSet, RefusesPathsThatAreNoneOfTheWorkspace) {
  for (const char* path : {"../a", "/a", "a/../b", "a//b", "", ".", "a/", ".git/hooks/x", "sub/.git/config"})
    EXPECT_FALSE(decode_change_set(encode({{{path, {}, file("x")}}}))) << path;
  EXPECT_FALSE(decode_change_set(encode({{{"b", {}, file("x")}, {"a", {}, file("x")}}}))) << "not sorted";
  EXPECT_FALSE(decode_change_set(encode({{{"a", file("x"), file("x")}}}))) << "no change";
}

class UpperLayer : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"base", "upper"}) tree_.make_folder(folder);
  }
  void whiteout(const std::string& below) const {
    ASSERT_EQ(::mknod(tree_.path("upper/" + below).c_str(), S_IFCHR, makedev(0, 0)), 0);
  }
  void opaque(const std::string& below) const {
    ASSERT_EQ(::lsetxattr(tree_.path("upper/" + below).c_str(), "user.overlay.opaque", "y", 1, 0), 0)
        << "the disk of temporary files keeps no extended attributes";
  }
  Result<LayerReading> read(std::uint64_t most = 1'000'000) const {
    const std::string base = tree_.path("base");
    return read_upper_layer(
        tree_.path("upper"), SeenFiles(base, given_),
        [](std::string_view path) { return path == ".env" || path.starts_with("hidden/"); }, most);
  }
  static std::string list(const LayerReading& reading) {
    std::string text;
    for (const Change& change : reading.set.changes)
      text += (change.before.kind == EntryKind::none  ? "+"
               : change.after.kind == EntryKind::none ? "-"
                                                      : "*") +
              change.path + " ";
    return text;
  }
  ChangeSet given_;
  test::ScratchTree tree_;
};

TEST_F(UpperLayer, IsComparedWithWhatEarlierStepsChanged) {
  tree_.write("base/a", "1");
  tree_.write("base/removed", "2");
  tree_.write("base/sub/old", "3");
  given_.changes = {{"a", file("1"), file("given")},
                    {"made/x", {}, file("x")},
                    {"removed", file("2"), {}},
                    {"sub/new", {}, file("n")}};
  tree_.write("upper/a", "given");       // Copied up, and as it was given.
  tree_.write("upper/removed", "back");  // Made again.
  whiteout("made");
  whiteout("sub");
  const auto reading = read();
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(list(*reading), "-made/x +removed -sub/new -sub/old ");
}

TEST_F(UpperLayer, TellsNewChangedAndRemovedFiles) {
  tree_.write("base/same", "1");
  tree_.write("base/other", "2");
  tree_.write("base/gone", "3");
  tree_.write("upper/same", "1");  // Copied up, and as it was.
  tree_.write("upper/other", "two");
  tree_.write("upper/new/file", "4");
  tree_.write("upper/.git/index", "not looked at");
  whiteout("gone");
  const auto reading = read();
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(list(*reading), "-gone +new/file *other ");
}

TEST_F(UpperLayer, AFolderThatWentOrWasReplacedIsTheRemovalOfItsFiles) {
  tree_.write("base/went/a", "1");
  tree_.write("base/went/deep/b", "2");
  tree_.write("base/anew/old", "3");
  tree_.write("base/anew/kept", "4");
  tree_.write("base/file", "5");
  tree_.write("base/folder/c", "6");
  whiteout("went");
  tree_.write("upper/anew/kept", "four");
  opaque("anew");
  tree_.write("upper/file/inner", "7");
  tree_.write("upper/folder", "8");
  const auto reading = read();
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(list(*reading), "*anew/kept -anew/old -file +file/inner +folder -folder/c -went/a -went/deep/b ");
}

TEST_F(UpperLayer, LinksModesAndSpecialFiles) {
  tree_.write("base/tool", "#!");
  tree_.write("upper/tool", "#!");
  fs::permissions(tree_.path("upper/tool"), fs::perms::owner_exec, fs::perm_options::add);
  tree_.link("nowhere", "upper/link");
  ASSERT_EQ(::mkfifo(tree_.path("upper/pipe").c_str(), 0600), 0);
  const auto reading = read();
  ASSERT_TRUE(reading);
  EXPECT_EQ(list(*reading), "+link *tool ");
  EXPECT_EQ(reading->set.changes[0].after.bytes, "nowhere");
  EXPECT_EQ(reading->left_out, std::vector<std::string>{"pipe"});
}

TEST_F(UpperLayer, WhatWasHiddenCannotBeWrittenAndIsNotRemoved) {
  tree_.write("base/hidden/key", "1");
  tree_.write("base/seen", "2");
  whiteout("hidden");
  EXPECT_EQ(list(*read()), "");
  tree_.write("upper/.env", "x");
  const auto refused = read();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::permission_denied);
  EXPECT_NE(refused.error().to_string().find(".env"), std::string::npos);
}

TEST_F(UpperLayer, TooMuchIsAnErrorThatNamesWhere) {
  tree_.write("upper/big", std::string(5000, 'x'));
  const auto refused = read(4000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::resource_exhausted);
  EXPECT_NE(refused.error().to_string().find("big"), std::string::npos);
}

TEST(MergeInto, KeepsWhatOthersChangedInOtherLinesAndRefusesTheSameLines) {
  const test::ScratchTree tree;
  const std::string base = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  std::string ours = base, theirs = base;
  ours.replace(0, 1, "one");
  theirs.replace(16, 1, "nine");
  tree.write("both", theirs);
  tree.write("same", "theirs\n");
  tree.write("done", "after");
  fs::permissions(tree.path("done"), static_cast<fs::perms>(0644));
  tree.write("elsewhere/x", "");
  tree.link("elsewhere", "linked");
  const ChangeSet fine{{{"both", file(base), file(ours)}, {"done", file("before"), file("after")}}};
  const auto merge = merge_into(tree.root(), fine);
  ASSERT_TRUE(merge) << merge.error().to_string();
  EXPECT_TRUE(merge->conflicts.empty());
  ASSERT_EQ(merge->set.changes.size(), 1u) << "what is done already is left";
  EXPECT_EQ(merge->set.changes[0].after.bytes, "one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
  EXPECT_EQ(merge->merged, std::vector<std::string>{"both"});

  const ChangeSet hard{{{"gone", file("1"), file("2")},
                        {"linked/x", {}, file("through a link")},
                        {"same", file("base\n"), file("ours\n")}}};
  const auto refused = merge_into(tree.root(), hard);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->conflicts.size(), 3u);
  const std::string text = conflict_error(refused->conflicts).to_string();
  for (const char* path : {"gone", "linked/x", "same"}) EXPECT_NE(text.find(path), std::string::npos) << text;
}

TEST(MergeInto, AFolderWithFilesOfOthersIsNotReplacedByAFile) {
  const test::ScratchTree tree;
  tree.write("folder/mine", "1");
  const ChangeSet set{{{"folder", {}, file("x")}, {"folder/mine", file("1"), {}}}};
  fs::permissions(tree.path("folder/mine"), static_cast<fs::perms>(0644));
  EXPECT_TRUE(merge_into(tree.root(), set)->conflicts.empty());
  tree.write("folder/theirs", "2");
  EXPECT_EQ(merge_into(tree.root(), set)->conflicts.size(), 1u);
}

TEST(Patch, ShowsModesNewRemovedAndBinaryFiles) {
  EXPECT_EQ(patch_of({"a", {}, file("x\n")})->text,
            "diff --git a/a b/a\nnew file mode 100644\n--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n");
  EXPECT_EQ(patch_of({"a", file("x\n"), file("x\n", 0755)})->text,
            "diff --git a/a b/a\nold mode 100644\nnew mode 100755\n");
  const auto gone = patch_of({"a", file("x\n"), {}});
  EXPECT_NE(gone->text.find("deleted file mode 100644"), std::string::npos);
  const auto binary = patch_of({"a", file(std::string("\0\1", 2)), file(std::string("\0\2", 2))});
  EXPECT_NE(binary->text.find("Binary files"), std::string::npos) << binary->text;
  const auto lines = patch_of({"a", file("1\n2\n"), file("1\n3\n4\n")});
  EXPECT_EQ(lines->added, 2);
  EXPECT_EQ(lines->removed, 1);
}

}  // namespace
}  // namespace skein::agents
