#include "cli/report.h"

#include <gtest/gtest.h>

#include "cli/progress.h"
#include "engine/schema.h"

namespace skein::cli {
namespace {

class KeptConsole final : public Console {
 public:
  Status out(std::string_view text) override {
    results += text;
    return {};
  }
  Status flush() override { return {}; }
  bool reader_is_gone() const override { return false; }
  void err(std::string_view text) override { messages += text; }
  bool out_is_terminal() const override { return false; }
  bool err_is_terminal() const override { return false; }
  int columns() const override { return 80; }
  std::string results, messages;
};

TEST(Report, SaysWhatWhereAndTheWayOut) {
  const Error error =
      Error(Code::not_found, "there is no run 7").with("while reading .skein/runs").or_do("see `skein runs list`");
  EXPECT_EQ(error_text(error, false),
            "skein: there is no run 7\n  where: while reading .skein/runs\n  way out: see `skein runs list`\n");
  const auto json = engine::parse_json(error_json(error));
  ASSERT_TRUE(json);
  EXPECT_EQ(
      json->dump(),
      R"({"schema":"skein.error/1","code":"not_found","message":"there is no run 7","where":["while reading .skein/runs"],"way_out":"see `skein runs list`","exit_code":2})");
}

TEST(Report, KnowsAUsualWayOut) {
  EXPECT_EQ(error_text(Error(Code::unsupported_version, "too new"), false),
            "skein: too new\n  way out: update skein\n");
}

TEST(Report, LetsNoNameSteerTheTerminal) {
  EXPECT_EQ(error_text(Error(Code::invalid_argument, "bad \x1b]0;x\x07 name\n"), false),
            "skein: bad \\x1b]0;x\\x07 name\\x0a\n");
}

TEST(Report, EveryCodeHasItsExitCode) {
  EXPECT_EQ(exit_of(Code::invalid_argument), Exit::wrong_use);
  EXPECT_EQ(exit_of(Code::not_found), Exit::wrong_use);
  EXPECT_EQ(exit_of(Code::already_exists), Exit::wrong_use);
  EXPECT_EQ(exit_of(Code::timed_out), Exit::failed);
  EXPECT_EQ(exit_of(Code::budget), Exit::failed);
  EXPECT_EQ(exit_of(Code::permission_denied), Exit::environment);
  EXPECT_EQ(exit_of(Code::unsupported_version), Exit::environment);
  EXPECT_EQ(exit_of(Code::io), Exit::environment);
  EXPECT_EQ(exit_of(Code::cancelled), Exit::interrupted);
}

TEST(Progress, TellsCountsRateAndTimeLeft) {
  engine::Progress progress{.done = 1'200, .total = 4'500, .running = 2, .hits = 12, .failed = 1};
  EXPECT_EQ(ProgressLine::status({}, std::chrono::seconds(2)), "") << "nothing is planned yet";
  EXPECT_EQ(ProgressLine::status({.done = 0, .total = 1, .running = 1, .hits = 0, .failed = 0}, Nanos(0)),
            "0 of 1 step");
  EXPECT_EQ(ProgressLine::status(progress, std::chrono::seconds(2)),
            "1,200 of 4,500 steps, 600/s, 5.50 s left, 12 cached, 1 failed");
  EXPECT_EQ(
      ProgressLine::status({.done = 3, .total = 10, .running = 0, .hits = 0, .failed = 0}, std::chrono::seconds(2)),
      "3 of 10 steps");
}

TEST(Progress, WritesOverOneLineOnATerminalAndLeavesItClean) {
  KeptConsole console;
  SimClock clock;
  ProgressLine line(console, clock, {.terminal = true});
  line.on(engine::Progress{.done = 1, .total = 2, .running = 1, .hits = 0, .failed = 0});
  EXPECT_EQ(console.messages, "\r\x1b[K1 of 2 steps");
  clock.advance(std::chrono::milliseconds(10));
  line.on(engine::Progress{.done = 2, .total = 2, .running = 0, .hits = 0, .failed = 0});
  EXPECT_EQ(console.messages, "\r\x1b[K1 of 2 steps") << "too soon for another";
  line.on(engine::StepFailed{
      .step = "page a", .agent = "docs", .code = "io", .message = "no", .attempt = 1, .will_retry = false});
  EXPECT_EQ(console.messages, "\r\x1b[K1 of 2 steps") << "it may be what the whole fails by";
  line.finish();
  EXPECT_EQ(console.messages, "\r\x1b[K1 of 2 steps\r\x1b[Kfailed: page a: no\n");
}

TEST(Progress, SaysAtOnceHowManyStepsThereAre) {
  KeptConsole console;
  SimClock clock;
  ProgressLine line(console, clock, {.terminal = true});
  line.on(engine::RunStarted{.run = "r", .steps = 1});
  EXPECT_EQ(console.messages, "\r\x1b[K0 of 1 step");
  clock.advance(std::chrono::seconds(9));
  line.on(engine::ModelAnswered{.step = "task", .model = "m", .tokens = {9'240}, .money = {2'300}});
  EXPECT_TRUE(console.messages.ends_with("\r\x1b[K0 of 1 step, 9,240 tokens, $0.0023")) << console.messages;
}

TEST(Progress, SaysAFailureOnce) {
  const engine::StepFailed failed{
      .step = "task", .agent = "a", .code = "io", .message = "no", .attempt = 1, .will_retry = false};
  const auto said = [&](const Error* whole, std::size_t running) {
    KeptConsole console;
    SimClock clock;
    ProgressLine line(console, clock, {.terminal = false});
    line.on(failed);
    line.on(engine::Progress{.done = 1, .total = 2, .running = running, .hits = 0, .failed = 1});
    const std::string at_once = console.messages;
    line.on(engine::RunFinished{.run = "r", .status = "failed"});
    line.finish(whole);
    return std::pair(at_once, console.messages);
  };
  const Error same = Error(Code::io, "no").with("run r"), other(Code::io, "something else");
  EXPECT_EQ(said(&same, 0).second, "") << "the whole's failure is told next";
  EXPECT_EQ(said(&other, 0).second, "failed: task: no\n");
  EXPECT_EQ(said(nullptr, 0).second, "failed: task: no\n");
  EXPECT_EQ(said(&same, 1).first, "failed: task: no\n") << "others go on: nobody waits for their end to learn of it";
}

TEST(Progress, WritesPlainLinesNowAndThenElsewhere) {
  KeptConsole console;
  SimClock clock;
  ProgressLine line(console, clock, {.terminal = false});
  for (std::size_t done = 0; done < 100; ++done) {
    line.on(engine::Progress{.done = done, .total = 100, .running = 1, .hits = 0, .failed = 0});
    clock.advance(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(console.messages, "50 of 100 steps, 10/s, 5.00 s left\n");
}

}  // namespace
}  // namespace skein::cli
