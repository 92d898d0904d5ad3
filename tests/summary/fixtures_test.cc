// What real tools print (fixtures/record.sh): a run that passed is never taken for a failed one, and of one that failed
// the tool is known, its failures are counted as it counts them, and what must be read stands in a short summary.
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "summary/render.h"
#include "summary/summarizer.h"

namespace skein::summary {
namespace {

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Expected {
  std::string folder, tool;
  std::size_t failures = 0;
  std::vector<std::string> shown;
};

/// Lines of expected.tsv: folder, recogniser, failures, what the summary shows (parts separated by "|").
std::vector<Expected> all_expected() {
  std::vector<Expected> list;
  std::istringstream lines(content(SKEIN_SUMMARY_FIXTURES "/expected.tsv"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    Expected one;
    std::string count, shown;
    std::getline(fields, one.folder, '\t');
    std::getline(fields, one.tool, '\t');
    std::getline(fields, count, '\t');
    std::getline(fields, shown, '\t');
    one.failures = std::stoul(count);
    std::istringstream parts(shown);
    for (std::string part; std::getline(parts, part, '|');) one.shown.push_back(part);
    list.push_back(std::move(one));
  }
  return list;
}

TEST(Fixtures, HoldARunThatPassedAndOneThatFailedOfEachTool) {
  ASSERT_GE(all_expected().size(), 30U);
  for (const Expected& one : all_expected())
    for (const char* kind : {"/pass.log", "/fail.log"})
      EXPECT_TRUE(std::ifstream(SKEIN_SUMMARY_FIXTURES "/" + one.folder + kind).good()) << one.folder << kind;
}

TEST(Fixtures, OfRunsThatPassedClaimNoFailure) {
  for (const Expected& one : all_expected()) {
    const std::string log = content(SKEIN_SUMMARY_FIXTURES "/" + one.folder + "/pass.log");
    ASSERT_FALSE(log.empty()) << one.folder;
    const Summary summary = summarize(log);
    EXPECT_NE(summary.verdict, Verdict::fail) << one.folder << ": " << summary.verdict_reason;
    EXPECT_TRUE(summary.failures.empty()) << one.folder;
    RunFacts good;
    good.exit_code = 0;
    EXPECT_EQ(summarize(log, good).verdict, Verdict::pass) << one.folder;
  }
}

TEST(Fixtures, OfRunsThatFailedKnowTheToolAndCountItsFailuresOnce) {
  for (const Expected& one : all_expected()) {
    const std::string log = content(SKEIN_SUMMARY_FIXTURES "/" + one.folder + "/fail.log");
    const Summary summary = summarize(log);
    EXPECT_EQ(summary.verdict, Verdict::fail) << one.folder;
    std::size_t own = 0;
    std::string found;
    for (const Finding& finding : summary.failures) {
      if (finding.consequence) continue;
      own += finding.tool == one.tool ? 1 : 0;
      found += "\n  " + finding.tool + " | " + finding.name + " | " + finding.file + ":" +
               std::to_string(finding.line) + " | " + finding.message;
    }
    EXPECT_EQ(own, one.failures) << one.folder << found;
    RenderOptions options;
    options.limit = Bytes{2048};
    const std::string text = render(summary, options)->text;
    for (const std::string& part : one.shown)
      EXPECT_NE(text.find(part), std::string::npos) << one.folder << ": " << part;
    // The same in the form for programs.
    options.format = Format::json;
    options.limit = Bytes{10'240};
    const auto json = engine::Json::parse(render(summary, options)->text);
    EXPECT_EQ(json["verdict"], "fail") << one.folder;
    EXPECT_EQ(json["failures"].size(), summary.failures.size()) << one.folder;
  }
}

TEST(Fixtures, OfNodesTapSayWhatFailedAndWhere) {
  const Summary summary = summarize(content(SKEIN_SUMMARY_FIXTURES "/tap/fail.log"));
  ASSERT_EQ(summary.failures.size(), 1U);
  EXPECT_EQ(summary.failures[0].name, "carries");
  EXPECT_EQ(summary.failures[0].message, "Expected values to be strictly equal:");
  EXPECT_EQ(summary.failures[0].file, "/project/a.test.js");
  EXPECT_EQ(summary.failures[0].line, 3U);
}

TEST(Fixtures, OfRustSayWhereATestPanickedAndWhy) {
  const Summary summary = summarize(content(SKEIN_SUMMARY_FIXTURES "/cargo-test/fail.log"));
  ASSERT_FALSE(summary.failures.empty());
  EXPECT_EQ(summary.failures[0].name, "carries");
  EXPECT_EQ(summary.failures[0].file, "src/lib.rs");
  EXPECT_EQ(summary.failures[0].line, 4U);
  EXPECT_EQ(summary.failures[0].message, "assertion `left == right` failed");
}

TEST(Fixtures, NameNoMachine) {
  for (const Expected& one : all_expected())
    for (const char* kind : {"/pass.log", "/fail.log"}) {
      const std::string log = content(SKEIN_SUMMARY_FIXTURES "/" + one.folder + kind);
      EXPECT_EQ(log.find("/root/"), std::string::npos) << one.folder << kind;
      EXPECT_EQ(log.find("/tmp/tmp."), std::string::npos) << one.folder << kind;
    }
}

}  // namespace
}  // namespace skein::summary
