#include "agents/login_watch.h"

#include <gtest/gtest.h>

namespace skein::agents {
namespace {

OutputSpec spec_of(OutputFormat format) {
  OutputSpec spec;
  spec.format = format;
  spec.login = {"^Error: not logged in", "(?i)password:"};
  return spec;
}

TEST(LoginWatch, FindsALineInPiecesOnEitherStreamAndAPromptThatEndsNone) {
  const OutputSpec spec = spec_of(OutputFormat::text);
  for (const std::size_t piece : {1UL, 5UL, 1'000UL}) {
    const std::string text = "working\nError: not logged in, run x\nmore\n";
    LoginWatch watch(spec);
    for (std::size_t at = 0; at < text.size(); at += piece) watch.heard(true, std::string_view(text).substr(at, piece));
    ASSERT_TRUE(watch.line()) << piece;
    EXPECT_TRUE(watch.line()->starts_with("Error: not logged in")) << *watch.line();
  }
  LoginWatch prompt(spec);
  prompt.heard(false, "\x1b[1mPassword: ");
  ASSERT_TRUE(prompt.line());
  EXPECT_EQ(*prompt.line(), "[1mPassword: ");
}

TEST(LoginWatch, KeepsTheStreamsApartAndLooksAtBeginningsAsTheyAre) {
  const OutputSpec spec = spec_of(OutputFormat::text);
  LoginWatch watch(spec);
  watch.heard(false, "Error: not ");
  watch.heard(true, "logged in\n");
  watch.heard(false, "found\nit says: Error: not logged in\n");
  EXPECT_FALSE(watch.line());
}

TEST(LoginWatch, LeavesAModelsWordsInDocumentsAlone) {
  const OutputSpec spec = spec_of(OutputFormat::json_lines);
  LoginWatch watch(spec);
  watch.heard(false, R"(  {"text":"ask for the password: and go on"})"
                     "\n");
  EXPECT_FALSE(watch.line());
  watch.heard(false, "Password: ");
  EXPECT_TRUE(watch.line());
  const OutputSpec nothing;
  LoginWatch none(nothing);
  none.heard(true, "Password: \n");
  EXPECT_FALSE(none.line());
}

TEST(LoginWatch, APatternThatIsNoneIsRefused) {
  OutputSpec spec;
  spec.login = {"(open"};
  EXPECT_FALSE(check(spec));
}

}  // namespace
}  // namespace skein::agents
