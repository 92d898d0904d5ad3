#include "app/known_results.h"

#include <gtest/gtest.h>

#include "app/needed_results.h"
#include "engine/store_results.h"
#include "support/scratch_tree.h"

namespace skein::app {
namespace {

using engine::KeyPart;
using engine::Read;
using engine::ReadKind;
using engine::StoredResult;

class KnownResults : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::Store::open(*files, tree.root(), {});
    ASSERT_TRUE(opened) << opened.error().to_string();
    store = std::move(*opened);
  }
  /// A result of `step` that made the texts `outputs` out of `inputs`.
  StoredResult put(const std::string& step, const std::string& run, std::vector<std::string> inputs,
                   std::vector<std::string> outputs) {
    StoredResult result;
    result.step = step;
    result.run = run;
    result.agent = "test@1.0";
    for (const auto& input : inputs) result.inputs.push_back(sha256(input));
    for (const auto& output : outputs) result.outputs.push_back(store->put_blob(output).value());
    result.declared = result.key = engine::declared_digest(step, "1.0", result.parts, result.inputs);
    EXPECT_TRUE(engine::StoreResults(*store).put(result));
    return result;
  }
  std::vector<std::string> runs_of(const ResultQuery& query) {
    std::vector<std::string> runs;
    const auto found = find_known_results(*store, query);
    EXPECT_TRUE(found);
    for (const auto& result : *found) runs.push_back(result.run);
    return runs;
  }

  test::ScratchTree tree;
  std::unique_ptr<FileSystem> files = make_system_file_system();
  std::unique_ptr<store::Store> store;
};

TEST_F(KnownResults, AreFoundByStepPathAndKeyTheNewestFirst) {
  put("page a.py", "1", {"x"}, {"p1"});
  put("page a.py", "2", {"y"}, {"p2"});
  const auto facts = put("facts a.py", "1", {}, {"f"});
  put("facts src/a.py", "1", {}, {"g"});
  EXPECT_EQ(runs_of({"page a.py", {}, {}}), (std::vector<std::string>{"2", "1"}));
  EXPECT_EQ(runs_of({"a.py", "a.py", {}}), (std::vector<std::string>{"2", "1", "1"}));
  EXPECT_EQ(runs_of({{}, {}, facts.key.short_hex(8)}), (std::vector<std::string>{"1"}));
  EXPECT_TRUE(runs_of({"y.py", "y.py", "beef"}).empty());
}

TEST_F(KnownResults, DifferInTheOrderInWhichKeysAreMade) {
  StoredResult before;
  before.agent = "a@1.0";
  StoredResult after = before;
  EXPECT_EQ(first_difference(before, after), "");
  after.reads = {{ReadKind::absence, "x.toml", {}}};
  EXPECT_EQ(first_difference(before, after), "read x.toml: (not read) -> not there");
  before.reads = {{ReadKind::file, "x.toml", sha256("1")}};
  EXPECT_EQ(first_difference(before, after), fmt::format("read x.toml: {} -> not there", sha256("1").short_hex()));
  after.inputs = {sha256("i")};
  EXPECT_EQ(first_difference(before, after), "inputs: 0 -> 1 of them");
  before.inputs = {sha256("j")};
  EXPECT_EQ(first_difference(before, after),
            fmt::format("input 1: {} -> {}", sha256("j").short_hex(), sha256("i").short_hex()));
  after.parts = {{"look", "2"}};
  before.parts = {{"look", "1"}};
  EXPECT_EQ(first_difference(before, after), "look: 1 -> 2");
  after.agent = "a@1.1";
  EXPECT_EQ(first_difference(before, after), "agent: a@1.0 -> a@1.1");
}

TEST_F(KnownResults, AreNeededByNewRunsAndByWhatIsPublished) {
  const auto old_facts = put("facts a", "1", {}, {"facts 1"});
  const auto old_page = put("page a", "1", {"facts 1"}, {"page 1"});
  const auto facts = put("facts b", "1", {}, {"facts 2"});
  const auto page = put("page b", "1", {"facts 2"}, {"page 2"});
  const auto base = put("facts c", "1", {}, {"facts 3"});
  const auto recent = put("page c", "5", {"facts 3"}, {"page 3"});
  const auto needed = find_needed_results(*store, "5", {sha256("page 2")});
  ASSERT_TRUE(needed);
  EXPECT_EQ(needed->kept, 4U);
  EXPECT_EQ(needed->dropped, 2U);
  for (const auto* kept : {&facts, &page, &base, &recent})
    EXPECT_TRUE(needed->declared.contains(kept->declared)) << kept->step;
  for (const auto* gone : {&old_facts, &old_page})
    EXPECT_FALSE(needed->declared.contains(gone->declared)) << gone->step;
}

TEST_F(KnownResults, OfOneStepThatMadeTheSameBytesAgainTheNewestIsNeeded) {
  // Edits inside functions: the facts differ, the card does not.
  const auto before = put("facts a", "1", {"a v1"}, {"facts 1", "card"});
  const auto now = put("facts a", "2", {"a v2"}, {"facts 2", "card"});
  const auto twin = put("facts b", "1", {"b"}, {"facts 3", "card"});
  put("tally", "2", {"card"}, {"tally"});
  const auto needed = find_needed_results(*store, "9", {sha256("tally")});
  ASSERT_TRUE(needed);
  EXPECT_FALSE(needed->declared.contains(before.declared));
  EXPECT_TRUE(needed->declared.contains(now.declared));
  EXPECT_TRUE(needed->declared.contains(twin.declared)) << "of another step";
}

TEST_F(KnownResults, SurviveGcWhereTheyAreKept) {
  const auto kept = put("facts a", "1", {}, {std::string(100'000, 'k')});
  put("facts b", "1", {}, {"gone"});
  ASSERT_TRUE(store->flush());
  const auto keep = [&](const Digest& declared) { return declared == kept.declared; };
  const auto planned = store->gc(keep, {}, true);
  ASSERT_TRUE(planned) << planned.error().to_string();
  EXPECT_EQ(runs_of({"facts b", {}, {}}).size(), 1U);  // Only counted.
  const auto done = store->gc(keep, {});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->pack_bytes, planned->pack_bytes);
  EXPECT_EQ(runs_of({"facts a", {}, {}}).size(), 1U);
  EXPECT_TRUE(runs_of({"facts b", {}, {}}).empty());
  EXPECT_FALSE(store->has_blob(sha256("gone")).value());
}

}  // namespace
}  // namespace skein::app
