// Both indexes keep one contract.
#include "store/index.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <span>
#include <utility>

#include "store/sqlite.h"
#include "support/scratch_tree.h"

namespace skein::store {
namespace {

struct InMemory {
  std::unique_ptr<Index> index = make_memory_index();
};
struct InSqlite {
  test::ScratchTree tree;
  std::unique_ptr<Index> index = std::move(*open_sqlite_index(tree.path("index.db")));
};

template <class Kind>
class Indexes : public ::testing::Test {
 protected:
  Kind kind_;
  Index& index_ = *kind_.index;
};
using Kinds = ::testing::Types<InMemory, InSqlite>;
TYPED_TEST_SUITE(Indexes, Kinds);

const Digest kA = sha256("a");
const Digest kB = sha256("b");

TYPED_TEST(Indexes, KnowNothingAtFirst) {
  EXPECT_FALSE(this->index_.find_blob(kA).value());
  EXPECT_TRUE(this->index_.find_results(kA).value().empty());
  EXPECT_EQ(this->index_.indexed_to(1).value(), 0u);
  EXPECT_TRUE(this->index_.remove_blob(kA));
  EXPECT_TRUE(this->index_.remove_result(kA));
}

TYPED_TEST(Indexes, FindWhatWasAddedLast) {
  const BlobEntry old[] = {{kA, {1, 16, 10}}, {kB, {1, 50, 20}}};
  ASSERT_TRUE(this->index_.add(old, {}, 1, 100));
  EXPECT_EQ(this->index_.find_blob(kA).value(), (Location{1, 16, 10}));
  const BlobEntry moved[] = {{kA, {2, 16, 10}}};
  ASSERT_TRUE(this->index_.add(moved, {}, 2, 70));
  EXPECT_EQ(this->index_.find_blob(kA).value(), (Location{2, 16, 10}));
  EXPECT_EQ(this->index_.find_blob(kB).value(), (Location{1, 50, 20}));
  EXPECT_EQ(this->index_.indexed_to(1).value(), 100u);
  EXPECT_EQ(this->index_.indexed_to(2).value(), 70u);
  ASSERT_TRUE(this->index_.remove_blob(kA));
  EXPECT_FALSE(this->index_.find_blob(kA).value());
}

TYPED_TEST(Indexes, GiveTheNewestResultFirst) {
  const Digest key1 = sha256("1");
  const Digest key2 = sha256("2");
  const ResultEntry first[] = {{kA, key1, {1, 16, 1}}};
  const ResultEntry second[] = {{kA, key2, {1, 40, 1}}, {kB, kB, {1, 60, 1}}};
  ASSERT_TRUE(this->index_.add({}, first, 1, 40));
  ASSERT_TRUE(this->index_.add({}, second, 1, 80));
  auto found = this->index_.find_results(kA).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].key, key2);
  EXPECT_EQ(found[1].key, key1);
  EXPECT_EQ(found[1].declared, kA);
  // The same key again: in place of the old one, and now the newest.
  const ResultEntry again[] = {{kA, key1, {1, 90, 1}}};
  ASSERT_TRUE(this->index_.add({}, again, 1, 100));
  found = this->index_.find_results(kA).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].key, key1);
  EXPECT_EQ(found[0].location, (Location{1, 90, 1}));
  ASSERT_TRUE(this->index_.remove_result(key1));
  EXPECT_EQ(this->index_.find_results(kA).value().size(), 1u);
  EXPECT_EQ(this->index_.find_results(kB).value().size(), 1u);
}

TEST(SqliteIndex, StaysOnTheDisk) {
  const test::ScratchTree tree;
  const BlobEntry blobs[] = {{kA, {1, 16, 10}}};
  ASSERT_TRUE((*open_sqlite_index(tree.path("index.db")))->add(blobs, {}, 1, 99));
  const auto again = open_sqlite_index(tree.path("index.db"));
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)->find_blob(kA).value());
}

TEST(SqliteIndex, LeavesAShortLogForTheNextAndWritesALongOneBack) {
  std::vector<BlobEntry> many;
  for (int i = 0; i < 60'000; ++i) many.push_back({sha256(std::to_string(i)), {2, static_cast<std::uint64_t>(i), 1}});
  const BlobEntry one[] = {{kA, {1, 16, 10}}};
  for (const auto& [blobs, stays] : {std::pair<std::span<const BlobEntry>, bool>{one, true}, {many, false}}) {
    const test::ScratchTree folder;
    ASSERT_TRUE((*open_sqlite_index(folder.path("index.db")))->add(blobs, {}, 1, 99));
    EXPECT_EQ(std::filesystem::exists(folder.path("index.db-wal")), stays);
    // Read by the next, which writes nothing of its own.
    const auto log = stays ? folder.read("index.db-wal") : "";
    for (int time = 0; time < 2; ++time) {
      const auto again = open_sqlite_index(folder.path("index.db"));
      ASSERT_TRUE(again);
      EXPECT_TRUE((*again)->find_blob(blobs.back().digest).value());
      EXPECT_EQ((*again)->indexed_to(1).value(), 99u);
    }
    EXPECT_EQ(stays ? folder.read("index.db-wal") : "", log);
  }
  // Who takes the index away need not know of its log.
  const test::ScratchTree folder;
  ASSERT_TRUE((*open_sqlite_index(folder.path("index.db")))->add(one, {}, 1, 99));
  folder.remove("index.db");
  const auto empty = open_sqlite_index(folder.path("index.db"));
  ASSERT_TRUE(empty);
  EXPECT_FALSE((*empty)->find_blob(kA).value());
}

TEST(SqliteIndex, RefusesANewerFormatAndADamagedFile) {
  const test::ScratchTree tree;
  {
    auto database = Database::open(tree.path("newer.db"));
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute("PRAGMA user_version = 99"));
  }
  EXPECT_EQ(open_sqlite_index(tree.path("newer.db")).error().code(), Code::unsupported_version);
  tree.write("damaged.db", std::string(8192, 'x'));
  EXPECT_EQ(open_sqlite_index(tree.path("damaged.db")).error().code(), Code::data_corrupt);
  EXPECT_EQ(open_sqlite_index(tree.path("no/folder.db")).error().code(), Code::permission_denied);
}

TEST(Database, TellsWhatIsWrong) {
  const test::ScratchTree tree;
  auto database = Database::open(tree.path("a.db"));
  ASSERT_TRUE(database);
  EXPECT_FALSE(database->execute("no such statement"));
  EXPECT_FALSE(database->prepare("no such statement"));
  ASSERT_TRUE(database->execute("CREATE TABLE t(a INT PRIMARY KEY)"));
  auto insert = database->prepare("INSERT INTO t VALUES(?)");
  ASSERT_TRUE(insert);
  EXPECT_TRUE(insert->bind(1, std::int64_t{1}).run());
  EXPECT_FALSE(insert->bind(1, std::int64_t{1}).run()) << "twice";
  EXPECT_FALSE(insert->bind(7, std::int64_t{1}).run()) << "no such position";
  EXPECT_FALSE(insert->bind(7, std::string_view("x")).run());
}

}  // namespace
}  // namespace skein::store
