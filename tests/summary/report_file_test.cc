// Reports for programs as logs: JUnit's XML, SARIF, lines of JSON. Only a whole one is a report; what is in it cannot
// reach a terminal.
#include <random>

#include <gtest/gtest.h>

#include "summary/render.h"
#include "summary/summarizer.h"

namespace skein::summary {
namespace {

constexpr std::string_view kJunit =
    "<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"s\" file=\"t.py\">\n"
    "<testcase classname=\"s.T\" name=\"good\"/><testcase name=\"later\"><skipped/></testcase>\n"
    "<testcase classname=\"s.T\" name=\"bad\"><failure message=\"1 &lt; 2\">first\n  File \"t.py\", line 7\n"
    "</failure></testcase>\n"
    "<testcase name=\"flaky\"><flakyFailure message=\"once\"/></testcase>\n"
    "<error message=\"no database\"/></testsuite></testsuites>\n";

TEST(ReportFile, TakesEachTestOfJunitsXmlOnceAndErrorsOfWholeSuites) {
  const Summary summary = summarize(kJunit);
  EXPECT_EQ(summary.verdict, Verdict::fail);
  ASSERT_EQ(summary.failures.size(), 2U);
  EXPECT_EQ(summary.failures[0].name, "s.T.bad");
  EXPECT_EQ(summary.failures[0].file, "t.py");
  EXPECT_EQ(summary.failures[0].line, 7U);
  EXPECT_EQ(summary.failures[0].message, "1 < 2");
  EXPECT_EQ(summary.failures[0].excerpt.front().number, 4U);
  EXPECT_EQ(summary.failures[1].message, "no database");
  EXPECT_EQ(summary.failures[1].name, "s");
  ASSERT_EQ(summary.counts.size(), 1U);
  EXPECT_EQ(summary.counts[0].passed, 2);
  EXPECT_EQ(summary.counts[0].failed, 2);
  EXPECT_EQ(summary.counts[0].skipped, 1);
}

TEST(ReportFile, CutAnywhereIsALogLikeAnyOtherAndNeverAReportThatPassed) {
  for (std::size_t size = 0; size < kJunit.size() - 13; ++size)  // 13: "</testsuites>" and the newline before its end.
    EXPECT_NE(summarize(kJunit.substr(0, size)).verdict, Verdict::pass) << size;
}

TEST(ReportFile, WithEntitiesOrWithoutEndIsRefused) {
  const std::string bomb =
      "<!DOCTYPE t [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>\n<testsuite name=\"&b;\"/>\n";
  EXPECT_EQ(summarize(bomb).verdict, Verdict::unknown);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<testsuite>";
  EXPECT_EQ(summarize(deep).verdict, Verdict::unknown);
  EXPECT_EQ(summarize("<html><testsuite/></html>\n").verdict, Verdict::unknown);
}

TEST(ReportFile, ThatIsHugeKeepsItsFailuresCountedAndItsMemoryBounded) {
  std::string log = "<testsuite>";
  const std::string name(4000, 'n');
  for (int i = 0; i < 6000; ++i) log += "<testcase name=\"" + name + "\"><failure>x</failure></testcase>\n";
  const Summary summary = summarize(log + "</testsuite>");
  std::size_t bytes = 0;
  for (const Finding& finding : summary.failures) bytes += finding.name.size();
  EXPECT_LE(bytes, std::size_t{12} << 20);
  EXPECT_EQ(summary.failures.size() + summary.failures_not_kept, 6000U);
  EXPECT_EQ(summary.counts[0].failed, 6000);
}

TEST(ReportFile, IsTheSameHoweverItsBytesAreCutAndWhateverBecomesOfThem) {
  std::mt19937 random(3);
  for (const std::string& whole :
       {std::string(kJunit), std::string(R"({"$schema": "sarif", "version": "2.1.0", "runs": [{"results": [
{"ruleId": "a", "level": "error", "message": {"text": "m"}}]}]})")}) {
    for (int round = 0; round < 2000; ++round) {
      std::string log = whole;
      for (std::size_t i = random() % 4; i > 0; --i) {
        const std::size_t at = random() % log.size();
        if (random() % 2 == 0)
          log[at] = static_cast<char>(random());
        else
          log.erase(at, random() % 20);
        if (log.empty()) log = "<";
      }
      Summarizer pieces;
      for (std::size_t at = 0; at < log.size(); at += 7) pieces.add(std::string_view(log).substr(at, 7));
      RenderOptions options;
      options.format = Format::json;
      EXPECT_EQ(render(pieces.finish(), options)->text, render(summarize(log), options)->text) << log;
    }
  }
}

std::string sarif(std::string_view results) {
  return R"({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{"tool": {"driver":
{"name": "demo", "rules": [{"id": "strict", "defaultConfiguration": {"level": "error"}}]}}, "results": [)" +
         std::string(results) + "]}]}\n";
}

TEST(ReportFile, OfSarifTakesALevelFromItsRuleAndLeavesOutWhatIsSuppressedOrGone) {
  const Summary summary = summarize(sarif(
      R"({"ruleId": "strict", "message": {"text": "broken\u001b[31m"}, "locations": [{"physicalLocation":
{"artifactLocation": {"uri": "file:///p/a.c"}, "region": {"startLine": 3, "startColumn": 9}}}]},
{"ruleId": "lax", "message": {"text": "unsure"}},
{"ruleId": "strict", "suppressions": [{"kind": "inSource"}], "message": {"text": "known"}},
{"ruleId": "strict", "baselineState": "absent", "message": {"text": "gone"}},
{"ruleId": "strict", "kind": "pass", "message": {"text": "fine"}})"));
  EXPECT_EQ(summary.verdict, Verdict::fail);
  ASSERT_EQ(summary.failures.size(), 1U);
  EXPECT_EQ(summary.failures[0].tool, "demo");
  EXPECT_EQ(summary.failures[0].message, "broken");
  EXPECT_EQ(summary.failures[0].file, "/p/a.c");
  EXPECT_EQ(summary.failures[0].line, 3U);
  EXPECT_EQ(summary.failures[0].column, 9U);
  EXPECT_EQ(summary.failures[0].log_line, 2U);
  ASSERT_EQ(summary.warnings.size(), 1U);
  EXPECT_EQ(summary.warnings[0].message, "unsure");
  EXPECT_EQ(summarize(sarif("")).verdict, Verdict::pass);
  EXPECT_EQ(summarize(R"({"version": "2.1.0", "sarif": [[[[)").verdict, Verdict::unknown);
}

TEST(JsonLine, IsShownAsWhatItTellsPeopleAndWithoutEscapes) {
  const Summary summary = summarize(
      R"({"$message_type":"diagnostic","message":"no \u001b[1mvalue","code":{"code":"E0425"},"level":"error","spans":[)"
      R"({"file_name":"b.rs","line_start":9,"column_start":1,"is_primary":false},)"
      R"({"file_name":"a.rs","line_start":1,"column_start":28,"is_primary":true}]})"
      "\n{\"reason\":\"compiler-message\"}\n{\"Time\":\"t\",\"Action\":\"output\",\"Output\":\"--- FAIL: TestA "
      "(0.00s)\\n\"}\n");
  const std::string deep = R"({"reason":"x","a":)" + std::string(50'000, '[');
  EXPECT_EQ(summarize(deep + std::string(50'000, ']') + "}").verdict, Verdict::unknown);
  ASSERT_EQ(summary.failures.size(), 2U);
  EXPECT_EQ(summary.failures[0].excerpt.front().text, "a.rs:1:28: error: no value [E0425]");
  EXPECT_EQ(summary.failures[0].name, "E0425");
  EXPECT_EQ(summary.failures[1].name, "TestA");
}

TEST(StackTraces, KeepTheUsersFramesAndOneOfTheLibrarys) {
  std::string log = "Traceback (most recent call last):\n";
  log += "  File \"/home/u/main.py\", line 3, in <module>\n    run()\n";
  for (int i = 0; i < 5; ++i) log += "  File \"/v/lib/python3.11/site-packages/x.py\", line 9, in f\n    g()\n";
  log += "ValueError: no\n";
  const Summary summary = summarize(log);
  ASSERT_EQ(summary.failures.size(), 1U);
  std::size_t own = 0, library = 0;
  for (const LogLine& line : summary.failures[0].excerpt) {
    own += line.text.find("main.py") != std::string::npos ? 1 : 0;
    library += line.text.find("site-packages") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(own, 1U);
  EXPECT_EQ(library, 1U);
}

}  // namespace
}  // namespace skein::summary
