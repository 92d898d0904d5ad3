#include "engine/change_list.h"

#include <gtest/gtest.h>

#include <map>

#include "base/bytes.h"
#include "engine/file_edit.h"
#include "support/scratch_tree.h"

namespace skein::engine {
namespace {

struct Target {
  test::ScratchTree tree;
  std::unique_ptr<FileSystem> files = make_system_file_system();
  std::map<std::string, std::string> blobs;  // By hex digest.
  ChangeList list{tree.path("site"), {}, {}};

  Target& write(std::string path, std::string bytes) {
    const auto digest = sha256(bytes);
    blobs[digest.hex()] = std::move(bytes);
    list.changes.push_back({std::move(path), digest});
    return *this;
  }
  Target& remove(std::string path) {
    list.changes.push_back({std::move(path), {}});
    return *this;
  }
  Result<Installed> install(const std::function<void(const FileChange&)>& changed = {}, Executor* helpers = nullptr,
                            const std::string* last = nullptr) {
    return engine::install(
        *files, list,
        [&](const Digest& digest) -> Result<std::string> {
          const auto found = blobs.find(digest.hex());
          if (found == blobs.end()) return fail(Code::not_found, "no blob");
          return found->second;
        },
        changed, helpers, last);
  }
};

TEST(ChangeList, ComesBackAsItWas) {
  Target target;
  target.write("a/b.html", "x").remove("c.html");
  target.list.last = {"manifest", sha256("m")};
  const auto bytes = encode(target.list);
  const auto back = decode_change_list(bytes);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(encode(*back), bytes);
  EXPECT_TRUE(back->changes[1].removes());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_change_list(std::string_view(bytes).substr(0, size)));
}

TEST(ChangeList, RefusesPathsThatLeaveTheTarget) {
  for (const auto* path : {"../a", "/a", "a/../b", "a//b", "", ".", "a/"}) {
    ChangeList list{"/target", {{path, sha256("x")}}, {}};
    EXPECT_FALSE(decode_change_list(encode(list))) << path;
    ChangeList last{"/target", {}, {path, sha256("x")}};
    EXPECT_EQ(decode_change_list(encode(last)).has_value(), std::string_view(path).empty()) << path;
  }
  EXPECT_FALSE(decode_change_list(encode(ChangeList{"target", {}, {}})));
}

TEST(ChangeList, ReadsWhatAnOlderSkeinWrote) {
  ByteWriter old;
  old.u8(1).text("/target").varint(1).text("a").digest(sha256("x")).text("").digest({});
  const auto list = decode_change_list(old.take());
  ASSERT_TRUE(list) << list.error().to_string();
  EXPECT_EQ(list->changes[0].path, "a");
  EXPECT_EQ(list->changes[0].mode, 0u);
}

TEST(ChangeList, RefusesModesThatAreNone) {
  ChangeList list{"/target", {{"a", sha256("x"), ChangeKind::file, 010000}}, {}};
  EXPECT_FALSE(decode_change_list(encode(list)));
}

TEST(Install, SetsModesAndMakesLinks) {
  Target target;
  target.tree.write("site/old-link", "a file before");
  target.write("run.sh", "#!/bin/sh\n").write("old-link", "run.sh");
  target.list.changes[0].mode = 0750;
  target.list.changes[1].kind = ChangeKind::link;
  for (int twice = 0; twice < 2; ++twice) {
    const auto done = target.install();
    ASSERT_TRUE(done) << done.error().to_string();
    namespace fs = std::filesystem;
    EXPECT_EQ(fs::status(target.tree.path("site/run.sh")).permissions(), static_cast<fs::perms>(0750));
    EXPECT_EQ(fs::read_symlink(target.tree.path("site/old-link")), "run.sh");
  }
}

TEST(Install, AFolderTakesThePlaceOfAFileAndAFileThatOfAFolder) {
  Target target;
  target.tree.write("site/file", "1");
  target.tree.write("site/folder/a", "2");
  target.tree.write("site/folder/deep/b", "3");
  target.write("file/inner", "new").remove("file");
  target.write("folder", "now a file").remove("folder/a").remove("folder/deep/b");
  for (int twice = 0; twice < 2; ++twice) {
    const auto done = target.install();
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(target.tree.read("site/file/inner"), "new");
    EXPECT_EQ(target.tree.read("site/folder"), "now a file");
  }
}

TEST(Install, CanBeDoneAgain) {
  Target target;
  target.tree.write("site/old/x.html", "old");
  target.tree.write("site/mine.txt", "mine");
  target.write("a/b.html", "new").remove("old/x.html");
  target.list.last = {"manifest", sha256("m")};
  target.blobs[sha256("m").hex()] = "m";
  for (int time = 0; time < 2; ++time) {
    const auto done = target.install();
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(target.tree.read("site/a/b.html"), "new");
    EXPECT_EQ(target.tree.read("site/manifest"), "m");
    EXPECT_EQ(target.tree.read("site/mine.txt"), "mine");
    EXPECT_FALSE(std::filesystem::exists(target.tree.path("site/old")));
  }
}

TEST(Install, EditsAFileThatIsThereOnce) {
  Target target;
  target.tree.write("site/manifest", "a 1\nb 1\n");
  FileEdit edit;
  edit.pieces = {{2, 1, "2"}};
  edit.before = checksum64("a 1\nb 1\n");
  edit.after = checksum64("a 2\nb 1\n");
  const auto blob = encode(edit);
  target.write("a", "2");
  target.blobs[sha256(blob).hex()] = blob;
  target.list.last = {"manifest", sha256(blob), ChangeKind::edit};
  ASSERT_TRUE(decode_change_list(encode(target.list)));
  for (int time = 0; time < 2; ++time) {
    const auto done = target.install();
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(target.tree.read("site/manifest"), "a 2\nb 1\n");
  }
  target.tree.write("site/manifest", "other hands\n");
  EXPECT_EQ(target.install().error().code(), Code::data_corrupt);
  EXPECT_EQ(target.tree.read("site/manifest"), "other hands\n");
}

TEST(Install, TakesTheLastFileFromWhoHasItAndMakesNoLinkOfIt) {
  Target target;
  target.tree.write("site/manifest", "before");
  target.write("a", "1");
  target.list.last = {"manifest", sha256("an edit that nobody asks for"), ChangeKind::edit};
  const std::string known = "all of it";
  ASSERT_TRUE(target.install({}, nullptr, &known));
  EXPECT_EQ(target.tree.read("site/manifest"), known);
  EXPECT_EQ(target.tree.read("site/a"), "1");
  EXPECT_FALSE(std::filesystem::exists(target.tree.path("site/manifest.skein-tmp")));
  target.list.changes.clear();
  const std::string alone = "and alone";
  ASSERT_TRUE(target.install({}, nullptr, &alone));
  EXPECT_EQ(target.tree.read("site/manifest"), alone);
  target.list.last.kind = ChangeKind::link;
  EXPECT_EQ(target.install({}, nullptr, &known).error().code(), Code::data_corrupt);
  EXPECT_EQ(target.tree.read("site/manifest"), alone);
}

TEST(Install, LeavesNoFolderEmptyAndKeepsThoseOfOthers) {
  Target target;
  target.tree.write("site/a/b/c/x.html", "x");
  target.tree.write("site/a/keep.txt", "mine");
  target.remove("a/b/c/x.html");
  ASSERT_TRUE(target.install());
  EXPECT_FALSE(std::filesystem::exists(target.tree.path("site/a/b")));
  EXPECT_TRUE(std::filesystem::exists(target.tree.path("site/a/keep.txt")));
}

TEST(Install, SaysWhichBytesAreMissingBeforeTheManifestIsWritten) {
  Target target;
  target.write("a.html", "a");
  target.list.last = {"manifest", sha256("m")};
  target.blobs.clear();
  EXPECT_FALSE(target.install());
  EXPECT_FALSE(std::filesystem::exists(target.tree.path("site/manifest")));
}

TEST(Install, TellsOfFilesInTheOrderOfTheListAlsoWithHelpers) {
  ThreadPool pool(3);
  for (Executor* helpers : {static_cast<Executor*>(nullptr), static_cast<Executor*>(&pool)})
    for (const std::size_t count : {4u, 15u, 1'000u}) {
      Target target;
      for (std::size_t i = 0; i < count; ++i)
        target.write("folder" + std::to_string(i % 7) + "/page" + std::to_string(i), "bytes of " + std::to_string(i));
      target.list.last = {"manifest", sha256("bytes of 3")};
      std::vector<std::string> told;
      const auto done = target.install([&](const FileChange& change) { told.push_back(change.path); }, helpers);
      ASSERT_TRUE(done) << done.error().to_string();
      EXPECT_EQ(done->written, count);
      ASSERT_EQ(told.size(), count + 1);
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(told[i], target.list.changes[i].path);
        EXPECT_EQ(read_file(*target.files, join_path(target.list.target, told[i])).value(),
                  "bytes of " + std::to_string(i));
      }
      EXPECT_EQ(told.back(), "manifest");
    }
}

TEST(Install, AHelperThatFailsEndsItAndTheManifestIsNotWritten) {
  ThreadPool pool(3);
  Target target;
  for (int i = 0; i < 1'000; ++i) target.write("page" + std::to_string(i), "bytes of " + std::to_string(i));
  target.blobs.erase(target.list.changes[700].digest.hex());
  target.write("manifest", "m");
  target.list.last = target.list.changes.back();
  target.list.changes.pop_back();
  std::size_t told = 0;
  const auto done = target.install(
      [&](const FileChange& change) {
        EXPECT_NE(change.path, "page700");
        ++told;
      },
      &pool);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Code::not_found);
  EXPECT_LT(told, 1'000u);
  EXPECT_FALSE(read_file(*target.files, join_path(target.list.target, "manifest")));
}

}  // namespace
}  // namespace skein::engine
