#include "cache/archive.h"

#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "base/random.h"
#include "base/sim_file_system.h"
#include "cache/audit.h"
#include "cache/contents.h"
#include "engine/store_results.h"
#include "support/scratch_tree.h"

namespace skein::cache {
namespace {

class Archive : public ::testing::Test {
 protected:
  std::unique_ptr<store::Store> open(const std::string& name) {
    auto opened = store::Store::open(*files_, tree_.root() + "/" + name, {});
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  /// A result of `name` made from `inputs`; gives its output.
  Digest put(store::Store& store, const std::string& name, std::vector<Digest> inputs, std::string_view bytes,
             Micros cost = Micros(10)) {
    engine::StoreResults results(store);
    engine::StoredResult result;
    result.declared = result.key = sha256(name);
    result.agent = "a.b@1.0";
    result.step = name;
    result.inputs = std::move(inputs);
    result.outputs = {results.put_blob(bytes).value()};
    result.usage.wall = cost;
    EXPECT_TRUE(results.put(result));
    EXPECT_TRUE(store.flush());
    return result.outputs.front();
  }
  std::string archive() { return tree_.root() + "/x"; }
  test::ScratchTree tree_;
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
};

TEST_F(Archive, TakesAllResultsToAnotherStoreOnce) {
  auto from = open("from");
  const auto first = put(*from, "one", {}, "first bytes");
  put(*from, "two", {first}, "second bytes");
  const auto written = export_results(*files_, *from, archive());
  ASSERT_TRUE(written) << written.error().to_string();
  EXPECT_EQ(written->results, 2u);
  auto to = open("to");
  EXPECT_EQ(import_results(*files_, *to, archive()).value().results, 2u);
  EXPECT_EQ(import_results(*files_, *to, archive()).value().results, 0u) << "known already";
  EXPECT_EQ(to->get_blob(first).value(), "first bytes");
  EXPECT_EQ(to->find_results(sha256("two")).value().size(), 1u);
  EXPECT_EQ(to->verify().value().damaged, 0u);
}

TEST_F(Archive, AnImportThatCrashesAtAnyOperationLeavesAWholeStoreAndGoesOnAfterwards) {
  SeededRandom seeds(9);
  const std::string path = "d/x";
  std::string archive_bytes;
  {
    SimFileSystem disk(seeds);
    ASSERT_TRUE(disk.make_directories("d"));
    auto from = std::move(*store::Store::open(disk, "from", {.shared = false}));
    for (int i = 0; i < 6; ++i)
      put(*from, "r" + std::to_string(i), {}, "output " + std::to_string(i) + std::string(400, 'o'));
    ASSERT_TRUE(export_results(disk, *from, path));
    archive_bytes = read_file(disk, path).value();
  }
  for (std::uint64_t at = 1; at < 200; ++at) {
    SeededRandom random(at);
    SimFileSystem disk(random);
    ASSERT_TRUE(disk.make_directories("d"));
    ASSERT_TRUE(write_file_atomically(disk, path, archive_bytes, true));
    auto to = std::move(*store::Store::open(disk, "to", {.pack_bytes = 900, .buffer_bytes = 300, .shared = false}));
    const auto mine = put(*to, "mine", {}, "acknowledged before");
    disk.crash_after(at);
    const auto done = import_results(disk, *to, path);
    const bool down = disk.is_down();
    to.reset();
    disk.crash();
    to = std::move(*store::Store::open(disk, "to", {.shared = false}));
    EXPECT_EQ(to->verify().value().damaged, 0u) << "operation " << at;
    EXPECT_EQ(to->get_blob(mine).value(), "acknowledged before");
    ASSERT_TRUE(to->for_each_result([&](const store::ResultRecord& record) {
      for (const auto& blob : record.blobs) EXPECT_TRUE(to->get_blob(blob)) << "operation " << at;
      return true;
    }));
    ASSERT_TRUE(import_results(disk, *to, path)) << "and again, to the end";
    std::size_t results = 0;
    ASSERT_TRUE(to->for_each_result([&](const store::ResultRecord&) { return ++results > 0; }));
    EXPECT_EQ(results, 7u);
    if (!down) {
      EXPECT_TRUE(done);
      return;
    }
  }
  FAIL() << "an import takes more operations than were tried";
}

TEST_F(Archive, LeavesOutWhatLooksLikeASecret) {
  auto from = open("from");
  put(*from, "open", {}, "nothing to hide");
  put(*from, "private", {}, "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n");
  const auto written = export_results(*files_, *from, archive()).value();
  EXPECT_EQ(written.results, 1u);
  EXPECT_EQ(written.left_private, 1u);
  EXPECT_EQ(tree_.read("x").find("AKIA"), std::string::npos);
}

TEST_F(Archive, AnyFlippedBitAndAnyCutIsRefusedAndChangesNothing) {
  auto from = open("from");
  put(*from, "one", {}, "first bytes");
  ASSERT_TRUE(export_results(*files_, *from, archive()));
  const std::string good = tree_.read("x");
  auto to = open("to");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    tree_.write("x", bad);
    EXPECT_FALSE(import_results(*files_, *to, archive())) << at;
    tree_.write("x", good.substr(0, at));
    EXPECT_FALSE(import_results(*files_, *to, archive())) << at;
  }
  tree_.write("x", good + "more");
  EXPECT_EQ(import_results(*files_, *to, archive()).error().code(), Code::data_corrupt);
  EXPECT_TRUE(list_entries(*to).value().empty());
}

TEST_F(Archive, ABackupPutsBackWhatIsMissingAndNothingElse) {
  tree_.write("s/journals/run.journal", "journal");
  tree_.write("s/history", "old");
  tree_.write("s/index.db", "not state");
  const auto written = write_backup(*files_, tree_.root() + "/s", archive()).value();
  EXPECT_EQ(written.files, (std::vector<std::string>{"history", "journals/run.journal"}));
  tree_.write("t/history", "newer");
  const auto restored = restore_backup(*files_, tree_.root() + "/t", archive()).value();
  EXPECT_EQ(restored.kept, 1u);
  EXPECT_EQ(tree_.read("t/history"), "newer");
  EXPECT_EQ(tree_.read("t/journals/run.journal"), "journal");
  auto to = open("to");
  EXPECT_EQ(import_results(*files_, *to, archive()).error().code(), Code::invalid_argument) << "a backup is no export";
}

TEST_F(Archive, ABackupCannotWriteAnywhereElse) {
  for (const std::string name : {"../evil", "journals/../../evil.journal", "/evil", "journals/a/b.journal", "owner"}) {
    tree_.write("x", "");
    ASSERT_TRUE(files_->remove(archive()));
    auto log = store::RecordLogWriter::open(*files_, archive(), store::LogKind::archive).value();
    log.add(4, "skein.backup/1");
    ByteWriter payload;
    payload.text(name).text("bytes");
    log.add(3, payload.view());
    log.add(5, "");
    ASSERT_TRUE(log.write());
    EXPECT_EQ(restore_backup(*files_, tree_.root() + "/t", archive()).error().code(), Code::data_corrupt) << name;
  }
}

TEST_F(Archive, DroppingAResultDropsWhatStandsOnItUnlessAnotherMadeTheSame) {
  auto store = open("from");
  const auto first = put(*store, "one", {}, "shared");
  put(*store, "same", {}, "shared");
  const auto lone = put(*store, "lone", {}, "lone");
  const auto next = put(*store, "next", {lone}, "next");
  put(*store, "last", {next, first}, "last");
  put(*store, "user", {first}, "user");
  const auto entries = list_entries(*store).value();
  const auto gone_when = [&](std::string_view step) {
    std::set<std::string> names;
    const auto gone = with_dependents(entries, [&](const Entry& entry) { return entry.step == step; });
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (gone[i]) names.insert(entries[i].step);
    return names;
  };
  EXPECT_EQ(gone_when("one"), (std::set<std::string>{"one"}));
  EXPECT_EQ(gone_when("lone"), (std::set<std::string>{"lone", "next", "last"}));
}

TEST_F(Archive, EvictionKeepsWhatCostMostForItsBytes) {
  auto store = open("from");
  std::string noise(4000, ' ');
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>((i * 2654435761u) >> 13);
  put(*store, "chea1", {}, noise + "1", Micros(10));
  put(*store, "dear", {}, noise + "2", Micros(1'000'000));
  put(*store, "chea2", {}, noise + "3", Micros(10));
  const auto entries = list_entries(*store).value();
  std::uint64_t all = 0;
  for (const auto& entry : entries) all += entry.stored_bytes;
  const auto left = [&](std::uint64_t limit) {
    std::set<std::string> names;
    const auto gone = evicted(entries, limit);
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (!gone[i]) names.insert(entries[i].step);
    return names;
  };
  EXPECT_EQ(left(all).size(), 3u);
  EXPECT_EQ(left(all - 1), (std::set<std::string>{"dear", "chea2"}));
  EXPECT_EQ(left(all / 2), (std::set<std::string>{"dear"}));
  EXPECT_TRUE(left(0).empty());
}

TEST_F(Archive, TheAuditKeepsItsOrderAndSurvivesADamagedLine) {
  const auto at = WallTime(Micros(5));
  ASSERT_TRUE(add_audit(*files_, tree_.root(), {at, "uid 1", "clear", "a \"quoted\" thing", 3, 4}));
  tree_.write("audit", tree_.read("audit") + "{half\n[]\n");
  ASSERT_TRUE(add_audit(*files_, tree_.root(), {at, "uid 1", "gc", "", 1, 2}));
  const auto entries = read_audit(*files_, tree_.root()).value();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].how, "a \"quoted\" thing");
  EXPECT_EQ(entries[1].what, "gc");
  EXPECT_EQ(entries[1].bytes, 2);
}

}  // namespace
}  // namespace skein::cache
