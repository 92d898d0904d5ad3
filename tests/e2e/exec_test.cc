// `skein exec`, `skein log` and `skein summarize`, as a user meets them.
#include <sstream>

#include <gtest/gtest.h>

#include "e2e/skein_program.h"
#include "engine/schema.h"
#include "text/tokens.h"

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

TEST_F(ExecCommands, StayWithinALimitOfTokens) {
  const auto outcome = exec("seq 20000; echo 'a.c:3:5: error: no x'; exit 1", {"--tokens", "120"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_LE(text::count_tokens(outcome.out).value, 120);
  EXPECT_NE(outcome.out.find("a.c:3:5"), std::string::npos) << outcome.out;
  EXPECT_EQ(exec("true", {"--tokens", "3"}).exit_code, 2);
}

TEST_F(ExecCommands, ShowTheOutputWhileItComesWhereAsked) {
  const auto outcome = exec("printf 'one\\ntwo'; printf '\\033[31m\\n'", {"--live"});
  EXPECT_EQ(outcome.out, "one\ntwo\n");
  const auto longer = exec("seq 5000", {"--live", "--limit", "1KB"});
  EXPECT_NE(longer.out.find("\n4321\n"), std::string::npos);
  EXPECT_NE(longer.out.find("left out"), std::string::npos) << longer.out.substr(longer.out.size() - 500);
  EXPECT_EQ(exec("true", {"--live", "--json"}).exit_code, 2);
}

TEST_F(ExecCommands, GiveACommandATerminalWhereTheyHaveOne) {
  // script(1) of bsdutils, essential in Debian, gives the command a terminal; elsewhere it may be missing.
  if (skein.run_program({"script", "--version"}).exit_code != 0) GTEST_SKIP() << "script(1) is not here";
  const auto outcome = skein.run_program(
      {"script", "-qec",
       std::string(SKEIN_PROGRAM) + " exec -- sh -c 'test -t 1 && echo is-a-terminal; printf \"a\\nb\\n\" >&2; exit 4'",
       "/dev/null"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_NE(outcome.out.find("is-a-terminal"), std::string::npos) << outcome.out;
  EXPECT_EQ(skein.run({"log", "show", "last", "--raw"}).out, "is-a-terminal\na\nb\n");
  const auto stream = skein.run({"log", "show", "last", "--stream", "err"});
  EXPECT_EQ(stream.exit_code, 2);
  EXPECT_NE(stream.err.find("merged"), std::string::npos) << stream.err;
}

TEST_F(ExecCommands, HandKeysToTheCommandsTerminal) {
  EXPECT_EQ(exec("true", {"--keys"}).exit_code, 2);
  if (skein.run_program({"script", "--version"}).exit_code != 0) GTEST_SKIP() << "script(1) is not here";
  // The command sets its terminal to single keys, takes one, then a line by the terminal's own editing.
  const auto outcome = skein.run_program(
      {"sh", "-c",
       "printf 'kabx\177c\n' | script -qec \"'" SKEIN_PROGRAM "' exec --keys -- sh -c 'test -t 0 && stty -icanon "
       "-echo; dd bs=1 count=1 2>/dev/null; stty sane; read line; echo got-\\$line; exit 4'\" /dev/null"});
  EXPECT_EQ(outcome.exit_code, 4) << outcome.out;
  EXPECT_NE(outcome.out.find("got-abc"), std::string::npos) << outcome.out;
  EXPECT_NE(skein.run({"log", "show", "last", "--raw"}).out.find("got-abc"), std::string::npos);
}

TEST_F(ExecCommands, HandOnInputAndSignals) {
  EXPECT_EQ(skein.run_program({"sh", "-c", "echo hello | '" SKEIN_PROGRAM "' exec -- tr a-z A-Z"}).out, "HELLO\n");
  const auto stopped = skein.run_program(
      {"sh", "-c",
       "'" SKEIN_PROGRAM
       "' exec -- sh -c 'trap \"echo got it; exit 9\" TERM; echo ready >ready; while :; do sleep 0.05; done' & "
       "while [ ! -s ready ]; do sleep 0.05; done; kill -TERM $!; wait $!"});
  EXPECT_EQ(stopped.exit_code, 9);
  EXPECT_NE(stopped.out.find("got it\n"), std::string::npos) << stopped.out;  // The shell may tell of its sleep, too.
}

TEST_F(ExecCommands, NameTheSignalThatKilledTheCommandAlsoWhereItPrintedNothing) {
  const auto silent = exec("kill -SEGV $$");
  EXPECT_EQ(silent.exit_code, 139);
  EXPECT_EQ(silent.out, "");
  EXPECT_NE(silent.err.find("killed by SIGSEGV"), std::string::npos) << silent.err;
  const auto longer = exec("seq 3000; kill -SEGV $$");
  EXPECT_TRUE(longer.out.starts_with("fail: killed by SIGSEGV (exit code 139); ")) << longer.out;
  EXPECT_EQ(longer.err.find("killed by"), std::string::npos) << longer.err;  // Once is enough.
  EXPECT_TRUE(skein.run({"summarize", "last"}).out.starts_with("fail: killed by SIGSEGV (exit code 139); "));
  EXPECT_EQ(exec("kill -INT $$").err.find("killed by"), std::string::npos);
  const std::string list = skein.run({"log", "list"}).out;
  EXPECT_TRUE(list.starts_with("id ")) << list;
  EXPECT_NE(list.find("sh -c 'kill -SEGV $$'\n"), std::string::npos) << list;
}

TEST_F(ExecCommands, KeepSecretsOnlyWhereTheUserSaysSoAndSayWhatItMeans) {
  const auto outcome = skein.run({"exec", "--", "echo", "password=hunter2!"}, {}, {{"SKEIN_LOG_KEEP_SECRETS", "true"}});
  EXPECT_NE(outcome.err.find("keep_secrets"), std::string::npos) << outcome.err;
  EXPECT_EQ(skein.run({"log", "show", "last", "--raw"}).out, "password=hunter2!\n");
}

TEST_F(ExecCommands, CompareLogsAndShowOneFailure) {
  exec("echo 'a.c:3:5: error: no x'; echo 'b.c:4:1: error: no y'; exit 1");
  const std::string before = newest();
  exec("seq 100; echo 'b.c:9:1: error: no y'; echo 'c.c:1:1: error: no z'; exit 1");
  const auto diff = engine::parse_json(skein.run({"log", "diff", before, "last", "--json"}).out).value_or(Json());
  ASSERT_EQ(diff["added"].size(), 1U) << diff.dump();
  EXPECT_EQ(diff["added"][0]["file"], "c.c");
  ASSERT_EQ(diff["fixed"].size(), 1U);
  EXPECT_EQ(diff["fixed"][0]["file"], "a.c");
  ASSERT_EQ(diff["still"].size(), 1U);
  EXPECT_EQ(diff["still"][0]["file"], "b.c");
  EXPECT_NE(skein.run({"log", "diff", before, "last"}).out.find("1 new, 1 fixed, 1 still failing"), std::string::npos);
  const std::string second = skein.run({"log", "show", "last", "--failure", "2"}).out;
  EXPECT_TRUE(second.ends_with("c.c:1:1: error: no z\n")) << second;
  EXPECT_EQ(second.find("99\n"), std::string::npos) << second;
  EXPECT_NE(skein.run({"log", "show", "last", "--failure", "3"}).exit_code, 0);
}

TEST_F(ExecCommands, ExportALogWholeOrWithStreamsAndTimes) {
  exec("echo out; sleep 0.1; echo password=hunter2! >&2");
  EXPECT_EQ(skein.run({"log", "export", "last", "log.txt"}).exit_code, 0);
  EXPECT_EQ(skein.workspace.read("log.txt"), "out\npassword=[redacted:password]\n");
  EXPECT_EQ(skein.run({"log", "export", "last", "log.jsonl", "--jsonl"}).exit_code, 0);
  std::istringstream lines(skein.workspace.read("log.jsonl"));
  std::vector<Json> all;
  for (std::string line; std::getline(lines, line);) all.push_back(engine::parse_json(line).value_or(Json()));
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0]["schema"], "skein.log/1");
  EXPECT_EQ(all[1]["stream"], "out");
  EXPECT_EQ(all[2]["stream"], "err");
  EXPECT_GE(all[2]["at_us"], 50'000);
  EXPECT_EQ(all[3]["secrets"][0]["rule"], "password");
  EXPECT_EQ(all[3]["secrets"][0]["length"], 8);
}

TEST_F(ExecCommands, CountWhatTheirSummariesSaved) {
  EXPECT_NE(skein.run({"log", "stats"}).out.find("No summaries"), std::string::npos);
  const auto outcome = exec("seq 20000", {"--limit", "1KB"});
  const auto stats = engine::parse_json(skein.run({"log", "stats", "--json"}).out).value_or(Json());
  ASSERT_EQ(stats["summaries"].size(), 1U);
  EXPECT_EQ(stats["summaries"][0]["bytes_in"], 108'894);
  EXPECT_EQ(stats["summaries"][0]["bytes_out"], outcome.out.size());
  EXPECT_EQ(stats["summaries"][0]["tokens_out"], text::count_tokens(outcome.out).value);
  EXPECT_NE(skein.run({"log", "stats"}).out.find("tokens in"), std::string::npos);
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
  EXPECT_TRUE(skein.run({"summarize", "."}).err.contains("is a folder"));
}

TEST_F(ExecCommands, ASummarisedFileIsShownByItsIdAndToldWhenItHasChanged) {
  exec("true");  // Makes the state: a mere look at a file makes none.
  std::string log;
  for (int i = 1; i <= 900; ++i) log += "line " + std::to_string(i) + "\n";
  skein.workspace.write("build.log", log + "password=hunter2!x\n");
  EXPECT_EQ(skein.run({"summarize", "build.log"}).exit_code, 0);
  const std::string list = skein.run({"log", "list"}).out;
  EXPECT_TRUE(list.contains("build.log")) << list;
  const std::string id = list.substr(list.find('\n') + 1, 6);  // Behind the heading.
  EXPECT_EQ(skein.run({"log", "show", id, "--lines", "899-"}).out,
            "line 899\nline 900\npassword=[redacted:password]\n");
  EXPECT_TRUE(skein.run({"log", "show", id, "--lines", "902"}).err.contains("has 901 lines"));
  skein.workspace.write("build.log", log);
  const auto changed = skein.run({"log", "show", id, "--lines", "3"});
  EXPECT_EQ(changed.out, "line 3\n");
  EXPECT_TRUE(changed.err.contains("has changed since it was summarised")) << changed.err;
  EXPECT_EQ(skein.run({"log", "rm", id}).exit_code, 0);
  EXPECT_FALSE(skein.run({"log", "list"}).out.contains("build.log"));
}

}  // namespace
}  // namespace skein
