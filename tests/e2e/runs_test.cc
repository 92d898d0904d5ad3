// `skein runs …`, `explain`, `verify` and `gc`, as a user meets them.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file_lock.h"
#include "e2e/skein_program.h"
#include "engine/change_list.h"
#include "engine/journal.h"
#include "engine/schema.h"
#include "store/store.h"

namespace skein {
namespace {

using engine::Json;
using test::Outcome;
using test::SkeinProgram;

class PastRuns : public testing::Test {
 protected:
  PastRuns() {
    skein.workspace.write("src/a.py", "def first(): pass\n");
    skein.workspace.write("src/b.py", "import a\n\ndef second(): pass\n");
    skein.workspace.write("README.md", "# Sample\n\nTwo modules.\n");
    skein.workspace.make_folder(".git");
  }
  Outcome docs(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"docs"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = skein.run(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome;
  }
  Json json(std::vector<std::string> words, int exit_code = 0) {
    words.push_back("--json");
    const Outcome outcome = skein.run(words);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.out << outcome.err;
    const auto read = engine::parse_json(outcome.out);
    EXPECT_TRUE(read) << outcome.out;
    return read.value_or(Json());
  }
  static void expect_fits(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      EXPECT_LE(end - at, 80U) << text.substr(at, end - at);
      at = end + 1;
    }
  }
  /// Writes a journal as a run would have left it.
  void leave(const engine::JournalStart& start, const std::vector<engine::JournalRecord>& more) {
    const auto files = make_system_file_system();
    auto log = store::RecordLogWriter::open(*files, skein.workspace.path(journal(start.run)), store::LogKind::journal);
    ASSERT_TRUE(log);
    log->add(engine::type_of(start), engine::encode(start));
    for (const auto& record : more) log->add(engine::type_of(record), engine::encode(record));
    ASSERT_TRUE(log->write());
  }
  std::string journal(const std::string& run) { return ".skein/journals/" + run + ".journal"; }

  SkeinProgram skein;
};

TEST_F(PastRuns, NothingIsThereAtFirstAndNothingIsMade) {
  EXPECT_EQ(skein.run({"runs", "list"}).out, "No runs yet.\n");
  EXPECT_EQ(skein.run({"runs", "show", "last"}).exit_code, 2);
  EXPECT_EQ(skein.run({"runs", "resume", "last"}).exit_code, 2);
  EXPECT_EQ(skein.run({"explain", "src/a.py"}).exit_code, 1);
  EXPECT_EQ(skein.run({"verify"}).exit_code, 0);
  EXPECT_EQ(skein.run({"gc"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(skein.workspace.path(".skein")));
}

TEST_F(PastRuns, AreListedTheNewestFirst) {
  docs();
  skein.workspace.write("src/a.py", "def other(): pass\n");
  docs();
  const Json list = json({"runs", "list"});
  EXPECT_EQ(list["schema"], "skein.runs.list/1");
  ASSERT_EQ(list["runs"].size(), 2U);
  EXPECT_EQ(list["runs"][0]["status"], "ok");
  EXPECT_EQ(list["runs"][0]["operation"], "docs");
  EXPECT_GT(list["runs"][0]["reused"], 0);
  EXPECT_EQ(list["runs"][1]["reused"], 0);
  EXPECT_EQ(json({"runs", "list", "--limit", "1"})["runs"].size(), 1U);
  expect_fits(skein.run({"runs", "list"}).out);
}

TEST_F(PastRuns, AnUnreadableJournalIsARowThatSaysSo) {
  docs();
  skein.workspace.write(journal("20200101-000000-aaaa"), "what is this, it is longer than any header would be");
  const Json list = json({"runs", "list"});
  ASSERT_EQ(list["runs"].size(), 2U);
  EXPECT_EQ(list["runs"][1]["status"], "unreadable");
  EXPECT_NE(list["runs"][1]["problem"], "");
  EXPECT_EQ(skein.run({"runs", "list"}).exit_code, 0);
}

TEST_F(PastRuns, AreShownByNameBeginningOrAsTheLast) {
  docs();
  const Json last = json({"runs", "show", "last"});
  const std::string run = last["run"];
  EXPECT_EQ(last["status"], "ok");
  EXPECT_EQ(last["failures"].size(), 0U);
  EXPECT_EQ(last["done"], last["steps"].size());
  EXPECT_TRUE(std::ranges::any_of(last["steps"], [](const Json& step) { return step["step"] == "page src/a.py"; }));
  EXPECT_EQ(json({"runs", "show", run})["run"], run);
  EXPECT_EQ(json({"runs", "show", run.substr(0, 17)})["run"], run);
  const Outcome text = skein.run({"runs", "show", "last"});
  expect_fits(text.out);
  EXPECT_NE(text.out.find("slowest first"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("more (--verbose)"), std::string::npos) << text.out;
  const Outcome none = skein.run({"runs", "show", "2019"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.err, "skein: there is no run \"2019\"\n  way out: see `skein runs list`\n");
}

TEST_F(PastRuns, AFailureIsShownWithAllThatIsNeeded) {
  docs();
  engine::JournalFailure failure;
  failure.name = "page src/a.py";
  failure.agent = "docs.file-page@1.0";
  failure.code = "io";
  failure.message = "cannot read it: " + std::string(120, 'x');
  failure.attempts = 3;
  failure.parts = {{"path", "src/a.py"}};
  failure.inputs = {sha256("input"), Digest{}};
  failure.last_output = "first\nlast \x1b[31mline";
  failure.not_run = {"publish"};
  engine::JournalEnd end;
  end.status = "failed";
  end.failed = end.skipped = 1;
  leave({"20990101-000000-aaaa", "docs", "{}", "0.1.0", WallTime{}}, {failure, end});
  const Json shown = json({"runs", "show", "last"});
  EXPECT_EQ(shown["status"], "failed");
  ASSERT_EQ(shown["failures"].size(), 1U);
  EXPECT_EQ(shown["failures"][0]["attempts"], 3);
  EXPECT_EQ(shown["failures"][0]["inputs"][0], sha256("input").hex());
  EXPECT_EQ(shown["failures"][0]["not_run"], Json::array({"publish"}));
  const Outcome text = skein.run({"runs", "show", "last"});
  expect_fits(text.out.substr(0, text.out.find("cannot read it")));
  EXPECT_NE(text.out.find("failed: page src/a.py"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("last \\x1b[31mline"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("skein runs resume 20990101-000000-aaaa"), std::string::npos) << text.out;
  // The failure is newer than the step's last result.
  const Json explained = json({"explain", "page src/a.py"});
  EXPECT_EQ(explained["steps"][0]["state"], "failed");
}

TEST_F(PastRuns, WhatAStepPrintedIsFoundWithItsSummary) {
  docs();
  // A log as a step's: its id is all that the journal holds.
  EXPECT_EQ(skein.run({"exec", "--", "sh", "-c", "seq 3000; echo 'a.c:3:5: error: no x'; exit 1"}).exit_code, 1);
  const std::string id = json({"log", "list"})["logs"][0]["id"];
  engine::JournalEnd end;
  end.status = "ok";
  leave({"20990101-000000-aaaa", "docs", "{}", "0.1.0", WallTime{}},
        {engine::JournalOutput{"page src/a.py", id}, engine::JournalOutput{"page src/b.py", "ffffff"}, end});
  const Json shown = json({"runs", "show", "last"});
  ASSERT_EQ(shown["outputs"].size(), 2U);
  EXPECT_EQ(shown["outputs"][0]["log"], id);
  EXPECT_EQ(shown["outputs"][0]["verdict"], "fail");
  EXPECT_EQ(shown["outputs"][0]["lines"], 3001);
  EXPECT_NE(shown["outputs"][0]["summary"].get<std::string>().find("a.c:3:5"), std::string::npos);
  EXPECT_EQ(shown["outputs"][1]["verdict"], "");
  const std::string text = skein.run({"runs", "show", "last"}).out;
  EXPECT_NE(text.find("skein log show " + id), std::string::npos) << text;
  EXPECT_NE(text.find("ffffff is gone"), std::string::npos) << text;
}

TEST_F(PastRuns, AKilledRunIsToldAndResumed) {
  docs();
  const std::string index = skein.workspace.read(".skein/docs/index.html");
  const std::string killed = "20990101-000000-aaaa";
  leave({killed, "docs", "{\"out\":\"" + skein.workspace.path("site2") + "\"}", "0.1.0", WallTime{}}, {});
  EXPECT_EQ(json({"runs", "list"})["runs"][0]["status"], "killed");
  EXPECT_EQ(json({"runs", "show", "last"})["status"], "killed");
  EXPECT_EQ(json({"runs", "resume", killed})["resumed"], killed);
  EXPECT_EQ(skein.workspace.read("site2/index.html"), index);
  EXPECT_EQ(skein.run({"verify"}).exit_code, 0);
}

TEST_F(PastRuns, WhatAKilledRunHadDecidedIsFinishedAlsoByACommandThatOnlyShows) {
  docs();
  const std::string run = "20990101-000000-aaaa";
  const auto decide = [&](std::string_view text) {
    const auto files = make_system_file_system();
    auto store = store::Store::open(*files, skein.workspace.path(".skein"), {});
    ASSERT_TRUE(store) << store.error().to_string();
    engine::ChangeList list;
    list.target = skein.workspace.root();
    list.changes = {{.path = "src/a.py", .digest = (*store)->put_blob(text).value()},
                    {.path = "src/b.py", .digest = {}}};
    const Digest changes = (*store)->put_blob(engine::encode(list)).value();
    ASSERT_TRUE((*store)->flush());
    leave({run, "apply", "{}", "0.1.0", WallTime{}}, {engine::JournalCommit{list.target, "changes", changes}});
    skein.workspace.write(".skein/journals/" + run + ".lock", "");
  };
  decide("def after(): pass\n");
  for (const std::vector<std::string>& shows :
       {std::vector<std::string>{"runs", "list"}, std::vector<std::string>{"symbols", "src"}}) {
    const Outcome shown = skein.run(shows);
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_NE(shown.err.find("finished what the killed run " + run), std::string::npos) << shown.err;
    EXPECT_EQ(skein.workspace.read("src/a.py"), "def after(): pass\n");
    EXPECT_FALSE(std::filesystem::exists(skein.workspace.path("src/b.py")));
    EXPECT_EQ(json({"runs", "list"})["runs"][0]["status"], "killed");
    EXPECT_EQ(skein.run({"runs", "list"}).err, "") << "once";
    std::filesystem::remove(skein.workspace.path(journal(run)));
    skein.workspace.write("src/b.py", "");
    decide("def after(): pass\n");
  }
}

TEST_F(PastRuns, AStateOfSomebodyElseFinishesNothing) {
  skein.workspace.write(".skein/format", "skein state 1\n");
  skein.workspace.write(".skein/journals/20990101-000000-aaaa.lock", "");
  const Outcome shown = skein.run({"symbols", "src"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_EQ(shown.err.find("killed"), std::string::npos) << shown.err;
  EXPECT_TRUE(std::filesystem::exists(skein.workspace.path(".skein/journals/20990101-000000-aaaa.lock")));
}

TEST_F(PastRuns, ARunThatGoesOnIsLeftAlone) {
  docs();
  const std::string run = "20990101-000000-aaaa";
  const auto lock = FileLock::try_acquire(skein.workspace.path(".skein/journals/" + run + ".lock"));
  ASSERT_TRUE(lock);
  leave({run, "docs", "{}", "0.1.0", WallTime{}}, {});
  EXPECT_EQ(json({"runs", "list"})["runs"][0]["status"], "running");
  EXPECT_EQ(json({"runs", "show", "last"})["status"], "running");
  const Outcome resumed = skein.run({"runs", "resume", "last"});
  EXPECT_EQ(resumed.exit_code, 3);
  EXPECT_NE(resumed.err.find("still goes on"), std::string::npos) << resumed.err;
  EXPECT_EQ(skein.run({"gc"}).exit_code, 3);
  EXPECT_EQ(skein.run({"verify"}).exit_code, 0);
}

TEST_F(PastRuns, ForeignRequestsAreRefused) {
  docs();
  leave({"20990101-000000-aaaa", "docs", "{}", "99.0.0", WallTime{}}, {});
  const Outcome newer = skein.run({"runs", "resume", "20990101"});
  EXPECT_EQ(newer.exit_code, 3);
  EXPECT_NE(newer.err.find("was made by skein 99.0.0"), std::string::npos) << newer.err;
  leave({"20990102-000000-aaaa", "dance", "{}", "0.1.0", WallTime{}}, {});
  EXPECT_EQ(skein.run({"runs", "resume", "20990102"}).exit_code, 2);
  // Not all that a table knows may be asked for by a file in a folder.
  leave({"20990103-000000-aaaa", "trust", "{\"yes\":true}", "0.1.0", WallTime{}}, {});
  const Outcome trust = skein.run({"runs", "resume", "20990103"});
  EXPECT_EQ(trust.exit_code, 2);
  EXPECT_NE(trust.err.find("cannot run again"), std::string::npos) << trust.err;
  const Outcome several = skein.run({"runs", "show", "2099"});
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_NE(several.err.find("3 runs begin with \"2099\""), std::string::npos) << several.err;
}

TEST_F(PastRuns, AreResumedFromAnyFolder) {
  skein.workspace.make_folder("elsewhere");
  docs({"--out", "site"});
  const std::string index = skein.workspace.read("site/index.html");
  skein.workspace.remove("site");
  const Outcome resumed = skein.run({"runs", "resume", "last", "--json"}, skein.workspace.path("elsewhere"));
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  const auto output = engine::parse_json(resumed.out);
  ASSERT_TRUE(output) << resumed.out;
  EXPECT_EQ((*output)["operation"], "docs");
  EXPECT_GT((*output)["reused"], 0);
  EXPECT_EQ((*output)["output"]["schema"], "skein.docs/1");
  EXPECT_EQ(skein.workspace.read("site/index.html"), index);
  EXPECT_FALSE(std::filesystem::exists(skein.workspace.path("elsewhere/site")));
}

TEST_F(PastRuns, AStepIsRetriedWhateverIsRemembered) {
  docs();
  const Json again = json({"runs", "retry", "last", "facts src/a.py"});
  EXPECT_NE(again["run"], "");
  const Json shown = json({"runs", "show", "last"});
  EXPECT_EQ(shown["run"], again["run"]);
  std::vector<std::string> done;
  for (const auto& step : shown["steps"]) done.push_back(step["step"]);
  std::ranges::sort(done);
  EXPECT_EQ(done, (std::vector<std::string>{"facts src/a.py", "publish"}));  // The same bytes wake nobody.
  const Outcome unknown = skein.run({"runs", "retry", again["resumed"], "page src/a.yp"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("did you mean \"page src/a.py\"?"), std::string::npos) << unknown.err;
}

TEST_F(PastRuns, StepsAreExplainedByTheFirstDifference) {
  docs();
  const Json first = json({"explain", "facts src/a.py"});
  ASSERT_EQ(first["steps"].size(), 1U);
  EXPECT_EQ(first["steps"][0]["difference"], "");
  skein.workspace.write("src/a.py", "def other(): pass\n");
  docs();
  const Json facts = json({"explain", "facts src/a.py"});
  ASSERT_EQ(facts["steps"].size(), 1U);
  EXPECT_TRUE(std::string(facts["steps"][0]["difference"]).starts_with("content: ")) << facts.dump(2);
  const Json path = json({"explain", "./src/a.py"});
  ASSERT_EQ(path["steps"].size(), 2U);
  EXPECT_EQ(path["steps"][1]["step"], "page src/a.py");
  EXPECT_TRUE(std::string(path["steps"][1]["difference"]).starts_with("input 1: ")) << path.dump(2);
  EXPECT_EQ(path["steps"][1]["inputs"][0]["from"], "facts src/a.py");
  const std::string key = facts["steps"][0]["key"];
  EXPECT_EQ(json({"explain", key.substr(0, 12)})["steps"][0]["step"], "facts src/a.py");
  EXPECT_EQ(json({"explain", "publish"})["steps"][0]["state"], "done");
  EXPECT_EQ(json({"explain", "nothing/such.py"}, 1)["steps"].size(), 0U);
  expect_fits(skein.run({"explain", "src/a.py"}).out);
}

TEST_F(PastRuns, ADamagedPageIsFoundAndMended) {
  docs();
  const Outcome sound = skein.run({"verify"});
  EXPECT_EQ(sound.exit_code, 0) << sound.out;
  EXPECT_NE(sound.out.find("Nothing is damaged."), std::string::npos);
  const std::string page = skein.workspace.read(".skein/docs/index.html");
  skein.workspace.write(".skein/docs/index.html", "<p>not the page");
  EXPECT_EQ(skein.run({"verify"}).exit_code, 1);
  const Json repaired = json({"verify", "--repair"});
  ASSERT_EQ(repaired["damaged"].size(), 1U);
  EXPECT_EQ(repaired["repaired"], true);
  docs();
  EXPECT_EQ(skein.workspace.read(".skein/docs/index.html"), page);
  EXPECT_EQ(skein.run({"verify"}).exit_code, 0);
}

TEST_F(PastRuns, DamageInTheStoreAndInJournalsIsFoundAndMended) {
  docs();
  const std::string site = skein.workspace.read(".skein/docs/index.html");
  std::string pack;
  for (const auto& entry : std::filesystem::directory_iterator(skein.workspace.path(".skein/packs")))
    if (entry.path().extension() == ".pack") pack = ".skein/packs/" + entry.path().filename().string();
  ASSERT_NE(pack, "");
  std::string bytes = skein.workspace.read(pack);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  skein.workspace.write(pack, bytes);
  const std::string run = json({"runs", "show", "last"})["run"];
  bytes = skein.workspace.read(journal(run));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  skein.workspace.write(journal(run), bytes);
  const Json found = json({"verify"}, 1);
  EXPECT_EQ(found["damaged"].size(), 2U) << found.dump(2);
  EXPECT_EQ(json({"verify", "--repair"})["repaired"], true);
  EXPECT_EQ(json({"verify"})["damaged"].size(), 0U);
  docs({"--out", "again"});
  EXPECT_EQ(skein.workspace.read("again/index.html"), site);
  EXPECT_EQ(json({"verify"})["damaged"].size(), 0U);
}

TEST_F(PastRuns, GcKeepsTheNewestJournalAndWhatTheSiteWasMadeFrom) {
  docs();
  const std::string first = json({"runs", "show", "last"})["run"];
  const std::string old = "20200101-000000-aaaa";
  std::filesystem::rename(skein.workspace.path(journal(first)), skein.workspace.path(journal(old)));
  skein.workspace.write("src/a.py", "def other(): pass\n");
  docs();
  // As if both were long ago, and a later run had made nothing.
  const std::string second = json({"runs", "show", "last"})["run"];
  std::filesystem::rename(skein.workspace.path(journal(second)), skein.workspace.path(journal("20990101-000000-aaaa")));
  const Json planned = json({"gc", "--dry-run"});
  EXPECT_EQ(planned["journals"], Json::array({old}));
  EXPECT_TRUE(std::filesystem::exists(skein.workspace.path(journal(old))));
  const Json done = json({"gc"});
  EXPECT_EQ(done["journals"], planned["journals"]);
  EXPECT_EQ(done["freed_bytes"], planned["freed_bytes"]);
  EXPECT_GT(done["results"], 0);
  EXPECT_GT(done["store_bytes"], 0);
  EXPECT_FALSE(std::filesystem::exists(skein.workspace.path(journal(old))));
  EXPECT_EQ(skein.run({"verify"}).exit_code, 0);
  // All that the site was made from is still there.
  const Json again = json({"docs", "--out", "other"});
  // A first overview is replaced by the pages, so it is made again for another target; it and the pages are published.
  EXPECT_EQ(again["steps_done"], 3) << again.dump(2);
  json({"gc"});
  EXPECT_EQ(json({"gc"})["freed_bytes"], 0);
  expect_fits(skein.run({"gc", "--dry-run"}).out);
}

}  // namespace
}  // namespace skein
