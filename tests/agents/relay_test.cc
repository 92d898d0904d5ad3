#include "agents/relay.h"

#include <atomic>

#include "agents/relay_support.h"
#include "agents/sandbox.h"
#include "base/executor.h"
#include "support/scratch_tree.h"

namespace skein::agents {
namespace {

using test::Fault;
using test::ScriptedUsage;

constexpr const char* kPaths[] = {"/v1/chat/completions", "/v1/responses", "/v1/messages"};

TEST(Relay, MetersEachDialectStreamedAndNot) {
  RelayFixture made({{.text = "hello there", .usage = ScriptedUsage{1000, 300, 0, 50, 20}, .again = true}});
  const auto access = made.admit();
  std::size_t count = 0;
  for (const char* path : kPaths)
    for (const char* stream : {"false", "true"}) {
      const auto got = made.post(access, path, std::string(R"({"model":"m","stream":)") + stream + "}");
      EXPECT_TRUE(got.contains("hello there") || got.contains("hello the")) << got;
      const auto calls = made.settled(++count);
      ASSERT_EQ(calls.size(), count);
      const ModelCall& call = calls.back();
      EXPECT_EQ(call.usage.all_input().value, 1000) << path << stream;
      EXPECT_EQ(call.usage.cached.value, 300);
      EXPECT_EQ(call.usage.output.value, 50);
      EXPECT_EQ(call.money.value, 700 + 30 + 500);
      EXPECT_FALSE(call.estimated);
    }
  EXPECT_EQ(access.sum().money.value, 6 * 1230);
  EXPECT_EQ(access.sum().calls, 6);
}

TEST(Relay, KnowsAStepByItsBearerAndKeepsTheRealKey) {
  RelayFixture made;
  std::string key;
  {
    const auto access = made.admit();
    key = access.key();
    EXPECT_TRUE(made.post(access, kPaths[0], R"({"model":"m"})").starts_with("HTTP/1.1 200"));
    const auto with_header =
        ask(made.relay->proxy().port(), "POST /v1/messages HTTP/1.1\r\nx-api-key: " + key + "\r\n", R"({"model":"m"})");
    EXPECT_TRUE(with_header.starts_with("HTTP/1.1 200")) << with_header;
  }
  for (const std::string& head : {"Authorization: Bearer " + key, std::string("Authorization: Bearer the-real-key"),
                                  std::string("x-api-key: "), std::string("X-Other: 1")}) {
    const auto got = ask(made.relay->proxy().port(), "POST /v1/messages HTTP/1.1\r\n" + head + "\r\n", "{}");
    EXPECT_TRUE(got.starts_with("HTTP/1.1 401")) << got;
    EXPECT_TRUE(got.contains(R"({"type":"error","error":{"type":"authentication_error")")) << got;
  }
  const auto asked = made.server.asked();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].headers.at("authorization"), "Bearer the-real-key");
  EXPECT_EQ(asked[1].headers.at("x-api-key"), "the-real-key");
  for (const auto& one : asked)
    for (const auto& [name, value] : one.headers) EXPECT_FALSE(value.contains(key)) << name;
}

TEST(Relay, RefusesWhatItCannotMeter) {
  RelayFixture made;
  const auto access = made.admit();
  EXPECT_TRUE(made.post(access, "/v1/embeddings", R"({"model":"m"})").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(made.post(access, "/v1/messages", "no json").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(made.post(access, "/v1/messages", "{}").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(made.server.asked().empty());
}

TEST(Relay, LeavesOutTheUsageThatOnlyItAskedFor) {
  RelayFixture made({{.text = "hello", .again = true}});
  const auto access = made.admit();
  const auto without = made.post(access, kPaths[0], R"({"model":"m","stream":true})");
  EXPECT_FALSE(without.contains("prompt_tokens")) << without;
  EXPECT_TRUE(without.contains("[DONE]"));
  const auto with =
      made.post(access, kPaths[0], R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_TRUE(with.contains("prompt_tokens")) << with;
  EXPECT_GT(made.settled(2)[0].usage.output.value, 0);
}

TEST(Relay, RefusesWhatWouldCrossTheBudgetInTheDialectsOwnWords) {
  RelayFixture made({}, BudgetLimits{.money = MicroDollars{500}, .tokens = {}});
  const auto access = made.admit();
  const auto got = made.post(access, kPaths[2], R"({"model":"m","max_tokens":100})");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 402")) << got;
  EXPECT_TRUE(got.contains(R"("type":"billing_error")") && got.contains("$0.00050")) << got;
  const auto chat = made.post(access, kPaths[0], R"({"model":"m","max_tokens":100})");
  EXPECT_TRUE(chat.contains(R"("type":"insufficient_quota")")) << chat;
  EXPECT_TRUE(made.server.asked().empty());
  EXPECT_EQ(access.sum().refused, 2);
  EXPECT_TRUE(access.sum().last_refusal.contains("budget"));
}

TEST(Relay, ClampsTheOutputLimitToWhatIsLeft) {
  // Input is bounded by the body's bytes and 1,024 more at $1.25 a million; about 10,000 tokens of output are left.
  RelayFixture made({{.text = std::string(100'000, 'x'), .again = true}},
                    BudgetLimits{.money = MicroDollars{102'000}, .tokens = {}});
  const auto access = made.admit();
  const auto got = made.post(access, kPaths[0], R"({"model":"m","max_tokens":30000})");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 200")) << got.substr(0, 300);
  made.settled(1);
  // Nothing is left for more.
  EXPECT_TRUE(made.post(access, kPaths[1], R"({"model":"m","max_output_tokens":30000})").starts_with("HTTP/1.1 402"));
  const auto asked = made.server.asked();
  ASSERT_FALSE(asked.empty());
  const auto body = engine::Json::parse(asked[0].body);
  EXPECT_LT(body["max_tokens"].get<int>(), 10'100);
  EXPECT_GT(body["max_tokens"].get<int>(), 9'900);
  EXPECT_LE(made.budget->state().spent.value, 102'000);
}

TEST(Relay, WhatWasReservedIsFreeOnceItIsWrittenDownWhatItTook) {
  RelayFixture made({{.text = "hi", .again = true}}, BudgetLimits{.money = MicroDollars{1'000'000}, .tokens = {}});
  const auto access = made.admit();
  std::size_t count = 0;
  for (const char* path : kPaths)
    for (const char* stream : {"false", "true"}) {
      made.post(access, path, std::string(R"({"model":"m","max_tokens":50,"stream":)") + stream + "}");
      // The relay ends the connection: what it does after an answer is done.
      const std::lock_guard lock(made.mutex);
      count += 2;
      ASSERT_EQ(made.reserved.size(), count) << path << stream;
      EXPECT_GT(made.reserved[count - 2].value, 0);
      EXPECT_EQ(made.reserved[count - 1].value, 0);
    }
}

TEST(Relay, AModelWithoutAPriceNeedsABudgetOfTokens) {
  RelayFixture money({}, BudgetLimits{.money = MicroDollars{1'000'000}, .tokens = {}});
  const auto refused = money.post(money.admit(), kPaths[0], R"({"model":"nobody-knows"})");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 402") && refused.contains("prices/*.toml")) << refused;
  RelayFixture tokens({}, BudgetLimits{.money = {}, .tokens = Tokens{10'000}});
  const auto passed = tokens.post(tokens.admit(), kPaths[0], R"({"model":"nobody-knows"})");
  EXPECT_TRUE(passed.starts_with("HTTP/1.1 200")) << passed;
  const auto asked = engine::Json::parse(tokens.server.asked().at(0).body);
  EXPECT_LE(asked["max_tokens"].get<int>(), 10'000 - 1'024);
}

TEST(Relay, CountsTheWorstCaseWhereAnAnswerBreaksOff) {
  RelayFixture made({{.text = "half of it", .fault = Fault::cut},
                     {.text = "no usage", .no_usage = true},
                     {.text = "negative", .usage = ScriptedUsage{-5, 0, 0, 3, 0}},
                     {.text = "later", .status = 500}},
                    BudgetLimits{.money = MicroDollars{1'000'000}, .tokens = {}});
  const auto access = made.admit();
  const std::string body = R"({"model":"m","max_tokens":1000,"stream":true})";
  const auto cut = made.post(access, kPaths[2], body);
  EXPECT_FALSE(cut.contains("\r\n0\r\n\r\n"));  // The client sees that it broke off.
  made.post(access, kPaths[2], body);
  made.post(access, kPaths[2], body);
  const auto failed = made.post(access, kPaths[2], body);
  EXPECT_TRUE(failed.starts_with("HTTP/1.1 500") && failed.contains("later")) << failed;
  const auto calls = made.settled(4);
  ASSERT_EQ(calls.size(), 4U);
  const std::int64_t worst = Price{1'000'000, 100'000, 1'250'000, 1'250'000, 10'000'000, 0}
                                 .worst({static_cast<std::int64_t>(body.size()) + 1024}, {1000})
                                 .value;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(calls[static_cast<std::size_t>(i)].estimated) << i;
    EXPECT_EQ(calls[static_cast<std::size_t>(i)].money.value, worst) << i;
  }
  EXPECT_EQ(calls[3].money.value, 0);
  EXPECT_EQ(made.budget->state().spent.value, 3 * worst);
  EXPECT_EQ(made.budget->state().reserved.value, 0);
}

TEST(Relay, TellsWhatOnlyAPersonMends) {
  struct Case {
    test::Reply reply;
    std::string kind, what;
  };
  const std::vector<Case> cases{{{.text = "bad key", .status = 401}, "login", "does not take the key"},
                                {{.text = "later", .status = 429, .retry_after = 3'601}, "usage window", "61 minutes"},
                                {{.text = "insufficient_quota", .status = 429}, "usage window", "is used up"},
                                {{.text = "a moment", .status = 429, .retry_after = 5}, "", ""},
                                {{.text = "broken", .status = 500}, "", ""}};
  for (const Case& one : cases) {
    RelayFixture made({one.reply});
    auto access = made.admit();
    std::atomic<int> told = 0;
    access.on_block([&told] { ++told; });
    made.post(access, kPaths[0], R"({"model":"m","max_tokens":10})");
    ASSERT_EQ(made.settled(1).size(), 1U);
    const auto block = access.block();
    EXPECT_EQ(block ? block->kind : "", one.kind);
    EXPECT_NE((block ? block->what : std::string()).find(one.what), std::string::npos)
        << (block ? block->what : std::string());
    EXPECT_EQ(told, block ? 1 : 0);
  }
}

TEST(Relay, AProviderThatIsNotThereCostsNothing) {
  RelayFixture made({}, BudgetLimits{.money = MicroDollars{1'000'000}, .tokens = {}});
  Provider gone = made.provider();
  gone.url = "http://127.0.0.1:1/v1";
  const auto access = made.relay->admit("task", "agent", {gone}, {{"REAL_KEY", "k"}});
  ASSERT_TRUE(access);
  const auto got = made.post(*access, kPaths[2], R"({"model":"m","max_tokens":10})");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 502") && got.contains("api_error")) << got;
  EXPECT_EQ(made.budget->state().spent.value, 0);
  EXPECT_EQ(made.budget->state().reserved.value, 0);
}

TEST(Relay, PassesARetryAfterOn) {
  RelayFixture made({{.text = "slow down", .status = 429, .retry_after = 7}});
  const auto got = made.post(made.admit(), kPaths[0], R"({"model":"m"})");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 429") && got.contains("Retry-After: 7\r\n")) << got;
}

TEST(Relay, EndsTheWayToTheProviderWhenTheClientGoes) {
  RelayFixture made({{.text = std::string(4000, 'x'), .drip_ms = 5}});
  const auto access = made.admit();
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(made.relay->proxy().port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string body = R"({"model":"m","stream":true})";
  const std::string text = "POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: " + access.key() +
                           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  ASSERT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  char byte = 0;
  ASSERT_EQ(::recv(socket, &byte, 1, 0), 1);
  ::close(socket);
  ASSERT_EQ(made.settled(1).size(), 1U);
  EXPECT_TRUE(made.calls[0].estimated);
  for (int i = 0; i < 1000 && made.server.left() == 0; ++i) ::usleep(2'000);
  EXPECT_EQ(made.server.left(), 1);
}

TEST(Relay, SecretsOfAPromptDoNotLeaveAndComeBack) {
  const std::string secret = "ghp_" + std::string("A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8");
  for (const char* path : kPaths)
    for (const char* stream : {"false", "true"}) {
      RelayFixture made;
      const auto access = made.admit();
      const std::string asked_body = R"({"model":"m","stream":)" + std::string(stream) +
                                     R"(,"messages":[{"role":"user","content":"use )" + secret +
                                     R"( now"}],"input":"also )" + secret + "\"}";
      made.post(access, path, asked_body);
      const std::string seen = made.server.asked().at(0).body;
      EXPECT_FALSE(seen.contains(secret)) << seen;
      const auto at = seen.find("SKEIN_SECRET_");
      ASSERT_NE(at, std::string::npos) << seen;
      const std::string placeholder = seen.substr(at, seen.find('Z', at) + 1 - at);
      // Said in pieces of three bytes, so that it is cut wherever it can be.
      made.server.add({.text = "say " + placeholder + ".",
                       .calls = {{"write", R"({"content":")" + placeholder + R"("})"}},
                       .piece = 3});
      const auto got = made.post(access, path, asked_body);
      EXPECT_EQ(made.server.asked().at(1).body, seen);  // The same prompt is the same to a provider's cache.
      EXPECT_FALSE(got.contains("SKEIN_SECRET_")) << path << stream << got;
      EXPECT_TRUE(got.contains(secret)) << got;
    }
}

TEST(Relay, ModeLocalReachesThisMachineOnly) {
  RelayFixture made;
  Provider remote = made.provider();
  remote.url = "https://models.example/v1";
  const auto refused = made.relay->admit("task", "agent", {remote}, {{"REAL_KEY", "k"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::permission_denied);
  EXPECT_TRUE(refused.error().way_out().contains("--mode burst"));
  remote.url = "http://127.0.0.1.evil.example/v1";
  EXPECT_FALSE(made.relay->admit("task", "agent", {remote}, {{"REAL_KEY", "k"}}));
  const auto no_key = made.relay->admit("task", "agent", {made.provider()}, {});
  ASSERT_FALSE(no_key);
  EXPECT_TRUE(no_key.error().way_out().contains("REAL_KEY"));
}

TEST(Relay, ASandboxWithoutNetworkReachesItAndNothingElse) {
  // A kernel may forbid user namespaces: then no program has a network of its own to be reached in.
  if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
  RelayFixture made({{.text = "from outside", .again = true}});
  const auto access = made.admit();
  test::ScratchTree work, home;
  work.write("a.txt", "a\n");
  InlineExecutor executor;
  const auto base = repo::scan(work.root(), {}, executor);
  ASSERT_TRUE(base);
  SandboxOptions options;
  options.folder = home.path("sandboxes");
  options.reachable = &made.relay->proxy();
  const auto sandbox = Sandbox::make(*base, options);
  ASSERT_TRUE(sandbox) << sandbox.error().to_string();
  const auto post = [&](std::uint16_t port) {
    const std::string body = R"({"model":"m"})";
    Command command;
    command.argv = {"bash", "-c",
                    "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port) +
                        " && printf 'POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\nx-api-key: " + access.key() +
                        "\\r\\nConnection: close\\r\\nContent-Length: " + std::to_string(body.size()) + "\\r\\n\\r\\n" +
                        body + "' >&3 && cat <&3"};
    command.environment = {"PATH=/usr/bin:/bin"};
    command.time_limit = Millis(20'000);
    std::string out;
    command.on_output = [&](bool, std::string_view bytes) { out += bytes; };
    const auto outcome = (*sandbox)->run(std::move(command), {});
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return out;
  };
  for (int round = 0; round < 2; ++round) {
    const auto got = post(made.relay->proxy().port());
    EXPECT_TRUE(got.contains("HTTP/1.1 200") && got.contains("from outside")) << got;
  }
  const auto direct = post(made.server.port());
  EXPECT_TRUE(direct.contains("refused")) << direct;
  EXPECT_EQ(made.server.asked().size(), 2U);
}

}  // namespace
}  // namespace skein::agents
