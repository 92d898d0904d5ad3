// A session finishes what a killed run had decided.
#include "engine/session.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "net/asio_loop.h"
#include "store/record_log.h"
#include "support/scratch_tree.h"

namespace skein::engine {
namespace {

struct Place {
  test::ScratchTree tree;
  std::unique_ptr<FileSystem> files = make_system_file_system();
  std::unique_ptr<EventLoop> loop = net::make_asio_loop();
  InlineExecutor pool;
  ThreadPool disk{1};
  SystemClock clock;
  SeededRandom random{1};
  std::vector<std::string> notes;

  Result<std::unique_ptr<Session>> open() {
    notes.clear();
    return Session::open({.files = *files, .clock = clock, .random = random, .loop = *loop, .pool = pool, .disk = disk},
                         tree.path("state"), &notes);
  }
  [[nodiscard]] std::string journal() const { return tree.path("state/journals/" + run); }
  [[nodiscard]] std::string lock() const { return journal() + ".lock"; }
  /// Leaves what a run leaves that was killed when it had decided `list` and installed nothing.
  void leave_killed_run(const ChangeList& list, const std::vector<std::string>& blobs, bool with_blobs = true) {
    auto session = open();
    ASSERT_TRUE(session) << session.error().to_string();
    for (const auto& blob : blobs) ASSERT_TRUE((*session)->results().put_blob(blob));
    const auto changes = with_blobs ? (*session)->results().put_blob(encode(list)).value() : sha256("lost");
    ASSERT_TRUE((*session)->store().flush());
    tree.write("state/journals/" + run + ".lock", "");
    auto writer = store::RecordLogWriter::open(*files, journal_path(tree.path("state"), run), store::LogKind::journal);
    ASSERT_TRUE(writer) << writer.error().to_string();
    const std::vector<JournalRecord> records{JournalStart{run, "docs", "{}", "1", clock.wall()},
                                             JournalCommit{list.target, "pages", changes}};
    for (const auto& record : records) writer->add(type_of(record), encode(record));
    ASSERT_TRUE(writer->write());
    ASSERT_TRUE(writer->sync());
  }
  std::string last_status() {
    std::string status;
    EXPECT_TRUE(read_journal(*files, journal_path(tree.path("state"), run), [&](const JournalRecord& record) {
      if (const auto* end = std::get_if<JournalEnd>(&record)) status = end->status;
      return true;
    }));
    return status;
  }
  const std::string run = make_run_id(SystemClock().wall(), 7);
};

TEST(Session, InstallsWhatAKilledRunHadDecided) {
  Place place;
  place.tree.write("site/old.html", "old");
  ChangeList list{
      place.tree.path("site"), {{"a/new.html", sha256("new")}, {"old.html", {}}}, {"manifest", sha256("m")}};
  place.leave_killed_run(list, {"new", "m"});
  auto session = place.open();
  ASSERT_TRUE(session) << session.error().to_string();
  EXPECT_EQ(place.tree.read("site/a/new.html"), "new");
  EXPECT_EQ(place.tree.read("site/manifest"), "m");
  EXPECT_FALSE(std::filesystem::exists(place.tree.path("site/old.html")));
  ASSERT_EQ(place.notes.size(), 1u);
  EXPECT_NE(place.notes[0].find(place.run), std::string::npos);
  EXPECT_EQ(place.last_status(), "killed");
  EXPECT_FALSE(std::filesystem::exists(place.lock()));
  // Nothing is left to do.
  session->reset();
  ASSERT_TRUE(place.open());
  EXPECT_TRUE(place.notes.empty());
}

TEST(Session, GivesUpWhatIsLostAndSaysSo) {
  Place place;
  place.leave_killed_run({place.tree.path("site"), {}, {}}, {}, false);
  ASSERT_TRUE(place.open());
  ASSERT_EQ(place.notes.size(), 1u);
  EXPECT_NE(place.notes[0].find("cannot be finished"), std::string::npos) << place.notes[0];
  EXPECT_EQ(place.last_status(), "killed");
  EXPECT_FALSE(std::filesystem::exists(place.lock()));
}

TEST(Session, ClearsTheLockOfARunThatGotNoJournal) {
  Place place;
  place.tree.write("state/journals/" + place.run + ".lock", "");
  ASSERT_TRUE(place.open());
  EXPECT_FALSE(std::filesystem::exists(place.lock()));
}

}  // namespace
}  // namespace skein::engine
