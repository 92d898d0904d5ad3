// The real disk and the simulated one keep the same promises; then what only one of them can do.
#include "base/file_system.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/sim_file_system.h"
#include "support/scratch_tree.h"

namespace skein {
namespace {

struct RealDisk {
  test::ScratchTree tree;
  std::unique_ptr<FileSystem> files = make_system_file_system();
  std::string root = tree.root();
};
struct SimDisk {
  SeededRandom random{1};
  std::unique_ptr<SimFileSystem> files = std::make_unique<SimFileSystem>(random);
  std::string root = "disk";
  SimDisk() { EXPECT_TRUE(files->make_directories(root)); }
};

template <class Disk>
class Files : public ::testing::Test {
 protected:
  Disk disk_;
  FileSystem& files_ = *disk_.files;
  std::string path(std::string_view name) { return join_path(disk_.root, name); }
};
using Disks = ::testing::Types<RealDisk, SimDisk>;
TYPED_TEST_SUITE(Files, Disks);

TYPED_TEST(Files, AppendReadCutAndTellTheirSize) {
  auto file = this->files_.open(this->path("a"), OpenMode::append);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append("hello "));
  ASSERT_TRUE((*file)->append("world"));
  EXPECT_EQ((*file)->size().value(), 11u);
  EXPECT_EQ((*file)->read_at(6, 100).value(), "world");
  EXPECT_EQ((*file)->read_at(100, 5).value(), "");
  EXPECT_TRUE((*file)->sync());
  ASSERT_TRUE((*file)->truncate(5));
  ASSERT_TRUE((*file)->append("!"));
  EXPECT_EQ(read_file(this->files_, this->path("a")).value(), "hello!");
}

TYPED_TEST(Files, OpenedToAppendKeepWhatIsThereAndOpenedToCreateDoNot) {
  ASSERT_TRUE((*this->files_.open(this->path("a"), OpenMode::create))->append("one"));
  ASSERT_TRUE((*this->files_.open(this->path("a"), OpenMode::append))->append("two"));
  EXPECT_EQ(read_file(this->files_, this->path("a")).value(), "onetwo");
  ASSERT_TRUE(this->files_.open(this->path("a"), OpenMode::create));
  EXPECT_EQ(read_file(this->files_, this->path("a")).value(), "");
}

TYPED_TEST(Files, ThatAreNotThereAreNotFound) {
  EXPECT_EQ(this->files_.open(this->path("none"), OpenMode::read).error().code(), Code::not_found);
  EXPECT_EQ(this->files_.open(this->path("no/folder"), OpenMode::create).error().code(), Code::not_found);
  EXPECT_EQ(this->files_.rename(this->path("none"), this->path("b")).error().code(), Code::not_found);
  EXPECT_EQ(this->files_.remove(this->path("none")).error().code(), Code::not_found);
  EXPECT_EQ(this->files_.list(this->path("none")).error().code(), Code::not_found);
}

TYPED_TEST(Files, AreListedByNameWithFolders) {
  ASSERT_TRUE(this->files_.make_directories(this->path("d/inner/deep")));
  ASSERT_TRUE(this->files_.make_directories(this->path("d/inner/deep")));
  for (const auto* name : {"d/b", "d/a", "d/inner/x"})
    ASSERT_TRUE(this->files_.open(this->path(name), OpenMode::create));
  const auto entries = this->files_.list(this->path("d")).value();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_EQ(entries[1].name, "b");
  EXPECT_EQ(entries[2].name, "inner");
  EXPECT_TRUE(entries[2].is_directory);
  EXPECT_FALSE(entries[0].is_directory);
}

TYPED_TEST(Files, AreReplacedAsAWhole) {
  for (const bool durable : {false, true}) {
    ASSERT_TRUE(write_file_atomically(this->files_, this->path("f"), durable ? "new" : "old", durable));
    EXPECT_EQ(read_file(this->files_, this->path("f")).value(), durable ? "new" : "old");
  }
  EXPECT_EQ(this->files_.list(this->disk_.root).value().size(), 1u) << "no temporary file stays";
  EXPECT_TRUE(this->files_.sync_directory(this->disk_.root));
  EXPECT_TRUE(this->files_.sync_all(this->disk_.root));
}

TYPED_TEST(Files, AreRemovedAndEmptyFoldersToo) {
  ASSERT_TRUE(this->files_.make_directories(this->path("d")));
  ASSERT_TRUE(this->files_.open(this->path("f"), OpenMode::create));
  EXPECT_TRUE(this->files_.remove(this->path("f")));
  EXPECT_TRUE(this->files_.remove(this->path("d")));
  EXPECT_TRUE(this->files_.list(this->disk_.root).value().empty());
}

TEST(Paths, AreSplitAndJoined) {
  EXPECT_EQ(parent_path("a/b/c"), "a/b");
  EXPECT_EQ(parent_path("/a"), "/");
  EXPECT_EQ(parent_path("a"), ".");
  EXPECT_EQ(join_path("a", "b"), "a/b");
  EXPECT_EQ(join_path("a/", "b"), "a/b");
  EXPECT_EQ(join_path("", "b"), "b");
}

TEST(SystemFileSystem, SaysWhichPathItCannotUse) {
  const auto files = make_system_file_system();
  const test::ScratchTree tree;
  tree.write("file", "x");
  EXPECT_EQ(files->make_directories(tree.path("file")).error().code(), Code::already_exists);
  EXPECT_NE(files->make_directories(tree.path("file/below")).error().message().find("file"), std::string::npos);
  EXPECT_EQ(files->sync_directory(tree.path("none")).error().code(), Code::not_found);
  EXPECT_EQ(files->sync_all(tree.path("none")).error().code(), Code::not_found);
  const auto folder = files->open(tree.root(), OpenMode::read);
  ASSERT_TRUE(folder);
  EXPECT_FALSE((*folder)->read_at(0, 10));
  EXPECT_FALSE((*folder)->append("x"));
  EXPECT_FALSE((*folder)->truncate(0));
  tree.write("d/inner", "");
  EXPECT_FALSE(files->remove(tree.path("d"))) << "it is not empty";
}

TEST(SimFileSystem, KeepsWhatWasSyncedWhateverChanceDoes) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SeededRandom random(seed);
    SimFileSystem disk(random);
    ASSERT_TRUE(disk.make_directories("d"));
    auto file = disk.open("d/f", OpenMode::append);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append("kept"));
    ASSERT_TRUE((*file)->sync());
    EXPECT_EQ(disk.durable_bytes("d/f"), "") << "its name is not durable";
    ASSERT_TRUE(disk.sync_directory("d"));
    ASSERT_TRUE((*file)->append("lost"));
    EXPECT_EQ(disk.durable_bytes("d/f"), "kept");
    disk.crash();
    EXPECT_FALSE((*file)->append("stale")) << "opened before the crash";
    const std::string left = read_file(disk, "d/f").value();
    EXPECT_TRUE(left.starts_with("kept")) << left;
    EXPECT_LE(left.size(), 8u);
    EXPECT_EQ(disk.durable_bytes("d/f"), left);
  }
}

TEST(SimFileSystem, MayLoseOrKeepANameThatWasNotSynced) {
  int there = 0;
  int old = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    SimFileSystem disk(random);
    ASSERT_TRUE(disk.make_directories("d"));
    ASSERT_TRUE(write_file_atomically(disk, "d/f", "old", true));
    ASSERT_TRUE(write_file_atomically(disk, "d/new", "new", false));
    ASSERT_TRUE(disk.remove("d/f"));
    disk.crash();
    there += read_file(disk, "d/new") ? 1 : 0;
    old += read_file(disk, "d/f") ? 1 : 0;
  }
  EXPECT_GT(there, 20);
  EXPECT_LT(there, 180);
  EXPECT_GT(old, 20);
  EXPECT_LT(old, 180);
}

TEST(SimFileSystem, GoesDownAtTheOperationThatWasAskedFor) {
  SeededRandom random(3);
  SimFileSystem disk(random);
  ASSERT_TRUE(disk.make_directories("d"));
  auto file = disk.open("d/f", OpenMode::append);
  disk.crash_after(3);
  EXPECT_TRUE((*file)->append("1"));
  EXPECT_TRUE((*file)->sync());
  EXPECT_FALSE(disk.is_down());
  EXPECT_FALSE((*file)->append("2"));
  EXPECT_TRUE(disk.is_down());
  EXPECT_FALSE((*file)->sync());
  EXPECT_FALSE((*file)->size());
  EXPECT_FALSE((*file)->read_at(0, 1));
  EXPECT_FALSE(disk.open("d/f", OpenMode::read));
  EXPECT_FALSE(disk.list("d"));
  EXPECT_FALSE(disk.make_directories("e"));
  EXPECT_EQ(disk.operations(), 3u);
  disk.crash();
  EXPECT_TRUE(disk.list("d"));
}

TEST(SimFileSystem, FailsByChanceWhenTold) {
  SeededRandom random(5);
  SimFileSystem disk(random);
  ASSERT_TRUE(disk.make_directories("d"));
  auto file = disk.open("d/f", OpenMode::append);
  disk.set_faults({.append_fails = 1, .sync_fails = 1});
  EXPECT_EQ((*file)->append("12345678").error().code(), Code::resource_exhausted);
  EXPECT_EQ((*file)->sync().error().code(), Code::io);
  EXPECT_EQ(disk.faults_met(), 2u);
  EXPECT_LE((*file)->size().value(), 8u) << "a part may be there";
}

TEST(FileLock, IsWaitedForNoLongerThanAsked) {
  test::ScratchTree tree;
  const std::string path = tree.path("lock");
  auto first = std::make_unique<FileLock>(FileLock::try_acquire(path).value());
  EXPECT_EQ(FileLock::acquire(path, Millis(5)).error().code(), Code::unavailable);
  std::jthread ends([&] { first.reset(); });
  EXPECT_TRUE(FileLock::acquire(path, Millis(60'000)));
}

TEST(FileLock, HasOneHolderAndNamesIt) {
  const test::ScratchTree tree;
  const std::string path = tree.path("lock");
  tree.write("lock", "99999999");  // Of one that died, with a longer number.
  EXPECT_FALSE(FileLock::is_held(path));
  {
    auto first = FileLock::try_acquire(path);
    ASSERT_TRUE(first);
    EXPECT_TRUE(FileLock::is_held(path));
    const auto second = FileLock::try_acquire(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), Code::unavailable);
    EXPECT_TRUE(second.error().message().ends_with(fmt::format("by process {}", ::getpid())))
        << second.error().message();
    FileLock moved = std::move(*first);
    EXPECT_TRUE(FileLock::is_held(path));
    auto other = FileLock::try_acquire(tree.path("other"));
    ASSERT_TRUE(other);
    moved = std::move(*other);
  }
  EXPECT_FALSE(FileLock::is_held(path));
  EXPECT_TRUE(FileLock::try_acquire(path));
  EXPECT_FALSE(FileLock::try_acquire(tree.path("no/folder")));
}

TEST(FileLock, OfAKilledOwnerIsNotHeldByTheChildThatItWasStarting) {
  const test::ScratchTree tree;
  const std::string path = tree.path("lock");
  const pid_t owner = ::fork();
  if (owner == 0) {
    const auto held = FileLock::try_acquire(path);
    if (::fork() == 0) ::usleep(20'000);  // A child has its parent's descriptors until it executes a program.
    ::_exit(held ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(owner, &status, 0), owner);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(FileLock::is_held(path));
  EXPECT_TRUE(FileLock::try_acquire(path));
}

}  // namespace
}  // namespace skein
