#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace skein {
namespace {

TEST(Bytes, GiveBackWhatWasWritten) {
  ByteWriter writer;
  writer.u8(255).u32(0xdeadbeef).u64(~std::uint64_t{0}).i64(-7).text("text").digest(sha256("d"));
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, ~std::uint64_t{0}})
    writer.varint(value);
  const std::size_t size = writer.size();
  const std::string bytes = writer.take();
  EXPECT_EQ(bytes.size(), size);
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u8(), 255);
  EXPECT_EQ(reader.u32(), 0xdeadbeef);
  EXPECT_EQ(reader.u64(), ~std::uint64_t{0});
  EXPECT_EQ(reader.i64(), -7);
  EXPECT_EQ(reader.text(), "text");
  EXPECT_EQ(reader.digest(), sha256("d"));
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, ~std::uint64_t{0}})
    EXPECT_EQ(reader.varint(), value);
  EXPECT_TRUE(reader.at_end());
  EXPECT_TRUE(reader.finish("it"));
}

TEST(Bytes, OfASmallNumberAreOne) {
  ByteWriter writer;
  writer.varint(127);
  EXPECT_EQ(writer.size(), 1u);
  writer.clear();
  writer.varint(128);
  EXPECT_EQ(writer.size(), 2u);
}

TEST(Bytes, CutAnywhereAreAnErrorAndNoMore) {
  ByteWriter writer;
  writer.varint(300).text("abc").digest(sha256("d")).u64(1).u32(2).u8(3);
  for (std::size_t cut = 0; cut < writer.size(); ++cut) {
    ByteReader reader(writer.view().substr(0, cut));
    [[maybe_unused]] const auto a = reader.varint();
    [[maybe_unused]] const auto b = reader.text();
    [[maybe_unused]] const auto c = reader.digest();
    [[maybe_unused]] const auto d = reader.u64();
    [[maybe_unused]] const auto e = reader.u32();
    [[maybe_unused]] const auto f = reader.u8();
    EXPECT_FALSE(reader.ok());
    const auto status = reader.finish("a thing");
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code(), Code::data_corrupt);
    EXPECT_EQ(reader.u8(), 0);
  }
}

TEST(Bytes, ThatClaimTooMuchAreRefused) {
  ByteWriter writer;
  writer.varint(std::numeric_limits<std::uint64_t>::max());
  ByteReader text(writer.view());
  EXPECT_EQ(text.text(), "");
  EXPECT_FALSE(text.ok());
  ByteReader count(writer.view());
  EXPECT_EQ(count.count(32), 0u);
  EXPECT_FALSE(count.ok());
  ByteReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11));
  EXPECT_EQ(endless.varint(), 0u);
  EXPECT_FALSE(endless.ok());
}

TEST(Bytes, OfAnyKindNeverCrashTheReader) {
  SeededRandom random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random.below(60), '\0');
    for (auto& c : bytes) c = static_cast<char>(random.next());
    ByteReader reader(bytes);
    while (reader.ok() && !reader.at_end()) {
      switch (random.below(5)) {
        case 0:
          (void)reader.varint();
          break;
        case 1:
          EXPECT_LE(reader.text().size(), bytes.size());
          break;
        case 2:
          (void)reader.digest();
          break;
        case 3:
          EXPECT_LE(reader.count(3), bytes.size());
          break;
        default:
          (void)reader.u32();
          break;
      }
    }
  }
}

}  // namespace
}  // namespace skein
