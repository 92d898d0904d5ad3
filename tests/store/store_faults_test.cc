// What must hold whatever happens to the files of a store, and whoever else uses it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/random.h"
#include "base/sim_file_system.h"
#include "store/quarantine.h"
#include "store/store.h"
#include "support/scratch_tree.h"

namespace skein::store {
namespace {

std::string text_of(std::uint64_t n) { return "value " + std::to_string(n) + " " + std::string(300 + n % 500, 'x'); }

ResultRecord record_of(const std::string& name, const Digest& blob) {
  return {sha256(name), sha256("key " + name), {blob}, "payload " + name};
}

class StoreUnderFire : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open() {
    auto opened = Store::open(*files_, folder(), {});
    EXPECT_TRUE(opened) << opened.error().to_string();
    return opened ? std::move(*opened) : nullptr;
  }
  [[nodiscard]] std::string folder() const { return tree_.root() + "/s"; }
  void fill(int count) {
    auto store = open();
    for (int i = 0; i < count; ++i) {
      const auto digest = store->put_blob(text_of(static_cast<std::uint64_t>(i))).value();
      ASSERT_TRUE(store->put_result(record_of(std::to_string(i), digest)));
    }
    ASSERT_TRUE(store->flush());
  }
  test::ScratchTree tree_;
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
};

TEST_F(StoreUnderFire, AFlippedBitInAnyFileIsFoundOrHarmless) {
  constexpr int kCount = 12;
  fill(kCount);
  std::map<std::string, std::string> sound;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder()))
    if (entry.is_regular_file()) {
      const auto name = std::filesystem::relative(entry.path(), tree_.root()).string();
      sound[name] = tree_.read(name);
    }
  ASSERT_GE(sound.size(), 2u) << "a pack and an index at least";
  SeededRandom random(3);
  for (const auto& [name, bytes] : sound) {
    if (bytes.empty()) continue;
    for (int round = 0; round < 40; ++round) {
      for (const auto& [other, whole] : sound) tree_.write(other, whole);
      auto bad = bytes;
      const auto at = random.below(bad.size());
      bad[at] = static_cast<char>(bad[at] ^ (1 << random.below(8)));
      tree_.write(name, bad);
      auto opened = Store::open(*files_, folder(), {});
      if (!opened) continue;  // Found.
      auto& store = *opened;
      for (std::uint64_t i = 0; i < kCount; ++i) {
        const auto digest = sha256(text_of(i));
        if (const auto found = store->get_blob(digest)) {
          ASSERT_EQ(*found, text_of(i)) << name << " byte " << at;
        }
        if (const auto results = store->find_results(sha256(std::to_string(i))))
          for (const auto& one : *results) {
            ASSERT_EQ(one.payload, "payload " + std::to_string(i)) << name << " byte " << at;
            ASSERT_EQ(one.blobs.front(), digest) << name << " byte " << at;
          }
        // A miss is made again, whatever was damaged.
        if (store->put_blob(text_of(i)) && store->put_result(record_of(std::to_string(i), digest)) && store->flush()) {
          ASSERT_EQ(store->get_blob(digest).value_or(""), text_of(i)) << name << " byte " << at;
        }
      }
    }
  }
}

TEST_F(StoreUnderFire, WhatIsDamagedIsAMissSetAsideOnceAndMadeAgain) {
  fill(3);
  auto pack = tree_.read("s/packs/000001.pack");
  pack[pack.size() / 2] = static_cast<char>(pack[pack.size() / 2] ^ 1);
  tree_.write("s/packs/000001.pack", pack);
  auto store = open();
  int lost = 0;
  for (std::uint64_t i = 0; i < 3; ++i) {
    lost += store->get_blob(sha256(text_of(i))) ? 0 : 1;
    lost += store->find_results(sha256(std::to_string(i))).value().empty() ? 1 : 0;
  }
  EXPECT_EQ(lost, 1);
  EXPECT_EQ(store->quarantined(), 1u);
  const auto kept = files_->list(folder() + "/quarantine").value();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_GT(tree_.read("s/quarantine/" + kept[0].name).size(), 20u);
  EXPECT_GE(store->verify().value().damaged, 1u);
  EXPECT_EQ(files_->list(folder() + "/quarantine")->size(), 1u) << "once";
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(store->put_blob(text_of(i)));
  ASSERT_TRUE(store->flush());
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(store->get_blob(sha256(text_of(i))).value(), text_of(i));
}

TEST_F(StoreUnderFire, TheQuarantineIsBounded) {
  fill(20);
  for (std::uint64_t i = 0; i < kMostQuarantined + 10; ++i) set_aside(*files_, folder(), 1, i, i + 4);
  EXPECT_EQ(files_->list(folder() + "/quarantine")->size(), kMostQuarantined);
}

/// One of two processes: puts, looks up, forgets and collects, and sees only right values. 0: all was right.
int churn(const std::string& folder, std::uint64_t seed) {
  ::alarm(240);  // A deadlock ends the process, and so the test.
  const auto files = make_system_file_system();
  auto opened = Store::open(*files, folder, {.pack_bytes = 200'000});
  if (!opened) return std::fprintf(stderr, "%s\n", opened.error().to_string().c_str()), 2;
  auto& store = *opened;
  SeededRandom random(seed);
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t n = random.below(200);
    const auto digest = sha256(text_of(n));
    const std::string name = std::to_string(n);
    switch (random.below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (!store->put_blob(text_of(n)) || !store->put_result(record_of(name, digest))) return 3;
        break;
      case 4:
        if (!store->flush()) return 4;
        break;
      case 5:
        if (!store->forget_result(sha256("key " + name))) return 5;
        break;
      case 6:
        if (random.below(20) == 0) {
          const auto done = store->gc([&](const Digest& declared) { return declared.bytes[0] % 4 != 0; }, {});
          if (!done && done.error().code() != Code::unavailable)
            return std::fprintf(stderr, "%s\n", done.error().to_string().c_str()), 6;
        }
        break;
      default: {
        const auto found = store->find_results(sha256(name));
        if (!found) return 7;
        for (const auto& one : *found)
          if (one.payload != "payload " + name || one.blobs.front() != digest) return 8;
        const auto bytes = store->get_blob(digest);
        if (bytes && *bytes != text_of(n)) return 9;
        if (!bytes && bytes.error().code() != Code::not_found && bytes.error().code() != Code::data_corrupt) return 10;
      }
    }
  }
  return store->flush() ? 0 : 11;
}

TEST_F(StoreUnderFire, TwoProcessesAtOncePutGetClearAndCollectAndNeitherSeesAWrongValue) {
  std::vector<pid_t> children;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(churn(folder(), seed));
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  EXPECT_EQ(open()->verify().value().damaged, 0u);
}

TEST(StoreRepack, PacksOldBlobsSmallerOnceAndGivesThemBackAlike) {
  SeededRandom random(1);
  SimFileSystem disk(random);
  auto store = std::move(*Store::open(disk, "s", {.shared = false}));
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "line " + std::to_string(random.below(100'000)) + " of a log\n";
  const auto plain = sha256(text + "plain");
  ASSERT_TRUE(store->put_blob(plain, text + "plain", Packing::plain));
  const auto hot = store->put_blob(text).value();
  ASSERT_TRUE(store->put_result(record_of("plain", plain)));
  ASSERT_TRUE(store->put_result(record_of("hot", hot)));
  ASSERT_TRUE(store->flush());
  EXPECT_GT(store->blob_size(plain)->stored, text.size()) << "as it is";
  auto before = store->blob_size(hot)->stored;
  for (const auto packing : {Packing::warm, Packing::cold}) {
    const auto all = [](const Digest&) { return true; };
    const auto done = store->gc(GcWish{.keep = all, .packing = [&](const Digest&) { return packing; }});
    ASSERT_TRUE(done);
    EXPECT_EQ(done->repacked, 2u);
    EXPECT_LT(store->blob_size(hot)->stored, before);
    before = store->blob_size(hot)->stored;
    EXPECT_EQ(store->get_blob(hot).value(), text);
    EXPECT_EQ(store->get_blob(plain).value(), text + "plain");
    const auto again = store->gc(GcWish{.keep = all, .packing = [&](const Digest&) { return packing; }});
    EXPECT_EQ(again->repacked, 0u) << "not twice";
  }
  EXPECT_EQ(store->verify().value().damaged, 0u);
}

TEST(StoreRepack, ACrashAtAnyOperationLosesNothing) {
  for (std::uint64_t at = 1; at < 200; ++at) {
    SeededRandom random(at);
    SimFileSystem disk(random);
    auto store = std::move(*Store::open(disk, "s", {.pack_bytes = 900, .shared = false}));
    std::vector<std::string> texts;
    for (std::uint64_t i = 0; i < 8; ++i) {
      texts.push_back(text_of(i));
      ASSERT_TRUE(store->put_result(record_of(std::to_string(i), store->put_blob(texts.back()).value())));
      ASSERT_TRUE(store->flush());
    }
    const GcWish wish{.keep = [](const Digest&) { return true; },
                      .packing = [](const Digest&) { return Packing::cold; }};
    disk.crash_after(at);
    const auto done = store->gc(wish);
    const bool down = disk.is_down();
    store.reset();
    disk.crash();
    store = std::move(*Store::open(disk, "s", {.pack_bytes = 900, .shared = false}));
    for (const auto& text : texts) ASSERT_EQ(store->get_blob(sha256(text)).value_or(""), text) << "operation " << at;
    EXPECT_EQ(store->verify().value().damaged, 0u) << "operation " << at;
    if (!down) {
      EXPECT_TRUE(done);
      return;
    }
  }
  FAIL() << "gc takes more operations than were tried";
}

}  // namespace
}  // namespace skein::store
