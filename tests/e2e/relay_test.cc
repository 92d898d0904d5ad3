// Models behind agents, as a user sees them: the relay, the budget, what it cost.
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/platform/confinement.h"
#include "e2e/skein_program.h"
#include "support/model_server.h"

namespace skein {
namespace {

using nlohmann::json;

class Models : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    skein_.workspace.write("a.txt", "one\n");
    skein_.home.write(".config/skein/providers/scripted.toml",
                      "id = \"scripted\"\nurl = \"" + server_.url() +
                          "/v1\"\ndialects = [\"openai-chat\", \"anthropic-messages\"]\n[key]\nenvironment = "
                          "\"SCRIPTED_KEY\"\n");
    skein_.home.write(
        ".config/skein/prices/mine.toml",
        "date = \"2026-01-01\"\nsource = \"a test\"\n[models.m]\ninput = 1_000_000\noutput = 10_000_000\n");
  }
  void agent(const std::string& manifest) {
    skein_.workspace.write(".skein/agents/mine.toml",
                           "id = \"mine\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nmodel = \"m\"\n" + manifest);
    ASSERT_EQ(skein_.run({"trust", "--yes"}).exit_code, 0);
  }
  test::Outcome run(const std::vector<std::string>& words) {
    return skein_.run(words, {}, {{"SCRIPTED_KEY", "sk-the-real-one"}});
  }

  test::ModelServer server_;
  test::SkeinProgram skein_;
};

// Asks its model once and writes the status line to a.txt; shows its environment.
constexpr const char* kAsking =
    "backend = \"process\"\ncommand = [\"bash\", \"-c\", '''\n"
    "env; body=\"{\\\"model\\\":\\\"$MODEL\\\",\\\"max_tokens\\\":50}\"\n"
    "hostport=${URL#http://}; exec 3<>/dev/tcp/127.0.0.1/${hostport#*:}\n"
    "printf 'POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\nx-api-key: %s\\r\\nConnection: close\\r\\n"
    "Content-Length: %d\\r\\n\\r\\n%s' \"$KEY\" ${#body} \"$body\" >&3\n"
    "cat <&3 | tr -d '\\r' > a.txt; grep -q 'HTTP/1.1 200' a.txt || { cat a.txt; exit 1; }''']\n"
    "environment = [\"URL={relay_anthropic_url}\", \"KEY={relay_key}\", \"MODEL={model}\"]\n"
    "[relay]\nproviders = [\"scripted\"]\n";

TEST_F(Models, AreAskedThroughTheRelayWhichSaysWhatItCost) {
  server_.add({.text = "hello", .usage = test::ScriptedUsage{1'000, 0, 0, 20, 0}});
  agent(kAsking);
  const auto done = run({"run", "ask", "--accept", "never", "--budget", "$1", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json answer = json::parse(done.out);
  EXPECT_EQ(answer["models"]["requests"], 1);
  EXPECT_EQ(answer["models"]["input_tokens"], 1'000);
  EXPECT_EQ(answer["models"]["micro_dollars"], 1'200);
  EXPECT_EQ(server_.asked().at(0).headers.at("x-api-key"), "sk-the-real-one");
  // The agent never saw the key.
  const auto log = run({"log", "show", "last"});
  EXPECT_TRUE(log.out.contains("SKEIN_SANDBOX=1")) << log.out << log.err;
  EXPECT_FALSE(log.out.contains("sk-the-real-one"));

  // The journal has it, and so has the ledger.
  const auto shown = run({"usage", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const json usage = json::parse(shown.out);
  EXPECT_EQ(usage["rows"][0]["name"], "m");
  EXPECT_EQ(usage["total"]["micro_dollars"], 1'200);
  EXPECT_EQ(json::parse(run({"usage", "--by", "run", "--json"}).out)["rows"][0]["name"], answer["run_id"]);
  const auto csv = run({"usage", "--by", "agent", "--csv"});
  EXPECT_TRUE(csv.out.contains("\nmine,1,1000,0,0,20,0,1200,0,0\n")) << csv.out;
  EXPECT_TRUE(run({"usage"}).out.contains("$0.0012")) << run({"usage"}).out;
}

TEST_F(Models, AreAskedThroughTheRelayOnEachPathOfIsolation) {
  agent(kAsking);
  for (const char* path : {"overlay", "copy", "landlock", "plain"}) {
    server_.add({.text = "hello", .usage = test::ScriptedUsage{1'000, 0, 0, 20, 0}});
    const auto done = skein_.run({"run", "ask", "--accept", "never", "--no-cache", "--isolation", "weak", "--json"}, {},
                                 {{"SCRIPTED_KEY", "sk-the-real-one"}, {"SKEIN_ISOLATION_PATH", path}});
    if (done.err.contains("cannot be isolated by the path")) continue;
    ASSERT_EQ(done.exit_code, 0) << path << done.err;
    EXPECT_EQ(json::parse(done.out)["models"]["requests"], 1) << path;
  }
}

TEST_F(Models, ARequestThatCouldCrossTheBudgetIsNotSent) {
  agent(kAsking);
  const auto done = run({"run", "ask", "--accept", "never", "--budget", "$0.0005"});
  EXPECT_NE(done.exit_code, 0);
  EXPECT_TRUE(done.err.contains("could cross the budget of $0.00050")) << done.err;
  EXPECT_TRUE(server_.asked().empty());
  EXPECT_TRUE(run({"usage"}).out.contains("No request")) << run({"usage"}).out;
  const auto unclear = run({"run", "ask", "--budget", "5"});
  EXPECT_NE(unclear.exit_code, 0);
  EXPECT_TRUE(unclear.err.contains("500k tokens")) << unclear.err;
}

TEST_F(Models, TheBudgetOfADayHoldsOverAllRuns) {
  skein_.home.write(".config/skein/config.toml", "[budget]\nday = \"$0.02\"\nmonth = \"1M tokens\"\n");
  server_.add({.text = "hello", .usage = test::ScriptedUsage{10'000, 0, 0, 50, 0}});
  agent(kAsking);
  const auto first = run({"run", "ask until done", "--accept", "never"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto second = run({"run", "ask it again until done", "--accept", "never"});
  EXPECT_EQ(second.exit_code, 0) << "half of the day's is left\n" << second.err;
  server_.add({.text = "hello", .usage = test::ScriptedUsage{9'000, 0, 0, 50, 0}});
  ASSERT_EQ(run({"run", "ask a third time until done", "--accept", "never"}).exit_code, 0);
  const auto refused = run({"run", "ask once more until done", "--accept", "never"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_TRUE(refused.err.contains("could cross the budget of $0.020 for today")) << refused.err;
  const auto usage = run({"usage"});
  EXPECT_TRUE(usage.out.contains("of the budget of $0.020 for today")) << usage.out;
  EXPECT_TRUE(usage.out.contains("of the budget of 1,000,000 tokens for this month")) << usage.out;
  skein_.home.write(".config/skein/config.toml", "[budget]\nday = \"5\"\n");
  EXPECT_TRUE(run({"usage"}).err.contains("budget.day")) << run({"usage"}).err;
}

TEST_F(Models, TheBudgetOfADayHoldsOverRunsAtTheSameTimeAndThoseThatAreKilled) {
  // Room for the worst case of one request, not of two.
  skein_.home.write(".config/skein/config.toml", "[budget]\nday = \"$0.0025\"\n");
  skein_.home.write(
      ".config/skein/agents/theirs.toml",
      "id = \"theirs\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nmodel = \"m\"\n" + std::string(kAsking));
  const test::ScratchTree other;
  other.write("a.txt", "one\n");
  const std::vector<std::string> words{"run", "ask until done", "--agent", "theirs", "--accept", "never", "--no-cache"};
  const std::vector<std::pair<std::string, std::string>> key{{"SCRIPTED_KEY", "sk-the-real-one"}};
  server_.add({.text = "hello", .usage = test::ScriptedUsage{100, 0, 0, 5, 0}, .delay_ms = 4'000});
  test::Outcome first;
  {
    const std::jthread running([&] { first = skein_.run(words, {}, key); });
    ASSERT_TRUE(server_.wait_for(1));
    const auto second = skein_.run(words, other.root(), key);
    EXPECT_NE(second.exit_code, 0) << second.out;
    EXPECT_TRUE(second.err.contains("other requests under way hold what is left")) << second.err;
  }
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(server_.asked().size(), 1U);
  EXPECT_EQ(skein_.run(words, other.root(), key).exit_code, 0) << "the first is settled";

  // A run that was killed may have been answered: it counts as it was reserved.
  server_.add({.fault = test::Fault::hang});
  std::vector<std::string> killed{"timeout", "-s", "KILL", "3", SKEIN_PROGRAM};
  killed.insert(killed.end(), words.begin(), words.end());
  EXPECT_NE(skein_.run_program(killed, {}, key).exit_code, 0);
  ASSERT_TRUE(server_.wait_for(3));
  const auto last = skein_.run(words, other.root(), key);
  EXPECT_TRUE(last.err.contains("could cross the budget of $0.0025 for today")) << last.err;
  EXPECT_TRUE(skein_.run({"usage"}).out.contains("(ended before its answer)")) << skein_.run({"usage"}).out;
}

TEST_F(Models, ABareModelDoesATask) {
  server_.add({.calls = {{"edit", R"({"path":"a.txt","old":"one","new":"two"})"}}});
  server_.add({.text = "Changed one to two."});
  agent("backend = \"chat\"\n[relay]\nproviders = [\"scripted\"]\n");
  const auto done = run({"run", "say two", "--accept", "always"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(skein_.workspace.read("a.txt"), "two\n");
  EXPECT_TRUE(done.out.contains("2 requests to models")) << done.out;
  // The same again asks nobody.
  skein_.workspace.write("a.txt", "one\n");
  const auto again = run({"run", "say two", "--accept", "never"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(server_.asked().size(), 2U);
}

TEST_F(Models, AnAgentPastTheRelayIsWatchedAndSaidSo) {
  agent("backend = \"process\"\ncommand = [\"sh\", \"-c\", \"echo two > a.txt\"]\n[permissions]\nnetwork = true\n");
  const auto done = run({"run", "x", "--accept", "never", "--mode", "burst", "--budget", "$1"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.err.contains("watched only")) << done.err;
  EXPECT_TRUE(done.out.contains("did not pass the relay")) << done.out;
}

TEST_F(Models, ABudgetThatHoldsNothingIsSaidSo) {
  agent("backend = \"process\"\ncommand = [\"sh\", \"-c\", \"echo two > a.txt\"]\n");
  const auto done = run({"run", "x", "--accept", "never", "--budget", "$1"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.err.contains("holds nothing")) << done.err;
}

TEST_F(Models, ProvidersElsewhereNeedModeBurst) {
  skein_.home.write(".config/skein/providers/scripted.toml",
                    "id = \"scripted\"\nurl = \"https://models.example/v1\"\ndialects = [\"openai-chat\"]\n");
  agent(kAsking);
  const auto refused = run({"run", "ask", "--accept", "never"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_TRUE(refused.err.contains("--mode burst")) << refused.err;
}

}  // namespace
}  // namespace skein
