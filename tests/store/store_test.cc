#include "store/store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "base/sim_file_system.h"
#include "store/pack_records.h"
#include "store/sqlite.h"
#include "support/scratch_tree.h"

namespace skein::store {
namespace {

std::unique_ptr<Store> open(FileSystem& files, const std::string& folder, StoreOptions options = {},
                            std::vector<std::string>* notes = nullptr) {
  auto store = Store::open(files, folder, options, notes);
  EXPECT_TRUE(store) << store.error().to_string();
  return store ? std::move(*store) : nullptr;
}

ResultRecord result_of(std::string_view name, std::vector<Digest> blobs) {
  return {sha256(std::string("declared ").append(name)), sha256(std::string("key ").append(name)), std::move(blobs),
          std::string("payload ").append(name)};
}

/// Flips a bit of the byte at `offset` of a file.
void damage(const test::ScratchTree& tree, const std::string& name, std::size_t offset) {
  std::string bytes = tree.read(name);
  ASSERT_LT(offset, bytes.size());
  bytes[offset] = static_cast<char>(bytes[offset] ^ 4);
  tree.write(name, bytes);
}

class StoreOnDisk : public ::testing::Test {
 protected:
  test::ScratchTree tree_;
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
  const std::string& root_ = tree_.root();
};

TEST_F(StoreOnDisk, KeepsABlobOnceAndGivesItBack) {
  auto store = open(*files_, root_);
  const std::string large(100'000, 'z');
  for (const auto& bytes : {std::string(), std::string("small"), large}) {
    const auto digest = store->put_blob(bytes);
    ASSERT_TRUE(digest);
    EXPECT_EQ(*digest, sha256(bytes));
    EXPECT_EQ(store->get_blob(*digest).value(), bytes);
    EXPECT_TRUE(store->has_blob(*digest).value());
    ASSERT_TRUE(store->put_blob(bytes));
  }
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->flush()) << "nothing new";
  const auto size = tree_.read("packs/000001.pack").size();
  EXPECT_LT(size, 5'000u) << "compressed";
  ASSERT_TRUE(store->put_blob(large));
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(tree_.read("packs/000001.pack").size(), size);
  EXPECT_EQ(store->get_blob(sha256("none")).error().code(), Code::not_found);
  EXPECT_FALSE(store->has_blob(sha256("none")).value());
}

TEST_F(StoreOnDisk, FindsResultsBeforeAndAfterTheyAreFlushedNewestFirst) {
  auto store = open(*files_, root_);
  auto first = result_of("r", {*store->put_blob("out")});
  auto second = first;
  second.key = sha256("another key");
  ASSERT_TRUE(store->put_result(first));
  ASSERT_TRUE(store->put_result(second));
  const auto expect_both = [&](Store& in) {
    const auto found = in.find_results(first.declared).value();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].key, second.key);
    EXPECT_EQ(found[1].payload, first.payload);
    EXPECT_EQ(found[1].blobs, first.blobs);
  };
  expect_both(*store);
  ASSERT_TRUE(store->flush());
  expect_both(*store);
  ASSERT_TRUE(store->put_result(first));
  const auto again = store->find_results(first.declared).value();
  ASSERT_EQ(again.size(), 2u) << "one of each key";
  EXPECT_EQ(again[0].key, first.key);
  ASSERT_TRUE(store->forget_result(first.key));
  EXPECT_EQ(store->find_results(first.declared).value().size(), 1u);
  store.reset();
  store = open(*files_, root_);
  EXPECT_EQ(store->find_results(first.declared).value().size(), 1u);
  EXPECT_EQ(store->get_blob(sha256("out")).value(), "out");
}

TEST_F(StoreOnDisk, TellsADamagedBlobAndTakesItAgain) {
  Digest digest;
  {
    auto store = open(*files_, root_);
    digest = *store->put_blob("precious bytes");
    ASSERT_TRUE(store->flush());
  }
  damage(tree_, "packs/000001.pack", 70);
  auto store = open(*files_, root_);
  EXPECT_EQ(store->get_blob(digest).error().code(), Code::data_corrupt);
  EXPECT_EQ(store->get_blob(digest).error().code(), Code::not_found) << "it was forgotten";
  ASSERT_TRUE(store->put_blob("precious bytes"));
  EXPECT_EQ(store->get_blob(digest).value(), "precious bytes");
  ASSERT_TRUE(store->flush());
  store = open(*files_, root_);
  EXPECT_EQ(store->get_blob(digest).value(), "precious bytes");
}

TEST_F(StoreOnDisk, LeavesDamagedResultsOut) {
  const auto record = result_of("r", {});
  {
    auto store = open(*files_, root_);
    ASSERT_TRUE(store->put_result(record));
    ASSERT_TRUE(store->flush());
  }
  damage(tree_, "packs/000001.pack", 100);
  auto store = open(*files_, root_);
  EXPECT_TRUE(store->find_results(record.declared).value().empty());
  ASSERT_TRUE(store->put_result(record));
  EXPECT_EQ(store->find_results(record.declared).value().size(), 1u);
}

TEST_F(StoreOnDisk, MakesALostOrDamagedIndexAgainFromThePacks) {
  const auto record = result_of("r", {sha256("out")});
  {
    auto store = open(*files_, root_);
    ASSERT_TRUE(store->put_blob("out"));
    ASSERT_TRUE(store->put_result(record));
    ASSERT_TRUE(store->flush());
  }
  for (const bool removed : {true, false}) {
    for (const auto* suffix : {"-wal", "-shm"}) tree_.remove(std::string("index.db") + suffix);
    if (removed) {
      tree_.remove("index.db");
    } else {
      tree_.write("index.db", std::string(4096, 'x'));
    }
    std::vector<std::string> notes;
    auto store = open(*files_, root_, {}, &notes);
    EXPECT_EQ(store->get_blob(sha256("out")).value(), "out");
    EXPECT_EQ(store->find_results(record.declared).value().size(), 1u);
    EXPECT_EQ(notes.empty(), removed);
  }
}

TEST_F(StoreOnDisk, RefusesWhatANewerSkeinWrote) {
  {
    auto store = open(*files_, root_);
    ASSERT_TRUE(store->put_blob("x"));
    ASSERT_TRUE(store->flush());
  }
  std::string pack = tree_.read("packs/000001.pack");
  pack[8] = 9;
  tree_.write("packs/000001.pack", pack);
  tree_.remove("index.db");
  EXPECT_EQ(Store::open(*files_, root_, {}).error().code(), Code::unsupported_version);
  tree_.remove("packs");
  {
    auto database = Database::open(tree_.path("index.db"));
    ASSERT_TRUE(database->execute("PRAGMA user_version = 99"));
  }
  EXPECT_EQ(Store::open(*files_, root_, {}).error().code(), Code::unsupported_version);
}

TEST_F(StoreOnDisk, DoesWithoutAPackThatIsNoneAndWithoutATornEnd) {
  {
    auto store = open(*files_, root_);
    ASSERT_TRUE(store->put_blob("kept"));
    ASSERT_TRUE(store->flush());
  }
  tree_.write("packs/000002.pack", "this is no pack of skein at all");
  tree_.write("packs/other.txt", "ignored");
  tree_.write("packs/x.pack", "ignored");
  tree_.write("packs/000001.pack", tree_.read("packs/000001.pack") + "torn");
  std::vector<std::string> notes;
  auto store = open(*files_, root_, {}, &notes);
  EXPECT_EQ(notes.size(), 2u);
  EXPECT_EQ(store->get_blob(sha256("kept")).value(), "kept");
  ASSERT_TRUE(store->put_blob("new"));
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(store->get_blob(sha256("new")).value(), "new");
  EXPECT_EQ(tree_.read("packs/000002.pack"), "this is no pack of skein at all");
}

TEST_F(StoreOnDisk, DoesWithoutItsPacksWhenTheIndexOutlivesThem) {
  {
    auto store = open(*files_, root_);
    ASSERT_TRUE(store->put_blob("gone"));
    ASSERT_TRUE(store->flush());
  }
  tree_.remove("packs");
  auto store = open(*files_, root_);
  EXPECT_EQ(store->get_blob(sha256("gone")).error().code(), Code::data_corrupt);
  ASSERT_TRUE(store->put_blob("gone"));
  ASSERT_TRUE(store->flush());
  store = open(*files_, root_);
  EXPECT_EQ(store->get_blob(sha256("gone")).value(), "gone");
}

TEST_F(StoreOnDisk, StartsANewPackWhenOneIsFullAndWritesLargeBuffersEarly) {
  auto store = open(*files_, root_, {.pack_bytes = 1'000, .buffer_bytes = 100, .recent_bytes = 1'000});
  SeededRandom random(1);
  std::vector<std::string> all;
  for (int i = 0; i < 30; ++i) {
    std::string bytes(200, '\0');
    for (auto& c : bytes) c = static_cast<char>(random.next());
    all.push_back(bytes);
    ASSERT_TRUE(store->put_blob(bytes));
    ASSERT_TRUE(i % 5 != 4 || store->flush());
  }
  ASSERT_TRUE(store->flush());
  const auto stats = store->stats().value();
  EXPECT_GE(stats.packs, 4u);
  EXPECT_GT(stats.pack_bytes, 6'000u);
  for (const auto& bytes : all) EXPECT_EQ(store->get_blob(sha256(bytes)).value(), bytes);
}

TEST_F(StoreOnDisk, VerifyCountsWhatIsThereAndFindsDamage) {
  auto store = open(*files_, root_);
  ASSERT_TRUE(store->put_blob("one"));
  ASSERT_TRUE(store->put_blob(std::string(1'000, 'a')));
  ASSERT_TRUE(store->put_result(result_of("r", {sha256("one")})));
  auto stats = store->verify().value();
  EXPECT_EQ(stats.blobs, 2u);
  EXPECT_EQ(stats.results, 1u);
  EXPECT_EQ(stats.raw_bytes, 1'003u);
  EXPECT_EQ(stats.damaged, 0u);
  store.reset();
  damage(tree_, "packs/000001.pack", 40);
  store = open(*files_, root_);
  EXPECT_GE(store->verify().value().damaged, 1u);
  damage(tree_, "packs/000001.pack", 2);
  store = open(*files_, root_);
  EXPECT_GE(store->verify().value().damaged, 1u) << "not even its header";
}

TEST_F(StoreOnDisk, VerifyForgetsABlobThatHoldsOtherBytes) {
  // A record with a right checksum and a wrong digest: a mistake of ours, not of the disk.
  ASSERT_TRUE(files_->make_directories(tree_.path("packs")));
  {
    auto log = RecordLogWriter::open(*files_, tree_.path("packs/000001.pack"), LogKind::pack);
    log->add(1, encode_blob(sha256("claimed"), "other"));
    log->add(1, "too short to be a blob");
    log->add(2, "too short to be a result");
    log->add(9, "of a kind that this skein does not know");
    ASSERT_TRUE(log->write());
  }
  auto store = open(*files_, root_);
  EXPECT_EQ(store->verify().value().damaged, 3u);
  EXPECT_FALSE(store->has_blob(sha256("claimed")).value());
}

TEST_F(StoreOnDisk, TwoProcessesSeeEachOthersFlushedResults) {
  auto store = open(*files_, root_);
  ASSERT_TRUE(store->put_blob("of the parent"));
  ASSERT_TRUE(store->flush());
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    // SQLite's connections do not survive a fork: the child opens the folder anew.
    const auto files = make_system_file_system();
    auto mine = Store::open(*files, root_, {});
    bool ok = mine && (*mine)->get_blob(sha256("of the parent")).value_or("") == "of the parent";
    ok = ok && (*mine)->put_blob("of the child") && (*mine)->put_result(result_of("child", {sha256("of the child")}));
    ok = ok && (*mine)->flush();
    const char answer = ok ? 'y' : 'n';
    ok = ::write(ready[1], &answer, 1) == 1 && ok;
    ::_exit(ok ? 0 : 1);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_EQ(store->get_blob(sha256("of the child")).value(), "of the child");
  EXPECT_EQ(store->find_results(result_of("child", {}).declared).value().size(), 1u);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(store->stats().value().packs, 2u) << "each writes packs of its own";
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(StoreOnDisk, GcWaitsForOtherWriters) {
  auto store = open(*files_, root_);
  ASSERT_TRUE(store->put_blob("mine"));
  ASSERT_TRUE(store->flush());
  auto other = open(*files_, root_);
  EXPECT_EQ(other->gc([](const Digest&) { return true; }, {}).error().code(), Code::unavailable);
  store.reset();
  EXPECT_TRUE(other->gc([](const Digest&) { return true; }, {sha256("mine")}));
  EXPECT_EQ(other->get_blob(sha256("mine")).value(), "mine");
}

TEST_F(StoreOnDisk, PutsAndFlushesFromManyThreads) {
  auto store = open(*files_, root_, {.pack_bytes = 20'000});
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&store, t] {
      for (int i = 0; i < 60; ++i) {
        const std::string bytes = "blob " + std::to_string(i % 40 + t * 10);
        const auto digest = store->put_blob(bytes);
        EXPECT_TRUE(digest);
        EXPECT_TRUE(store->put_result(result_of(bytes, {*digest})));
        EXPECT_TRUE(i % 10 != 0 || store->flush());
        EXPECT_EQ(store->get_blob(*digest).value(), bytes);
        EXPECT_EQ(store->find_results(result_of(bytes, {}).declared).value().size(), 1u);
      }
    });
  threads.clear();
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(store->verify().value().damaged, 0u);
}

TEST_F(StoreOnDisk, RefusesAFolderThatIsAFile) {
  tree_.write("file", "x");
  EXPECT_FALSE(Store::open(*files_, tree_.path("file"), {}));
}

/// A store on the simulated disk with results that name blobs, some shared.
struct Filled {
  std::vector<ResultRecord> results;
  std::vector<std::string> blobs;
};

Filled fill(Store& store, Random& random) {
  Filled filled;
  for (int i = 0; i < 12; ++i) {
    filled.blobs.push_back("blob " + std::to_string(i) + std::string(random.below(400), 'b'));
    EXPECT_TRUE(store.put_blob(filled.blobs.back()));
    auto record = result_of(std::to_string(i), {sha256(filled.blobs.back())});
    if (i > 0) record.blobs.push_back(sha256(filled.blobs[random.below(static_cast<std::uint64_t>(i))]));
    EXPECT_TRUE(store.put_result(record));
    filled.results.push_back(std::move(record));
    EXPECT_TRUE(random.chance(0.5) || store.flush());
  }
  EXPECT_TRUE(store.flush());
  return filled;
}

TEST(StoreGc, KeepsExactlyWhatIsReachable) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SeededRandom random(seed);
    SimFileSystem disk(random);
    auto store = open(disk, "s", {.pack_bytes = 300 + random.below(2'000), .shared = false});
    const Filled filled = fill(*store, random);
    std::set<Digest> kept;
    std::set<Digest> live;
    for (const auto& record : filled.results)
      if (random.chance(0.4)) {
        kept.insert(record.declared);
        live.insert(record.blobs.begin(), record.blobs.end());
      }
    const Digest root = sha256(filled.blobs[random.below(filled.blobs.size())]);
    live.insert(root);
    const auto stats = store->gc([&](const Digest& declared) { return kept.contains(declared); }, {root});
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->results, kept.size());
    EXPECT_EQ(stats->blobs, live.size());
    for (int reopened = 0; reopened < 2; ++reopened) {
      for (const auto& record : filled.results)
        EXPECT_EQ(store->find_results(record.declared).value().size(), kept.contains(record.declared) ? 1u : 0u);
      for (const auto& blob : filled.blobs) {
        const Digest digest = sha256(blob);
        EXPECT_EQ(store->has_blob(digest).value(), live.contains(digest));
        EXPECT_EQ(store->get_blob(digest).value_or(""), live.contains(digest) ? blob : "") << seed;
      }
      EXPECT_EQ(store->verify().value().damaged, 0u);
      store.reset();
      store = open(disk, "s", {.shared = false});
    }
  }
}

TEST(StoreGc, LosesNothingInACrashAtAnyOperation) {
  for (std::uint64_t at = 1; at < 200; ++at) {
    SeededRandom random(at);
    SimFileSystem disk(random);
    auto store = open(disk, "s", {.pack_bytes = 600, .shared = false});
    SeededRandom same(7);
    const Filled filled = fill(*store, same);
    const auto is_kept = [&](const Digest& declared) { return declared.bytes[0] % 2 == 0; };
    disk.crash_after(at);
    const auto done = store->gc(is_kept, {});
    const bool down = disk.is_down();
    store.reset();
    disk.crash();
    store = open(disk, "s", {.pack_bytes = 600, .shared = false});
    for (const auto& record : filled.results) {
      if (!is_kept(record.declared)) continue;
      ASSERT_EQ(store->find_results(record.declared).value().size(), 1u) << "crash in operation " << at;
      for (const auto& blob : record.blobs) ASSERT_TRUE(store->get_blob(blob)) << "crash in operation " << at;
    }
    ASSERT_TRUE(store->gc(is_kept, {})) << "and again, to the end";
    if (!down) {
      EXPECT_TRUE(done);
      return;  // Every operation was crashed in.
    }
  }
  FAIL() << "gc takes more operations than were tried";
}

TEST(StoreFaults, AFailedFlushPromisesNothingAndSaysSo) {
  SeededRandom random(1);
  SimFileSystem disk(random);
  auto store = open(disk, "s", {.shared = false});
  ASSERT_TRUE(store->put_blob("x"));
  disk.set_faults({.append_fails = 1});
  EXPECT_EQ(store->flush().error().code(), Code::resource_exhausted);
  EXPECT_EQ(store->get_blob(sha256("x")).value(), "x");
  disk.set_faults({});
  EXPECT_TRUE(store->flush()) << "there is room again";
  ASSERT_TRUE(store->put_blob("y"));
  disk.set_faults({.sync_fails = 1});
  EXPECT_FALSE(store->flush());
  disk.set_faults({});
  EXPECT_FALSE(store->flush()) << "what a failed sync left on the disk is unknown";
  store = open(disk, "s", {.shared = false});
  EXPECT_EQ(store->get_blob(sha256("x")).value(), "x");
}

TEST(Codec, PacksWhatShrinksAndRefusesWhatIsDamaged) {
  EXPECT_EQ(pack("short").codec, Codec::none);
  SeededRandom random(1);
  std::string noise(1'000, '\0');
  for (auto& c : noise) c = static_cast<char>(random.next());
  EXPECT_EQ(pack(noise).codec, Codec::none) << "it does not shrink";
  const std::string text(100'000, 't');
  const Packed packed = pack(text);
  ASSERT_EQ(packed.codec, Codec::zstd);
  EXPECT_EQ(unpack(Codec::zstd, packed.bytes, text.size()).value(), text);
  EXPECT_EQ(unpack(Codec::zstd, packed.bytes, text.size() + 1).error().code(), Code::data_corrupt);
  EXPECT_EQ(unpack(Codec::zstd, packed.bytes, ~std::uint64_t{0}).error().code(), Code::data_corrupt);
  EXPECT_EQ(unpack(Codec::zstd, packed.bytes.substr(0, packed.bytes.size() - 3), text.size()).error().code(),
            Code::data_corrupt);
  EXPECT_EQ(unpack(Codec::none, "abc", 4).error().code(), Code::data_corrupt);
  EXPECT_EQ(unpack(Codec::none, "abc", 3).value(), "abc");
  EXPECT_EQ(unpack(static_cast<Codec>(7), "abc", 3).error().code(), Code::data_corrupt);
}

TEST_F(StoreOnDisk, WhatLiesBehindADamagedRecordIsStillVerifiedAndKeptByGc) {
  std::vector<Digest> blobs;
  {
    auto store = open(*files_, root_);
    for (int i = 0; i < 20; ++i) {
      blobs.push_back(*store->put_blob(fmt::format("blob number {}", i)));
      ASSERT_TRUE(store->put_result(result_of(fmt::format("r{}", i), {blobs.back()})));
    }
    ASSERT_TRUE(store->flush());
  }
  damage(tree_, "packs/000001.pack", 16 + 16 + 40);  // In the bytes of the first blob.
  auto store = open(*files_, root_);
  const auto stats = store->verify().value();
  EXPECT_EQ(stats.damaged, 1u);
  EXPECT_EQ(stats.blobs, 19u);
  EXPECT_EQ(stats.results, 20u);
  ASSERT_TRUE(store->gc([](const Digest&) { return true; }, {}));
  EXPECT_EQ(store->verify().value().damaged, 0u);
  EXPECT_EQ(store->get_blob(blobs[0]).error().code(), Code::not_found);
  for (int i = 1; i < 20; ++i) {
    EXPECT_EQ(store->get_blob(blobs[static_cast<std::size_t>(i)]).value(), fmt::format("blob number {}", i));
    EXPECT_EQ(store->find_results(result_of(fmt::format("r{}", i), {}).declared).value().size(), 1u);
  }
}

TEST_F(StoreOnDisk, AFalseResultInsideADamagedBlobIsNotBelieved) {
  // A blob whose bytes are a whole record of a result, as a repository could bring along.
  const auto forged = result_of("forged", {});
  const std::string payload = encode_result(forged);
  std::string bytes;
  {
    SeededRandom chance(1);
    SimFileSystem memory(chance);
    ASSERT_TRUE(memory.make_directories("/d"));
    auto log = RecordLogWriter::open(memory, "/d/log", LogKind::pack).value();
    log.add(2, payload);
    bytes = std::string(log.buffered().substr(kRecordLogHeaderBytes));
  }
  {
    auto store = open(*files_, root_);
    ASSERT_TRUE(store->put_blob(bytes));
    ASSERT_TRUE(store->put_result(result_of("true", {sha256(bytes)})));
    ASSERT_TRUE(store->flush());
  }
  damage(tree_, "packs/000001.pack", 16 + 4);  // The blob's type.
  for (const auto* name : {"index.db", "index.db-wal", "index.db-shm"})
    if (const auto gone = files_->remove(root_ + "/" + name); !gone) {
      EXPECT_EQ(gone.error().code(), Code::not_found);
    }
  auto store = open(*files_, root_);
  EXPECT_TRUE(store->find_results(forged.declared).value().empty());
  ASSERT_TRUE(store->gc([](const Digest&) { return true; }, {}));
  EXPECT_TRUE(store->find_results(forged.declared).value().empty());
}

TEST_F(StoreOnDisk, WhatAnotherProcessFlushedIsFoundByTheNextLookUp) {
  auto one = open(*files_, root_);
  auto other = open(*files_, root_);
  const auto result = result_of("late", {});
  EXPECT_TRUE(one->find_results(sha256("something else")).value().empty());
  EXPECT_TRUE(one->find_results(result.declared).value().empty());
  ASSERT_TRUE(other->put_result(result));
  ASSERT_TRUE(other->flush());
  EXPECT_EQ(one->find_results(result.declared).value().size(), 1u);
}

}  // namespace
}  // namespace skein::store
