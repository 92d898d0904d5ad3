#include "app/retention.h"

#include <gtest/gtest.h>

#include "support/scratch_tree.h"

namespace skein::app {
namespace {

std::vector<std::string> names(const std::vector<KeptFile>& files) {
  std::vector<std::string> all;
  for (const auto& file : files) all.push_back(file.name);
  return all;
}

KeptFile file(std::string name, std::int64_t size, bool in_use = false) {
  return {name, name, name, Bytes{size}, in_use};
}

TEST(Retention, DropsWhatIsOlder) {
  EXPECT_EQ(names(expired({file("1", 5), file("3", 5), file("2", 5)}, {"2", Bytes{100}})),
            std::vector<std::string>{"1"});
}

TEST(Retention, DropsWhatIsTooMuchTheOldestFirst) {
  EXPECT_EQ(names(expired({file("1", 5), file("3", 5), file("2", 5)}, {"", Bytes{11}})), std::vector<std::string>{"1"});
}

TEST(Retention, AlwaysKeepsTheNewestAndWhatIsInUse) {
  EXPECT_TRUE(expired({file("1", 500)}, {"9", Bytes{1}}).empty());
  EXPECT_EQ(names(expired({file("1", 5, true), file("2", 5), file("3", 5)}, {"9", Bytes{1}})),
            std::vector<std::string>{"2"});
}

TEST(Retention, FindsJournalsAndThoseSetAside) {
  const test::ScratchTree tree;
  tree.write("journals/20261121-010203-abcd.journal", "12345");
  tree.write("journals/20261121-010203-abcd.lock", "");
  tree.write("journals/20251121-010203-abcd.journal.damaged", "1");
  tree.write("journals/readme", "mine");
  const auto files = make_system_file_system();
  const auto found = journal_files(*files, tree.root());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].when, "20251121-010203");
  EXPECT_EQ((*found)[1].size, Bytes{5});
  EXPECT_FALSE((*found)[1].in_use);
}

TEST(Retention, TakesALogsAgeFromItsLastLine) {
  const test::ScratchTree tree;
  tree.write("log/skein.jsonl", "{\"time\":\"2026-11-21T01:02:03.000004Z\"}\n");
  tree.write("log/skein.1.jsonl",
             "{\"time\":\"2026-01-01T00:00:00.000000Z\"}\n{\"time\":\"2026-02-01T00:00:00.000000Z\"}\n");
  const auto files = make_system_file_system();
  const auto found = log_files(*files, tree.root());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].when, "2026-02-01T00:00:00.");
  EXPECT_TRUE((*found)[1].in_use);
  EXPECT_EQ(names(expired(*found, {log_when(WallTime{} + std::chrono::days(20'600)), Bytes{1000}})),
            std::vector<std::string>{"skein.1.jsonl"});
}

TEST(Retention, NothingThereIsNothingToDrop) {
  const test::ScratchTree tree;
  const auto files = make_system_file_system();
  EXPECT_TRUE(journal_files(*files, tree.root())->empty());
  EXPECT_TRUE(log_files(*files, tree.root())->empty());
}

}  // namespace
}  // namespace skein::app
