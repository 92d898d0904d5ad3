#include "text/terminal_safe.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::text {
namespace {

TEST(TerminalSafe, LeavesOutWhatATerminalWouldObey) {
  EXPECT_EQ(terminal_safe("\x1b[31mred\x1b[0m\n"), "red\n");
  EXPECT_EQ(terminal_safe("\x1b]0;title\x07ok\x1b]8;;http://x\x1b\\link\n"), "oklink\n");
  EXPECT_EQ(terminal_safe("\x1bPq#0\x1b\\after\n"), "after\n");
  EXPECT_EQ(terminal_safe("a\x08\x07\x7f"
                          "b\tc\n"),
            "ab\tc\n");
  EXPECT_EQ(terminal_safe("a\xc2\x9b"
                          "31mb\n")
                .find('\xc2'),
            std::string::npos);
}

TEST(TerminalSafe, ShowsTheLastStateOfAnOverwrittenLine) {
  EXPECT_EQ(terminal_safe("10%\r50%\r100%\n"), "100%\n");
  EXPECT_EQ(terminal_safe("windows\r\n"), "windows\n");
}

TEST(TerminalSafe, KeepsTextOfAllScripts) {
  const std::string text = "ünï 漢字 🙂 \ttab\nsecond\n";
  EXPECT_EQ(terminal_safe(text), text);
}

TEST(TerminalSafe, LetsNoControlThroughWhateverTheBytes) {
  SeededRandom random(9);
  static constexpr std::string_view kPieces[] = {"\x1b[", "\x1b]", "\x1bP", "\x1b", "\x9b", "\xc2\x9b", "m",    ";",
                                                 "\x07",  "\r",    "\n",    "abc",  "\\",   "\x18",     "\x00", "é"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::uint64_t i = random.below(20); i > 0; --i) text += kPieces[random.below(std::size(kPieces))];
    const std::string safe = terminal_safe(text);
    for (const char c : safe)
      EXPECT_TRUE(c == '\n' || c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    EXPECT_EQ(safe.find("\xc2\x9b"), std::string::npos);
    EXPECT_EQ(terminal_safe(safe), safe);
  }
}

}  // namespace
}  // namespace skein::text
