// The beginning and the end of a journal, read without what lies between.
#include <gtest/gtest.h>

#include "engine/journal.h"
#include "support/scratch_tree.h"

namespace skein::engine {
namespace {

class JournalEndsTest : public testing::Test {
 protected:
  void write(const std::vector<JournalRecord>& records) {
    auto log = store::RecordLogWriter::open(*files, path, store::LogKind::journal);
    ASSERT_TRUE(log);
    for (const auto& record : records) log->add(type_of(record), encode(record));
    ASSERT_TRUE(log->write());
  }
  static JournalStart start() { return {"20261121-010203-abcd", "docs", "{}", "0.1.0", WallTime{Micros(7)}}; }
  static JournalEnd end() {
    JournalEnd last;
    last.status = "ok";
    last.executed = 3;
    return last;
  }
  static JournalStep step() { return {"page a", "docs.page@1.0", StepState::executed, sha256("k"), {sha256("o")}, {}}; }

  test::ScratchTree tree;
  std::unique_ptr<FileSystem> files = make_system_file_system();
  std::string path = tree.path("one.journal");
};

TEST_F(JournalEndsTest, AreFoundAroundAnyNumberOfSteps) {
  std::vector<JournalRecord> records{start()};
  for (int i = 0; i < 1'000; ++i) records.push_back(step());
  records.push_back(end());
  write(records);
  const auto ends = read_journal_ends(*files, path);
  ASSERT_TRUE(ends) << ends.error().to_string();
  EXPECT_EQ(ends->start.operation, "docs");
  ASSERT_TRUE(ends->end);
  EXPECT_EQ(ends->end->executed, 3U);
}

TEST_F(JournalEndsTest, ARunWithoutAnEndHasNone) {
  write({start(), step()});
  EXPECT_FALSE(read_journal_ends(*files, path)->end);
}

TEST_F(JournalEndsTest, ATornEndIsNone) {
  write({start(), step(), end()});
  const std::string whole = tree.read("one.journal");
  for (std::size_t cut = 1; cut < 40; ++cut) {
    tree.write("one.journal", whole.substr(0, whole.size() - cut));
    const auto ends = read_journal_ends(*files, path);
    ASSERT_TRUE(ends) << cut;
    EXPECT_FALSE(ends->end) << cut;
  }
}

TEST_F(JournalEndsTest, ARunKilledAtOnceHasNoBeginning) {
  write({});
  EXPECT_EQ(read_journal_ends(*files, path).error().code(), Code::not_found);
  write({end()});
  EXPECT_EQ(read_journal_ends(*files, path).error().code(), Code::not_found);
  tree.write("one.journal", "");
  EXPECT_EQ(read_journal_ends(*files, path).error().code(), Code::not_found);
}

TEST_F(JournalEndsTest, ForeignOrDamagedBytesAreCorrupt) {
  tree.write("one.journal", std::string(500, 'x'));
  EXPECT_EQ(read_journal_ends(*files, path).error().code(), Code::data_corrupt);
  std::filesystem::remove(path);
  write({start(), end()});
  std::string bytes = tree.read("one.journal");
  bytes[40] = static_cast<char>(bytes[40] ^ 1);
  tree.write("one.journal", bytes);
  EXPECT_EQ(read_journal_ends(*files, path).error().code(), Code::data_corrupt);
}

}  // namespace
}  // namespace skein::engine
