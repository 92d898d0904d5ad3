#include "docs/manifest.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace skein::docs {
namespace {

Manifest sample() { return {{"files/a.py.html", sha256("a")}, {"index.html", sha256("b")}, {"index.md", sha256("c")}}; }

TEST(Manifest, ComesBackAsItWas) {
  const auto back = decode_manifest(encode(sample()));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(*back, sample());
  const auto empty = decode_manifest(encode(Manifest{}));
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->empty());
}

TEST(Manifest, RefusesWhatCouldLeaveTheSite) {
  for (const auto* path : {"../a", "/etc/passwd", "a/../../b", "a//b", "a/", "./a", "a/.", ".."}) {
    const auto read = decode_manifest(encode(Manifest{{path, sha256("a")}}));
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code(), Code::data_corrupt) << path;
  }
}

TEST(Manifest, RefusesUnsortedDoubledAndCutTexts) {
  auto unsorted = sample();
  std::swap(unsorted[0], unsorted[1]);
  EXPECT_FALSE(decode_manifest(encode(unsorted)));
  EXPECT_FALSE(decode_manifest(encode(Manifest{{"a", sha256("a")}, {"a", sha256("a")}})));
  const auto whole = encode(sample());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A cut between lines is a shorter manifest; every other one is seen.
    const auto read = decode_manifest(std::string_view(whole).substr(0, size));
    EXPECT_EQ(read.has_value(), size >= encode(Manifest{}).size() && whole[size - 1] == '\n') << size;
  }
}

TEST(Manifest, OfANewerSkeinIsToldFromDamage) {
  const auto newer = decode_manifest("skein.site/3\nwhatever");
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code(), Code::unsupported_version);
  EXPECT_EQ(decode_manifest("hello").error().code(), Code::data_corrupt);
}

TEST(Manifest, SaysWhichStageIsReached) {
  auto stage = SiteStage::pages;
  ASSERT_TRUE(decode_manifest(encode(sample(), SiteStage::overview), &stage));
  EXPECT_EQ(stage, SiteStage::overview);
  ASSERT_TRUE(decode_manifest(encode(sample()), &stage));
  EXPECT_EQ(stage, SiteStage::pages);
  EXPECT_EQ(decode_manifest("skein.site/2\nstage half\n").error().code(), Code::data_corrupt);
}

TEST(Manifest, OfTheFirstFormatIsAWholeSite) {
  auto stage = SiteStage::overview;
  const auto read = decode_manifest("skein.site/1\n" + sha256("a").hex() + " index.html\n", &stage);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->size(), 1u);
  EXPECT_EQ(stage, SiteStage::pages);
}

TEST(Difference, LeavesFilesWithoutADigestToWhoWritesThem) {
  const Manifest before{{"changes.md", {}}, {"index.md", sha256("a")}};
  EXPECT_TRUE(difference(before, before).empty());
  EXPECT_TRUE(difference({{"index.md", sha256("a")}}, before).empty());
  ASSERT_EQ(difference(before, {{"index.md", sha256("a")}}).size(), 1u);
}

TEST(Difference, NamesWritesAndRemovalsInTheOrderOfPaths) {
  const Manifest after{{"b", sha256("b")}, {"index.html", sha256("new")}, {"index.md", sha256("c")}};
  const auto changes = difference(sample(), after);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].path, "b");
  EXPECT_EQ(changes[1].path, "files/a.py.html");
  EXPECT_TRUE(changes[1].removes());
  EXPECT_EQ(changes[2].digest, sha256("new"));
  EXPECT_TRUE(difference(after, after).empty());
  EXPECT_EQ(difference({}, after).size(), 3u);
  EXPECT_EQ(difference(after, {}).size(), 3u);
}

TEST(ManifestText, EditsAsTheDifferenceOfManifestsSays) {
  SeededRandom random(3);
  Manifest before;
  for (int round = 0; round < 200; ++round) {
    Manifest after;
    for (int i = 0; i < 12; ++i) {
      const std::string path = std::string(1, static_cast<char>('a' + i)) + (i % 3 == 0 ? "/x" : "") + ".html";
      if (random.chance(0.6)) after.push_back({path, sha256(std::to_string(random.below(3)))});
    }
    std::ranges::sort(after);
    const std::string text = encode(before);
    const ManifestText manifest(text);
    EXPECT_EQ(manifest.size(), before.size());
    for (const auto& file : before) EXPECT_EQ(manifest.find(file.path), file.digest);
    for (const auto* path : {"", "0", "zz", "a", "b.htm", "b.htmll"}) EXPECT_FALSE(manifest.find(path)) << path;
    std::vector<std::string_view> between;
    for (const auto& file : before)
      if (file.path >= "c" && file.path < "g.") between.push_back(file.path);
    EXPECT_EQ(manifest.between("c", "g."), between);
    EXPECT_EQ(manifest.between("", "z").size(), before.size());
    const auto edited = engine::apply_edit(manifest.edit(difference(before, after)), text);
    ASSERT_TRUE(edited);
    ASSERT_EQ(*edited, encode(after)) << round;
    before = std::move(after);
  }
}

}  // namespace
}  // namespace skein::docs
