#include "text/json_string.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::text {
namespace {

std::string json(std::string_view value) {
  std::string out;
  append_json_string(out, value);
  return out;
}

TEST(JsonString, KeepsPlainTextAndValidUtf8) {
  EXPECT_EQ(json("a b"), "\"a b\"");
  EXPECT_EQ(json("h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\xA6\xA2"), "\"h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\xA6\xA2\"");
}

TEST(JsonString, EscapesWhatWouldEndTheStringOrALine) {
  EXPECT_EQ(json("\"\\\n\r\t"), R"("\"\\\n\r\t")");
  EXPECT_EQ(json(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\\u007f\"");
  EXPECT_EQ(json("\xE2\x80\xA8\xE2\x80\xA9"), "\"\\u2028\\u2029\"");
}

TEST(JsonString, ReplacesEachInvalidByte) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(json("a\xFF"
                 "b"),
            "\"a" + r + "b\"");
  EXPECT_EQ(json("\xC0\xAF"), "\"" + r + r + "\"") << "overlong";
  EXPECT_EQ(json("\xED\xA0\x80"), "\"" + r + r + r + "\"") << "surrogate";
  EXPECT_EQ(json("\xF4\x90\x80\x80"), "\"" + r + r + r + r + "\"") << "above U+10FFFF";
  EXPECT_EQ(json("\xE2\x82"), "\"" + r + r + "\"") << "cut";
}

TEST(JsonString, GivesValidUtf8ForAnyBytes) {
  SeededRandom random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random.below(24), '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    const std::string out = json(bytes);
    for (std::string_view rest = out; !rest.empty();) {
      const std::size_t length = utf8_length(rest);
      ASSERT_GT(length, 0u);
      ASSERT_GE(static_cast<unsigned char>(rest.front()), 0x20);
      rest.remove_prefix(length);
    }
  }
}

}  // namespace
}  // namespace skein::text
