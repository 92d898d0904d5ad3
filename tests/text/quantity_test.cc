#include "text/quantity.h"

#include <gtest/gtest.h>

namespace skein::text {
namespace {

TEST(Quantity, KbIsAThousandAndKibIs1024) {
  EXPECT_EQ(parse_bytes("10KB")->value, 10'000);
  EXPECT_EQ(parse_bytes("10KiB")->value, 10'240);
  EXPECT_EQ(parse_bytes("200 MB")->value, 200'000'000);
  EXPECT_EQ(parse_bytes(" 1.5 GiB ")->value, 1'610'612'736);
  EXPECT_EQ(parse_bytes("4096")->value, 4096);
  EXPECT_EQ(parse_bytes("0")->value, 0);
}

TEST(Quantity, RefusesWhatIsNoSize) {
  for (const std::string_view text :
       {"", "MB", "ten MB", "10 mb", "-1", "10KBs", "1e5", "nan", "inf", "99999999999TB", "0x10"})
    EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(Quantity, ReadsDurations) {
  EXPECT_EQ(*parse_duration("5s"), Micros(5'000'000));
  EXPECT_EQ(*parse_duration("250ms"), Micros(250'000));
  EXPECT_EQ(*parse_duration("1.5h"), Micros(5'400'000'000));
  EXPECT_EQ(*parse_duration("10m"), Micros(600'000'000));
  EXPECT_EQ(*parse_duration("2 d"), Micros(172'800'000'000));
  EXPECT_EQ(*parse_duration("0"), Micros(0));
}

TEST(Quantity, RefusesADurationWithoutItsUnit) {
  for (const std::string_view text : {"", "5", "s", "-5s", "5 seconds", "5S"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Quantity, WritesThreeDigits) {
  EXPECT_EQ(format_bytes(Bytes{0}), "0 B");
  EXPECT_EQ(format_bytes(Bytes{999}), "999 B");
  EXPECT_EQ(format_bytes(Bytes{1'500}), "1.50 KB");
  EXPECT_EQ(format_bytes(Bytes{9'999}), "10.0 KB");
  EXPECT_EQ(format_bytes(Bytes{999'600}), "1.00 MB");
  EXPECT_EQ(format_bytes(Bytes{200'000'000}), "200 MB");
  EXPECT_EQ(format_duration(Micros(500)), "500 us");
  EXPECT_EQ(format_duration(Micros(250'000)), "250 ms");
  EXPECT_EQ(format_duration(Micros(1'500'000)), "1.50 s");
  EXPECT_EQ(format_duration(Micros(59'960'000)), "1 min 0 s");
  EXPECT_EQ(format_duration(Micros(7'500'000'000)), "2 h 5 min");
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1'234'567), "1,234,567");
  EXPECT_EQ(format_count(-1'234), "-1,234");
}

TEST(Quantity, ReadsBackWhatItWrites) {
  for (const std::int64_t value : {1LL, 999LL, 200'000'000LL, 5'000'000'000LL})
    EXPECT_EQ(parse_bytes(format_bytes(Bytes{value}))->value, value);
}

}  // namespace
}  // namespace skein::text
