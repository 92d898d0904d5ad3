#include "summary/summarizer.h"

#include <algorithm>
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "summary/format_tables.h"
#include "summary/line_template.h"
#include "summary/render.h"
#include "summary/summary_thread.h"
#include "summary/visible_line.h"

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

TEST(Summarizer, NamesTheSignalThatKilledTheCommand) {
  RunFacts killed;
  killed.exit_code = 139;
  killed.signal = 11;
  EXPECT_EQ(summarize("one\n", killed).verdict, Verdict::fail);
  EXPECT_EQ(summarize("one\n", killed).verdict_reason, "killed by SIGSEGV (exit code 139)");
}

TEST(Failures, TakeTheMessageOfOneLineAndNoLineOfSignsForAMessage) {
  const auto message_of = [](std::string_view log) {
    const Summary summary = summarize(log);
    return summary.failures.size() == 1 ? summary.failures[0].message : std::string("not one failure");
  };
  EXPECT_EQ(message_of("not ok 34 - case 33\n  ---\n  duration_ms: 1\n  failureType: 'testCodeFailure'\n"
                       "  error: 'Expected \"a\" to be unequal to: 33'\n  code: 'ERR_ASSERTION'\n  ...\n"),
            "Expected \"a\" to be unequal to: 33");
  EXPECT_EQ(message_of("not ok 1 adds\n  ---\n    operator: equal\n  ...\n"), "operator: equal");
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

std::vector<std::string> names_of(const Summary& summary) {
  std::vector<std::string> names;
  for (const Finding& finding : summary.failures)
    if (!finding.consequence) names.push_back(finding.name);
  return names;
}
using Names = std::vector<std::string>;

TEST(Failures, CountsATestOfPytestOnceThoughItsTracebackAndTheListNameIt) {
  const Summary summary = summarize(
      "collected 3 items\n\ntest_a.py FF.\n\n"
      "=================================== FAILURES ===================================\n"
      "____________________________ TestSum.test_adds[1-2] ____________________________\n\n"
      "    def test_adds(self):\n>       assert add(1, 2) == 4\nE       assert 3 == 4\nE        +  where 3 = add(1, "
      "2)\n\n"
      "test_a.py:7: AssertionError\n"
      "_____________________________________ test_b ____________________________________\n\n"
      "    def test_b():\n>       read()\n\ntest_a.py:12: \n_ _ _ _ _ _\n\n"
      "    def read():\n>       raise OSError('gone')\nE       OSError: gone\n\nlib.py:3: OSError\n"
      "=========================== short test summary info ============================\n"
      "FAILED test_a.py::TestSum::test_adds[1-2] - assert 3 == 4\n"
      "FAILED test_a.py::test_b - OSError: gone\n"
      "========================= 2 failed, 1 passed in 0.03s ==========================\n");
  ASSERT_EQ(names_of(summary), (Names{"test_a.py::TestSum::test_adds[1-2]", "test_a.py::test_b"}));
  EXPECT_EQ(summary.failures[0].message, "assert 3 == 4");
  EXPECT_EQ(summary.failures[0].line, 7U);
  EXPECT_EQ(summary.failures[1].file, "lib.py");
  EXPECT_EQ(summary.failures[1].message, "OSError: gone");
  ASSERT_EQ(summary.counts.size(), 1U);
  EXPECT_EQ(summary.counts[0].failed, 2);
}

TEST(Failures, KeepsTwoTestsOfOneNameInTwoFiles) {
  const Summary summary = summarize(
      "____ test_x ____\nE   assert 1 == 2\n\na.py:3: AssertionError\n"
      "____ test_x ____\nE   assert 1 == 2\n\nb.py:3: AssertionError\n"
      "FAILED a.py::test_x - assert 1 == 2\nFAILED b.py::test_x - assert 1 == 2\n");
  EXPECT_EQ(names_of(summary), (Names{"a.py::test_x", "b.py::test_x"}));
}

TEST(Failures, CountsATestOfUnittestOnceThoughItHasATraceback) {
  const Summary summary = summarize(
      "test_x (t.C) ... FAIL\ntest_y (t.C) ... ok\n\n"
      "======================================================================\n"
      "FAIL: test_x (t.C)\n----------------------------------------------------------------------\n"
      "Traceback (most recent call last):\n  File \"t.py\", line 5, in test_x\n    self.assertEqual(1, 2)\n"
      "AssertionError: 1 != 2\n\n----------------------------------------------------------------------\n"
      "Ran 2 tests in 0.001s\n\nFAILED (failures=1)\n");
  ASSERT_EQ(names_of(summary), (Names{"test_x (t.C)"}));
  EXPECT_EQ(summary.failures[0].message, "AssertionError: 1 != 2");
  EXPECT_EQ(summary.failures[0].file, "t.py");
  EXPECT_EQ(summary.failures[0].line, 5U);
}

TEST(Failures, CountsATestOfGoogleTestOnceThoughTwoExpectationsFail) {
  const Summary summary = summarize(
      "[ RUN      ] Sum.Adds\na_test.cc:5: Failure\nExpected equality of these values:\n  1\n  2\n"
      "a_test.cc:6: Failure\nValue of: x\n[  FAILED  ] Sum.Adds (0 ms)\n[ RUN      ] Sum.Other\n"
      "[       OK ] Sum.Other (0 ms)\n[  PASSED  ] 1 test.\n[  FAILED  ] 1 test, listed below:\n"
      "[  FAILED  ] Sum.Adds\n\n 1 FAILED TEST\n");
  ASSERT_EQ(names_of(summary), (Names{"Sum.Adds"}));
  EXPECT_EQ(summary.failures[0].line, 5U);
}

TEST(Failures, KnowPythonsSyntaxErrorsFromNodesAndWhatNpmSays) {
  const Summary python =
      summarize("  File \"<string>\", line 1\n    import(x\n          ^\nSyntaxError: invalid syntax\n");
  ASSERT_EQ(python.failures.size(), 1U);
  EXPECT_EQ(python.failures[0].tool, "python");
  EXPECT_EQ(python.failures[0].name, "SyntaxError");
  EXPECT_EQ(python.failures[0].message, "SyntaxError: invalid syntax");
  EXPECT_EQ(python.failures[0].line, 1U);
  const Summary npm = summarize(
      "npm error code ENOENT\nnpm error syscall open\nnpm error path /project/package.json\nnpm error errno -2\n"
      "npm error enoent Could not read package.json: Error: ENOENT: no such file or directory\n"
      "npm error enoent This is related to npm not being able to find a file.\n");
  ASSERT_EQ(npm.failures.size(), 1U);
  EXPECT_EQ(npm.failures[0].name, "ENOENT");
  EXPECT_TRUE(npm.failures[0].message.starts_with("Could not read package.json")) << npm.failures[0].message;
}

TEST(Failures, OfCTestStandWhereTheTestRanAndSayHowItEnded) {
  const Summary summary = summarize(
      "1/3 Test #1: good .............................   Passed    0.00 sec\n"
      "    Start 2: bad\n2/3 Test #2: bad ..............................***Failed    0.00 sec\nwant 3 got 4\n\n"
      "    Start 3: crash\n3/3 Test #3: crash ............................Subprocess aborted***Exception:   0.01 sec\n"
      "\n\n33% tests passed, 2 tests failed out of 3\n\nThe following tests FAILED:\n\t  2 - bad (Failed)\n"
      "\t  3 - crash (Subprocess aborted)\nErrors while running CTest\n");
  ASSERT_EQ(names_of(summary), (Names{"bad", "crash"}));
  EXPECT_EQ(summary.failures[0].message, "Failed");
  EXPECT_EQ(summary.failures[1].message, "Subprocess aborted");
  EXPECT_EQ(summary.failures[1].log_line, 7U);
}

TEST(Failures, TakesARunnersOwnFailureForThatOfTheProgramThatItRan) {
  const Summary summary = summarize(
      "1/2 Test #1: sum_test .........................***Failed    0.01 sec\n[ RUN      ] Sum.Adds\n"
      "a_test.cc:5: Failure\nExpected: 1\n[  FAILED  ] Sum.Adds (0 ms)\n\n50% tests passed, 1 tests failed out of 2\n\n"
      "The following tests FAILED:\n\t  1 - sum_test (Failed)\n");
  EXPECT_EQ(names_of(summary), (Names{"Sum.Adds"}));
}

TEST(Failures, CountsATestOfCargoOnce) {
  const Summary summary = summarize(
      "running 2 tests\ntest tests::a ... ok\ntest tests::b ... FAILED\n\nfailures:\n\n---- tests::b stdout ----\n"
      "thread 'tests::b' panicked at src/lib.rs:9:9:\nassertion failed\n\n\nfailures:\n    tests::b\n\n"
      "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n");
  EXPECT_EQ(names_of(summary), (Names{"tests::b"}));
}

TEST(Failures, KeepsAnExceptionThatStandsAlone) {
  const Summary summary = summarize(
      "Traceback (most recent call last):\n  File \"main.py\", line 9, in <module>\n    run()\n"
      "  File \"lib.py\", line 3, in run\n    raise ValueError('x')\nValueError: x\n");
  ASSERT_EQ(summary.failures.size(), 1U);
  EXPECT_EQ(summary.failures[0].message, "ValueError: x");
  EXPECT_EQ(summary.failures[0].file, "lib.py");
  EXPECT_EQ(summary.failures[0].line, 3U);
}

TEST(Render, DoesNotFillWhatFailuresLeaveWithTestsThatPassed) {
  std::string log;
  for (int i = 0; i < 400; ++i) log += "ok " + std::to_string(i) + " - it does something useful\n";
  log += "not ok 401 - it fails\n";
  const auto rendering = render(summarize(log), {});
  ASSERT_TRUE(rendering.has_value());
  EXPECT_NE(rendering->text.find("it fails"), std::string::npos);
  EXPECT_EQ(rendering->text.find("something useful"), std::string::npos) << rendering->text;
}

TEST(Render, ShowsWhatEachFailureSaysBeforeTheRestOfItsOutput) {
  std::string log;
  for (const char* test : {"a", "b", "c"}) {
    log += std::string("======================================================================\nFAIL: test_") + test +
           " (t.T.test_" + test + ")\n----------------------------------------------------------------------\n" +
           "Traceback (most recent call last):\n  File \"/project/t.py\", line 3, in test_" + test +
           "\n    self.assertEqual(sum_of(basket, prices), 110)\n    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n" +
           "AssertionError: 10 != 110 in " + test + "\n\n";
  }
  log += "Ran 300 tests in 0.002s\n\nFAILED (failures=3)\n";
  RenderOptions options;
  options.limit = Bytes{640};
  const std::string text = render(summarize(log), options)->text;
  for (const char* said : {"10 != 110 in a", "10 != 110 in b", "10 != 110 in c"})
    EXPECT_NE(text.find(said), std::string::npos) << said << " in\n" << text;
}

TEST(Render, TellsAgentsOnceHowToSeeWhatWasLeftOut) {
  std::string log;
  for (int i = 0; i < 3000; ++i) log += i == 1500 ? "src/x.cc:12:5: error: no y\n" : "compiled part\n";
  RenderOptions options;
  options.format = Format::agent;
  options.log_id = "3f2a";
  const std::string text = render(summarize(log), options)->text;
  const std::size_t first = text.find("skein log show 3f2a --lines 1-");
  EXPECT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find("skein log show", first + 1), std::string::npos) << text;
}

TEST(Render, IsNeverLongerThanTheLog) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::string log;
    const std::size_t size = random() % 400;
    while (log.size() < size) {
      switch (random() % 4) {
        case 0:
          log += static_cast<char>(random() & 0xff);
          break;
        case 1:
          log += "\xff\xfe\r\n";
          break;
        case 2:
          log += "Error: x\n";
          break;
        default:
          log += "a\rb\n";
          break;
      }
    }
    for (const Format format : {Format::plain, Format::agent, Format::terminal}) {
      RenderOptions options;
      options.format = format;
      options.color = true;
      const auto rendering = render(summarize(log), options);
      ASSERT_TRUE(rendering.has_value());
      EXPECT_LE(rendering->text.size(), log.size()) << rendering->text;
    }
  }
}

TEST(Summarizer, TakesALogThatEndsAnywhere) {
  for (std::size_t cut = 0; cut <= kGcc.size(); ++cut) {
    const Summary summary = summarize(kGcc.substr(0, cut));
    EXPECT_EQ(summary.bytes, cut);
    std::uint64_t next = 1;
    for (const Part& part : summary.parts) {
      EXPECT_EQ(part.first, next);
      next = part.last + 1;
    }
    EXPECT_EQ(next, summary.lines + 1);
  }
}

/// The log as threads of their own take it, in such pieces.
Summarizer by_threads(std::string_view log, std::size_t size) {
  SummaryThread threads({});
  for (std::size_t at = 0; at < log.size(); at += size) threads.add(std::string(log.substr(at, size)));
  return std::move(threads.close());
}

TEST(Summarizer, SaysTheSameOfLongLogsWhetherTheyAreScannedInBlocksOrLineByLine) {
  const std::array<std::string_view, 12> lines{"plain words of a build",
                                               "a.c:3:5: error: 'x' undeclared",
                                               "    3 |     x = 1;",
                                               "\x1b[31mFAILED\x1b[0m t.py::x",
                                               "E   assert 1 == 2",
                                               "2024-01-01T00:00:00Z compiling",
                                               "10%\r20%\r100%",
                                               "\xe2\x9c\x95 does it",
                                               "no errors, ERROR_HANDLER\r",
                                               "Permission denied",
                                               "make: *** [a] Error 1",
                                               "step   "};
  std::mt19937 random(3);
  std::string log;
  while (log.size() < 600'000) {
    log += lines[random() % (random() % 8 == 0 ? lines.size() : 1)];
    if (random() % 2 == 0) log += ' ' + std::to_string(random());
    log += '\n';
  }
  RenderOptions options;
  options.format = Format::json;
  options.limit = Bytes{400'000};
  Summarizer whole, pieces;
  whole.add(log);
  for (std::size_t at = 0; at < log.size(); at += 1000) pieces.add(std::string_view(log).substr(at, 1000));
  const std::string text = render(whole.finish(), options)->text;
  EXPECT_TRUE(text == render(pieces.finish(), options)->text);
  EXPECT_TRUE(text == render(by_threads(log, 7'001).finish(), options)->text);
}

TEST(Summarizer, SaysTheSameOfHugeLogsWhetherTheyAreScannedInBlocksOrLineByLine) {
  const std::array<std::string_view, 7> lines{"[{}/5000] Building CXX object src/a/file{}.cc.o",
                                              "12) does it",
                                              "    at run (a.js:3:4)",
                                              "step   ",
                                              "a.c:3:5: error: 'x{}' undeclared",
                                              "make: *** [a{}] Error 1",
                                              "\x1b[31mred words {}\x1b[0m"};
  std::mt19937 random(4);
  std::string log;
  while (log.size() < (std::size_t{19} << 20)) {
    std::string line(lines[random() % (random() % 300 == 0 ? lines.size() : 2)]);
    for (std::size_t at; (at = line.find("{}")) != std::string::npos;)
      line.replace(at, 2, std::to_string(random() % 4000));
    log += line + '\n';
  }
  log += "the last words\n";
  RenderOptions options;
  options.format = Format::json;
  options.limit = Bytes{400'000};
  Summarizer whole, pieces;
  whole.add(log);
  for (std::size_t at = 0; at < log.size(); at += 1000) pieces.add(std::string_view(log).substr(at, 1000));
  const std::string text = render(whole.finish(), options)->text;
  EXPECT_TRUE(text == render(pieces.finish(), options)->text);
  EXPECT_TRUE(text == render(by_threads(log, 150'001).finish(), options)->text);
  EXPECT_TRUE(text.contains("undeclared"));
  EXPECT_TRUE(whole.baseline() == pieces.baseline());
}

TEST(LineTemplate, MasksWhatVariesAndNothingElse) {
  const auto same = [](std::string_view a, std::string_view b) { return template_of(a) == template_of(b); };
  EXPECT_TRUE(same("took 12 ms", "took   9999 ms"));
  EXPECT_TRUE(same("segment_4123.o done", "segment_712.o done"));
  EXPECT_TRUE(same("commit 3f2a91c", "commit 0b77e1d"));
  EXPECT_TRUE(same("  version 1.22.3", "version 0.4.17"));
  EXPECT_FALSE(same("test2 failed", "test3 failed"));
  EXPECT_FALSE(same("took 12 ms", "took ms"));
  EXPECT_FALSE(same("a12b", "ab"));
  EXPECT_FALSE(same("utf8 and", "utf16 and"));
  EXPECT_FALSE(same("decade", "facade"));
  // The places at which the line is read in parts do not matter.
  const std::string words(61, 'w');
  EXPECT_TRUE(same(words + " 7 and more words behind", words + " 712345 and more words behind"));
  EXPECT_TRUE(same(words + "-abcdef0123456789 x", words + "-0123456789abcdef x"));
  EXPECT_NE(template_of(""), 0U);
}

TEST(VisibleLine, IsTheSameOfColouredLinesThatAreNotCopied) {
  const std::array<std::string_view, 12> parts{"\x1b[36m", "\x1b[0m", "\x1b[", "\x1b[1;3", "2024-01-01T00:00:00Z ",
                                               "error",    " ",       "\t",    "{",        "12:00:00 [x] ",
                                               "\x1b",     "\r"};
  std::mt19937 random(8);
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string raw;
    for (std::size_t i = random() % 7; i > 0; --i) raw += parts[random() % parts.size()];
    while (raw.ends_with('\r')) raw.pop_back();
    const auto inner = seen_of_coloured(raw);
    if (!inner) continue;
    ++taken;
    std::string seen;
    visible_line(raw, seen);
    EXPECT_EQ(*inner, seen) << testing::PrintToString(raw);
  }
  EXPECT_GT(taken, 1000);
}

TEST(VisibleLine, KnowsWhatIsPrintedInRed) {
  EXPECT_TRUE(has_red("\x1b[31mno\x1b[0m"));
  EXPECT_TRUE(has_red("ok \x1b[1;91mno"));
  EXPECT_FALSE(has_red("\x1b[32myes\x1b[0m 31m"));
  EXPECT_FALSE(has_red("\x1b[38;5;31mblue"));
  EXPECT_FALSE(has_red("\x1b["));
}

TEST(Render, ShowsTheFirstOfEachMistakeBeforeItsRepetitions) {
  std::string log;
  for (int i = 0; i < 300; ++i) log += "src/a.c:" + std::to_string(i + 1) + ":3: error: 'one' undeclared\n";
  log += "src/b.c:9:3: error: the other mistake\n";
  RenderOptions options;
  options.limit = Bytes{2000};
  EXPECT_TRUE(render(summarize(log), options)->text.contains("the other mistake"));
}

TEST(Render, ShowsAMistakeThatIsMadeOftenThriceAndNamesTheOtherPlaces) {
  std::string log;
  for (int i = 0; i < 10; ++i) {
    const std::string name = "f" + std::to_string(i);
    log += "gcc -c " + name + ".c\n" + name + ".c:2:31: error: no member named 'old'\n    2 | int " + name +
           "(struct s* p) { return p->old; }\n      |         ^~~\nmake: *** [Makefile:4: " + name + ".o] Error 1\n";
  }
  log += "f9.c:7:1: error: another mistake\n";
  const std::string text = render(summarize(log), {})->text;
  EXPECT_TRUE(text.contains("7 more of the same: f3.c:2:31, ")) << text;
  EXPECT_TRUE(text.contains("f9.c:2:31")) << text;
  EXPECT_TRUE(text.contains("    2 | int f2(")) << text;
  EXPECT_FALSE(text.contains("    2 | int f3(")) << text;
  EXPECT_FALSE(text.contains("f8.o] Error 1")) << text;
  EXPECT_FALSE(text.contains("gcc -c f8.c")) << text;
  EXPECT_TRUE(text.contains("another mistake")) << text;
  EXPECT_LT(text.size() * 3, log.size() * 2) << text;
}

TEST(Render, ShowsEveryLineOfAMistakeWhoseFilesAreNotKnown) {
  std::string log = "a.css\n";
  for (int i = 1; i < 9; ++i) log += "  " + std::to_string(i) + ":3  error  Wrong indentation  indent\n";
  log += std::string(3000, ' ') + "\n";
  EXPECT_TRUE(render(summarize(log), {})->text.contains("  8:3  error  Wrong indentation"));
}

TEST(Render, DoesNotFillASummaryWithBytesThatAreNoText) {
  std::mt19937 random(9);
  std::string log;
  for (int i = 0; i < 300'000; ++i) log += static_cast<char>(random() & 0xff);
  log += "\nthe archive was written\n";
  RunFacts good;
  good.exit_code = 0;
  const std::string text = render(summarize(log, good), {})->text;
  EXPECT_TRUE(text.contains("the archive was written")) << text;
  EXPECT_FALSE(text.contains("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")) << text;
}

TEST(LineScanner, FindsEveryLineRulesWordsAsWrittenAndTellingOnesInAnyCase) {
  const std::vector<std::string> rules{"abc", "bcd", "c: ", "abcd", "dABC", "ror: eror", "bb", "Da"};
  const std::vector<std::string> telling{"error", "cd", "orer", "dabcc", "aer"};
  const LineScanner scanner(rules, telling);
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    std::string block;
    for (std::size_t i = 0; i < 1 + random() % 300; ++i) block += "abcdABCD: erorER\n\x1b\t"[random() % 19];
    block += '\n';
    ScannedLines scanned;
    scanner.scan(block, scanned);
    std::size_t at = 0;
    for (const ScannedLine& line : scanned.lines) {
      EXPECT_EQ(line.begin, at);
      std::string text = block.substr(at, line.size);
      EXPECT_EQ(text.find('\n'), std::string::npos);
      at = block.find('\n', at) + 1;
      EXPECT_EQ(line.is_plain, text.find('\x1b') == std::string::npos);
      const auto has = [&](const auto& words) {
        return std::ranges::any_of(words, [&](const auto& word) { return text.find(word) != std::string::npos; });
      };
      const ScannedLine alone = scanner.scan_line(text);
      EXPECT_EQ(line.has_rule_word, has(rules)) << text;
      EXPECT_EQ(alone.has_rule_word, line.has_rule_word);
      EXPECT_EQ(alone.has_telling_word, line.has_telling_word);
      EXPECT_EQ(alone.is_plain, line.is_plain);
      EXPECT_EQ(alone.has_control, line.has_control);
      for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      EXPECT_EQ(line.has_telling_word, has(telling)) << text;
    }
    EXPECT_EQ(at, block.size());
  }
}

TEST(LineScanner, CutsCarriageReturnsOffTheEndAndTakesAnyNumberOfThemInLinearTime) {
  const LineScanner scanner({}, {});
  ScannedLines scanned;
  const std::string pad(4096, 'x');  // So that the vector instructions have their share.
  const std::string block = "a\r\r\n\r\nb\rc\r\n\rd\n" + pad + "\r\n" + pad + "\r\r\n\x1b[1mred\n";
  scanner.scan(block, scanned);
  struct Told {
    std::size_t size;
    bool is_plain;
  };
  const std::vector<Told> expected{{1, true},    {0, true},    {3, false}, {2, false},
                                   {4096, true}, {4096, true}, {7, false}};
  ASSERT_EQ(scanned.lines.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(scanned.lines[i].size, expected[i].size) << i;
    EXPECT_EQ(scanned.lines[i].is_plain, expected[i].is_plain) << i;
    EXPECT_EQ(scanned.lines[i].has_control, !expected[i].is_plain) << i;
  }
  scanner.scan(std::string(4 << 20, '\r') + "x\n", scanned);
  ASSERT_EQ(scanned.lines.size(), 1U);
  EXPECT_FALSE(scanned.lines[0].is_plain);
}

TEST(Summarizer, NamesThePartsOfALogAfterTheGroupsOfItsCi) {
  const Summary summary = summarize("##[group]Build\na.c:3:5: error: x\n##[endgroup]\n##[group]Test\nhi\n");
  ASSERT_EQ(summary.parts.size(), 3U);
  EXPECT_EQ(summary.parts[0].title, "Build");
  EXPECT_EQ(summary.parts[0].tool, "gcc");
  EXPECT_EQ(summary.parts[2].title, "Test");
}

TEST(Formats, HasNoBuiltInPatternThatDoesNotCompile) {
  for (const FormatRule& rule : builtin_formats().tables().rules) {
    EXPECT_TRUE(rule.pattern().ok());
    EXPECT_TRUE(!rule.has_until() || rule.until().ok());
    EXPECT_LT(rule.pattern().NumberOfCapturingGroups(), 24);
  }
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
