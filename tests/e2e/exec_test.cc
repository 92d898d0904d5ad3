// `skein exec`, `skein log` and `skein summarize`, as a user meets them.
#include <gtest/gtest.h>

#include "e2e/skein_program.h"
#include "engine/schema.h"

namespace skein {
namespace {

using engine::Json;
using test::SkeinProgram;

class ExecCommands : public testing::Test {
 protected:
  ExecCommands() { skein.workspace.make_folder(".git"); }
  test::Outcome exec(const std::string& script, std::vector<std::string> options = {}) {
    std::vector<std::string> words{"exec"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "sh", "-c", script});
    return skein.run(words);
  }
  std::string newest() {
    const auto list = engine::parse_json(skein.run({"log", "list", "--json"}).out).value_or(Json());
    return list["logs"].empty() ? std::string() : list["logs"][0]["id"].get<std::string>();
  }
  SkeinProgram skein;
};

TEST_F(ExecCommands, KeepTheExitCodeEveryByteAndTheLimit) {
  const auto outcome = exec("seq 20000; exit 7", {"--limit", "2KB"});
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_LE(outcome.out.size(), 2000U);
  EXPECT_TRUE(outcome.out.starts_with("fail: ")) << outcome.out;
  std::string all;
  for (int i = 1; i <= 20000; ++i) all += std::to_string(i) + "\n";
  EXPECT_EQ(skein.run({"log", "show", newest(), "--raw"}).out, all);
  EXPECT_EQ(skein.run({"log", "show", "last", "--lines", "12000-12001"}).out, "12000\n12001\n");
}

TEST_F(ExecCommands, PutTheFailureBeforeTheLinesOfTheLog) {
  const auto outcome =
      exec("seq 3000; echo 'src/x.cc:12:5: error: no member named y'; seq 3000; exit 1", {"--limit", "2KB"});
  EXPECT_EQ(outcome.exit_code, 1);
  const auto second = outcome.out.substr(outcome.out.find('\n') + 1);
  EXPECT_TRUE(second.starts_with("- src/x.cc:12:5")) << outcome.out;
}

TEST_F(ExecCommands, ShowAShortOutputAsItIs) {
  const auto outcome = exec("echo hello; echo there >&2");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "hello\nthere\n");
}

TEST_F(ExecCommands, SayWhatCannotBeRunAndWhatTookTooLong) {
  const auto unknown = skein.run({"exec", "--", "no-such-command"});
  EXPECT_EQ(unknown.exit_code, 127);
  EXPECT_NE(unknown.err.find("no-such-command"), std::string::npos) << unknown.err;
  const auto late = exec("exec sleep 30", {"--timeout", "1s"});
  EXPECT_EQ(late.exit_code, 124);
  EXPECT_NE(late.err.find("time limit"), std::string::npos) << late.err;
}

TEST_F(ExecCommands, LetNoSecretAndNoEscapeSequenceThrough) {
  const std::string secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
  const auto outcome =
      exec("printf 'token=ghp_abcdefghij'; printf 'klmnopqrstuvwxyz0123456789\\n\\033]0;evil\\007ok\\n'");
  EXPECT_EQ(outcome.out.find(secret), std::string::npos);
  EXPECT_EQ(outcome.out.find('\033'), std::string::npos);
  EXPECT_EQ(skein.run({"log", "show", "last", "--raw"}).out.find(secret), std::string::npos);
}

TEST_F(ExecCommands, SummarizeNeverContradictsAnExitCode) {
  skein.workspace.write("build.log", "a.c:3:5: error: no x\nmake: *** [Makefile:2: a.o] Error 1\n");
  const auto verdict = [&](const std::string& code) {
    const auto out = skein.run({"summarize", "build.log", "--format", "json", "--exit-code", code}).out;
    return engine::parse_json(out).value_or(Json())["verdict"];
  };
  EXPECT_EQ(verdict("2"), "fail");
  EXPECT_NE(verdict("0"), "fail");
  EXPECT_EQ(skein.run({"summarize", "none.log"}).exit_code, 2);
}

}  // namespace
}  // namespace skein
