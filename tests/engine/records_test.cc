// What the engine writes down: journal records, stored results, events as JSON.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/sim_file_system.h"
#include "engine/digest_index.h"
#include "engine/events.h"
#include "engine/journal.h"
#include "engine/result_store.h"
#include "engine/store_results.h"

namespace skein::engine {
namespace {

Usage some_usage() {
  Usage usage;
  usage.wall = Micros(1);
  usage.user_cpu = Micros(2);
  usage.system_cpu = Micros(3);
  usage.queued = Micros(4);
  usage.peak_memory = {5};
  usage.bytes_read = {6};
  usage.bytes_written = {7};
  usage.reads = 8;
  usage.writes = 9;
  usage.network_received = {10};
  usage.network_sent = {11};
  usage.input_tokens = {12};
  usage.cached_tokens = {13};
  usage.output_tokens = {14};
  usage.reasoning_tokens = {15};
  usage.money = {1'000'000};
  return usage;
}

std::vector<JournalRecord> one_of_each() {
  const WallTime at{Micros(1'700'000'000'000'000)};
  return {JournalStart{"20260101-000000-abcd", "docs", "{\"out\":\"x\"}", "0.1.0", at},
          JournalStep{"facts a.py",
                      "repo.facts@1.0",
                      StepState::executed,
                      sha256("key"),
                      {sha256("o1"), sha256("o2")},
                      some_usage()},
          JournalFailure{"facts b.py",
                         "repo.facts@1.0",
                         "io",
                         "cannot read",
                         3,
                         {{"language", "python"}},
                         {sha256("in")},
                         "last words",
                         {"page b", "page c"}},
          JournalCommit{"/home/docs", "pages", sha256("changes")},
          JournalInstalled{7},
          JournalEnd{"ok", 1, 2, 3, 4, some_usage(), Micros(55), 0.75, at},
          JournalOutput{"facts b.py", "3f2a01"}};
}

TEST(Journal, ReadsBackEveryRecord) {
  for (const auto& record : one_of_each()) {
    const std::string bytes = encode(record);
    const auto again = decode_record(type_of(record), bytes);
    ASSERT_TRUE(again && *again);
    EXPECT_EQ(again->value().index(), record.index());
    EXPECT_EQ(encode(**again), bytes);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut)
      EXPECT_EQ(decode_record(type_of(record), bytes.substr(0, cut)).error().code(), Code::data_corrupt);
  }
  const auto failure = std::get<JournalFailure>(**decode_record(3, encode(one_of_each()[2])));
  EXPECT_EQ(failure.name, "facts b.py");
  EXPECT_EQ(failure.attempts, 3);
  EXPECT_EQ(failure.parts, (std::vector<KeyPart>{{"language", "python"}}));
  EXPECT_EQ(failure.not_run, (std::vector<std::string>{"page b", "page c"}));
  EXPECT_EQ(failure.last_output, "last words");
  const auto step = std::get<JournalStep>(**decode_record(2, encode(one_of_each()[1])));
  EXPECT_EQ(step.outputs[1], sha256("o2"));
  EXPECT_EQ(step.usage.money.value, 1'000'000);
  EXPECT_EQ(step.usage.reasoning_tokens.value, 15);
}

TEST(Journal, PassesOverRecordsOfANewerSkein) {
  const auto unknown = decode_record(99, "whatever");
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(*unknown);
}

TEST(Journal, ReadsTheValidPrefixOfAFile) {
  SeededRandom random(1);
  SimFileSystem disk(random);
  ASSERT_TRUE(disk.make_directories("state/journals"));
  const std::string run = make_run_id(WallTime{Micros(1'700'000'000'000'000)}, 12345);
  EXPECT_EQ(run.substr(0, 16), "20231114-221320-");
  EXPECT_TRUE(is_run_id(run));
  const std::string path = journal_path("state", run);
  {
    auto log = store::RecordLogWriter::open(disk, path, store::LogKind::journal);
    for (const auto& record : one_of_each()) log->add(type_of(record), encode(record));
    log->add(99, "of a newer skein");
    log->add(2, "damaged although its checksum fits");
    ASSERT_TRUE(log->write());
  }
  std::size_t count = 0;
  const auto status = read_journal(disk, path, [&](const JournalRecord&) { return ++count, true; });
  EXPECT_EQ(count, one_of_each().size());
  EXPECT_EQ(status.error().code(), Code::data_corrupt);
  EXPECT_NE(status.error().to_string().find(path), std::string::npos);
  count = 0;
  EXPECT_TRUE(read_journal(disk, path, [&](const JournalRecord&) { return ++count < 2; }));
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(read_journal(disk, "state/none", [](const JournalRecord&) { return true; }).error().code(),
            Code::not_found);
  ASSERT_TRUE(write_file_atomically(disk, "state/journals/x.journal", "no log of skein at all", false));
  EXPECT_FALSE(read_journal(disk, "state/journals/x.journal", [](const JournalRecord&) { return true; }));
  EXPECT_EQ(list_runs(disk, "state").value(), std::vector<std::string>{run}) << "other files are none of ours";
  EXPECT_TRUE(list_runs(disk, "elsewhere").value().empty());
}

TEST(RunId, IsTwentyLettersInTheirPlaces) {
  EXPECT_TRUE(is_run_id("20261121-010203-kfqz"));
  for (const auto* other : {"", "20261121-010203-kfq", "20261121-010203-kfqzz", "20261121_010203-kfqz",
                            "2026112a-010203-kfqz", "20261121-010203-KFQZ", "../../../etc/passwd/"})
    EXPECT_FALSE(is_run_id(other)) << other;
}

TEST(StepState, HasAName) {
  EXPECT_EQ(to_string(StepState::executed), "executed");
  EXPECT_EQ(to_string(StepState::hit), "hit");
  EXPECT_EQ(to_string(StepState::failed), "failed");
  EXPECT_EQ(to_string(StepState::skipped), "skipped");
  EXPECT_EQ(to_string(StepState::cancelled), "cancelled");
  EXPECT_EQ(to_string(static_cast<StepState>(77)), "unknown");
}

StoredResult some_result() {
  StoredResult result;
  result.declared = sha256("declared");
  result.key = sha256("key");
  result.parts = {{"a", "1"}, {"b", "2"}};
  result.inputs = {sha256("in")};
  result.reads = {{ReadKind::absence, "config", {}}, {ReadKind::listing, "src", sha256("names")}};
  result.outputs = {sha256("out")};
  result.log = sha256("log");
  result.usage = some_usage();
  result.agent = "agent@1.0";
  result.step = "step";
  result.run = "run";
  return result;
}

TEST(StoredResult, ReadsBackAndRefusesDamageAndNewerFormats) {
  const StoredResult result = some_result();
  const std::string bytes = encode(result);
  const auto again = decode_result(result.declared, result.key, bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(encode(*again), bytes);
  EXPECT_EQ(again->reads, result.reads);
  EXPECT_EQ(again->parts, result.parts);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(decode_result(result.declared, result.key, bytes.substr(0, cut)));
  std::string newer = bytes;
  newer[0] = 9;
  EXPECT_EQ(decode_result(result.declared, result.key, newer).error().code(), Code::unsupported_version);
}

/// Both kinds of result store keep one contract.
void expect_contract(ResultStore& results) {
  StoredResult first = some_result();
  first.outputs = {*results.put_blob("out")};
  first.log = *results.put_blob("log");
  StoredResult second = first;
  second.key = sha256("second");
  EXPECT_TRUE(results.find(first.declared).value().empty());
  ASSERT_TRUE(results.put(first));
  ASSERT_TRUE(results.put(second));
  ASSERT_TRUE(results.flush());
  auto found = results.find(first.declared).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].key, second.key);
  EXPECT_EQ(encode(found[1]), encode(first));
  ASSERT_TRUE(results.put(first)) << "again: the newest now";
  found = results.find(first.declared).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].key, first.key);
  ASSERT_TRUE(results.forget(first.key));
  ASSERT_TRUE(results.forget(sha256("never there")));
  EXPECT_EQ(results.find(first.declared).value().size(), 1u);
  EXPECT_EQ(results.get_blob(sha256("out")).value(), "out");
  EXPECT_EQ(results.get_blob(sha256("none")).error().code(), Code::not_found);
}

TEST(DigestIndex, AgreesWithAMultimapOnAnySequence) {
  SeededRandom random(7);
  DigestIndex index;
  std::multimap<Digest, std::uint32_t> model;
  std::vector<Digest> digests;
  for (std::uint32_t position = 0; position < 5'000; ++position) {
    // Few digests come again; some differ from another only behind the part that the index keeps.
    Digest digest = sha256(fmt::format("{}", random.below(4'000)));
    if (random.below(10) == 0) digest.bytes[31] ^= 1;
    digests.push_back(digest);
    index.add(digest, position);
    model.emplace(digest, position);
    const Digest asked = random.below(2) == 0 ? digest : sha256(fmt::format("{}", random.below(8'000)));
    std::vector<std::uint32_t> found;
    index.each_candidate(asked, [&](std::uint32_t at) {
      if (digests[at] == asked) found.push_back(at);
    });
    std::vector<std::uint32_t> expected;
    for (auto [at, end] = model.equal_range(asked); at != end; ++at) expected.push_back(at->second);
    ASSERT_EQ(found, expected) << "after " << position + 1 << " additions";
  }
}

TEST(MemoryResults, KeepTheContract) {
  MemoryResults results;
  expect_contract(results);
}

TEST(StoreResults, KeepTheContractAndForgetWhatTheyCannotRead) {
  SeededRandom random(1);
  SimFileSystem disk(random);
  auto store = store::Store::open(disk, "s", {.shared = false});
  ASSERT_TRUE(store);
  StoreResults results(**store);
  expect_contract(results);
  const Digest declared = sha256("newer");
  ASSERT_TRUE((*store)->put_result({declared, sha256("k"), {}, "\x09 of a newer skein"}));
  EXPECT_TRUE(results.find(declared).value().empty());
  EXPECT_TRUE((*store)->find_results(declared).value().empty());
}

TEST(Events, AreOneJsonObjectEachWhateverTheyHold) {
  Usage usage = some_usage();
  const std::string nasty = "a\"b\\c\n\x01 \xff </script>";
  const std::vector<Event> events{RunStarted{"run", 3},
                                  StepStarted{nasty, "agent", 2},
                                  StepFinished{nasty, "agent", &usage},
                                  StepFinished{nasty, "agent", nullptr},
                                  StepFailed{nasty, "agent", "io", nasty, 1, true},
                                  StepSkipped{"s", "because"},
                                  CacheHit{"s", "a"},
                                  CacheMiss{"s", "a"},
                                  OutputGenerated{"s", nasty},
                                  Spent{"s", {5}, {7}},
                                  ModelAnswered{"s", nasty, {5}, {7}},
                                  PersonNeeded{nasty, "q1", "question", nasty},
                                  FileChanged{"p", "written"},
                                  Published{"t", "pages", 1, 2},
                                  Progress{1, 2, 3, 4, 5},
                                  RunFinished{"run", "ok"}};
  std::set<std::string> names;
  for (const auto& event : events) {
    const auto json = nlohmann::json::parse(to_json(event));
    EXPECT_EQ(json.at("schema"), "skein.event/1");
    EXPECT_EQ(json.at("event"), std::string(event_name(event)));
    names.insert(json.at("event"));
  }
  EXPECT_EQ(names.size(), std::variant_size_v<Event>);
  EXPECT_EQ(to_json(events[0]), R"({"schema":"skein.event/1","event":"run_started","run":"run","steps":3})");
  EXPECT_EQ(nlohmann::json::parse(to_json(events[4])).at("will_retry"), true);
  EXPECT_EQ(nlohmann::json::parse(to_json(events[2])).at("wall_us"), 1);
}

}  // namespace
}  // namespace skein::engine
