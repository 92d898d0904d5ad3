#include "app/json_splice.h"

#include <gtest/gtest.h>

#include "engine/schema.h"

namespace skein::app {
namespace {

constexpr std::string_view kEntry = R"({"matcher": "Bash", "n": [1]})";

TEST(JsonSplice, AddsAsTheFirstOfTheListAndTakesAwayWithoutATrace) {
  for (const std::string text :
       {"{}", "{\n}\n", "  { \"a\" : 1 }\n", "{\"hooks\":{}}", "{\"hooks\" : { \"PostToolUse\": [] } , \"z\": \"}]\"}",
        "{\"hooks\":{\"PreToolUse\":[]}}",
        "{\"a\\\"hooks\": {}, \"hooks\": {\"x\": -1.5e3, \"PreToolUse\": [ {\"k\": 2} ]}}",
        "{\"list\": [{\"hooks\": 1}], \"hooks\": {\"PreToolUse\": [true]}}"}) {
    const auto added = add_to_list(text, "hooks", "PreToolUse", kEntry);
    ASSERT_TRUE(added) << text << ": " << added.error().to_string();
    const auto json = engine::parse_json(*added);
    ASSERT_TRUE(json) << *added;
    EXPECT_EQ((*json)["hooks"]["PreToolUse"][0]["matcher"], "Bash") << *added;
    EXPECT_EQ(without_list_entry(*added, "hooks", "PreToolUse", kEntry), text);
  }
}

TEST(JsonSplice, RefusesWhatItCannotAddTo) {
  for (const std::string text : {"", "[]", "{", "{\"hooks\": []}", "{\"hooks\": {\"PreToolUse\": 1}}"})
    EXPECT_FALSE(add_to_list(text, "hooks", "PreToolUse", kEntry)) << text;
}

TEST(JsonSplice, LeavesATextWithoutTheEntryAlone) {
  EXPECT_EQ(without_list_entry("{\"a\": 1}", "hooks", "PreToolUse", kEntry), "{\"a\": 1}");
}

}  // namespace
}  // namespace skein::app
