#include "summary/summarizer.h"

#include <random>

#include <gtest/gtest.h>

#include "summary/render.h"

namespace skein::summary {
namespace {

constexpr std::string_view kGcc =
    "cc -c a.c\n"
    "a.c:3:5: error: 'x' undeclared (first use in this function)\n"
    "    3 |     x = 1;\n"
    "      |     ^\n"
    "make: *** [Makefile:2: a.o] Error 1\n";

TEST(Summarizer, PutsTheCompilersErrorBeforeMakesConsequence) {
  const Summary summary = summarize(kGcc);
  EXPECT_EQ(summary.verdict, Verdict::fail);
  ASSERT_EQ(summary.failures.size(), 2U);
  EXPECT_EQ(summary.failures[0].file, "a.c");
  EXPECT_EQ(summary.failures[0].line, 3U);
  EXPECT_EQ(summary.failures[0].column, 5U);
  EXPECT_TRUE(summary.failures[1].consequence);
}

TEST(Summarizer, NeverContradictsTheExitCode) {
  RunFacts good, bad;
  good.exit_code = 0;
  bad.exit_code = 2;
  EXPECT_NE(summarize(kGcc, good).verdict, Verdict::fail);
  EXPECT_TRUE(summarize(kGcc, good).failures.empty());
  EXPECT_EQ(summarize("all is well\nOK\n", bad).verdict, Verdict::fail);
  EXPECT_EQ(summarize("Ran 2 tests in 0.1s\n\nFAILED (failures=1)\n", good).verdict, Verdict::unknown);
}

TEST(Summarizer, SaysUnknownOfWhatItDoesNotKnow) {
  EXPECT_EQ(summarize("hello\nworld\n").verdict, Verdict::unknown);
  EXPECT_EQ(summarize("").verdict, Verdict::unknown);
}

TEST(Summarizer, GivesTheSameWhereverTheChunksAreCut) {
  RenderOptions options;
  options.format = Format::json;
  const std::string want = render(summarize(kGcc), options)->text;
  for (std::size_t cut = 0; cut <= kGcc.size(); ++cut) {
    Summarizer summarizer;
    summarizer.add(kGcc.substr(0, cut));
    summarizer.add(kGcc.substr(cut));
    EXPECT_EQ(render(summarizer.finish(), options)->text, want) << cut;
  }
}

TEST(Summarizer, RanksLinesThatTheLastGoodRunHadNotFirst) {
  std::string good, bad;
  for (int i = 0; i < 400; ++i) good += "step " + std::to_string(i) + " of the usual work\n";
  bad = good;
  bad.insert(bad.size() / 2 + bad.substr(bad.size() / 2).find('\n') + 1, "zebra found in the kitchen\n");
  Summarizer first;
  first.add(good);
  static_cast<void>(first.finish());
  const std::string baseline = first.baseline();
  SummarizerOptions options;
  options.baseline = baseline;
  const Summary summary = summarize(bad, {}, options);
  ASSERT_FALSE(summary.passages.empty());
  EXPECT_TRUE(summary.passages[0].fresh);
}

TEST(Render, KeepsTheLimitAndTheTerminalForAnyBytesAndAnyFormat) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    std::string log;
    const std::size_t size = random() % 20'000;
    while (log.size() < size) {
      if (random() % 3 == 0)
        log += kGcc.substr(random() % kGcc.size());
      else
        for (int i = 0; i < 60; ++i) log += static_cast<char>(random() & 0xff);
      log += "\x1b[31mFAILED \x1b]0;title\a";
    }
    const Summary summary = summarize(log);
    for (const auto& choice : choices_of(Format{})) {
      for (const std::int64_t limit : {1024, 4096}) {
        RenderOptions options;
        options.format = choice.value;
        options.limit = Bytes{limit};
        options.log_id = "3f2a";
        const auto rendering = render(summary, options);
        ASSERT_TRUE(rendering.has_value()) << choice.name << rendering.error().to_string();
        EXPECT_LE(static_cast<std::int64_t>(rendering->text.size()), limit) << choice.name;
        EXPECT_EQ(rendering->text.find('\x1b'), std::string::npos) << choice.name;
        EXPECT_EQ(rendering->text, render(summary, options)->text);
      }
    }
  }
}

TEST(Render, ShowsTheLogItselfWhereItIsNoLonger) {
  const auto rendering = render(summarize("one\ntwo\n"), {});
  ASSERT_TRUE(rendering.has_value());
  EXPECT_TRUE(rendering->whole);
  EXPECT_EQ(rendering->text, "one\ntwo\n");
}

TEST(Formats, NamesTheFileTheLineAndTheMistake) {
  const std::vector<FormatFile> files{
      {".skein/formats/x.toml", "name = \"x\"\n[[rule]]\nwith = [\"ab\"]\nmatch = '('\n"}};
  const auto formats = Formats::with(files);
  ASSERT_FALSE(formats.has_value());
  EXPECT_NE(formats.error().to_string().find(".skein/formats/x.toml:4"), std::string::npos);
}

TEST(Formats, TakesAUsersOwnRules) {
  const std::vector<FormatFile> files{
      {".skein/formats/x.toml",
       "name = \"x\"\n[[rule]]\nwith = [\"KAPUTT\"]\nmatch = '^KAPUTT (?P<name>\\w+)'\nkind = \"test\"\n"}};
  const auto formats = Formats::with(files);
  ASSERT_TRUE(formats.has_value()) << formats.error().to_string();
  SummarizerOptions options;
  options.formats = formats->get();
  const Summary summary = summarize("KAPUTT this\n", {}, options);
  ASSERT_EQ(summary.failures.size(), 1U);
  EXPECT_EQ(summary.failures[0].name, "this");
}

}  // namespace
}  // namespace skein::summary
