// A bare model does a step, through the relay, in a sandbox, in a real repository.
#include "agents/chat_attempt.h"

#include <thread>

#include "agents/json_fit.h"
#include "agents/process_step.h"
#include "agents/prompts.h"
#include "agents/relay_support.h"
#include "base/executor.h"
#include "engine/result_store.h"
#include "engine/step_context.h"
#include "support/scratch_tree.h"

namespace skein::agents {
namespace {

using test::Fault;

class ChatStep : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    // A kernel may forbid user namespaces: then no agent has a view of its own, and there is nothing to try.
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    work_.write("src/a.py", "def f():\n    return 1\n");
    work_.write("NOTES", "be brief\n");
    ASSERT_EQ(std::system(("git -C '" + work_.root() + "' init -q && git -C '" + work_.root() + "' add . && git -C '" +
                           work_.root() + "' -c user.name=t -c user.email=t@t commit -qm one")
                              .c_str()),
              0);
  }

  /// Runs a step on the model of `made`; what it printed goes to `said_`.
  Result<ChangeSet> step(RelayFixture& made, const std::string& more = {}, std::stop_token stop = {}) {
    auto manifest =
        parse_manifest("id = \"m\"\nversion = \"1.0.0\"\ndescription = \"d\"\nbackend = \"chat\"\n" +
                           std::string("model = \"m\"\n") + more + "\n[relay]\nproviders = [\"scripted\"]\n",
                       "m.toml");
    EXPECT_TRUE(manifest) << manifest.error().to_string();
    InlineExecutor executor;
    auto base = repo::scan(work_.root(), {}, executor);
    EXPECT_TRUE(base);
    ProcessStepOptions options;
    options.sandboxes = home_.path("sandboxes");
    options.environment = {{"REAL_KEY", "the-real-key"}, {"PATH", "/usr/bin:/bin"}};
    options.relay = made.relay.get();
    Provider provider = made.provider();
    provider.dialects = {GetParam()};
    options.providers = {provider};
    const ProcessStepAgent agent(std::move(*manifest), *base, options);
    engine::Step step;
    step.name = "task";
    step.agent = &agent;
    step.parts = agent.parts("make f return 2");
    step.outputs = {engine::ArtifactId{0}};
    engine::MemoryResults results;
    engine::StepContext context(step, {}, results, nullptr, std::move(stop));
    const auto status = agent.run(context);
    said_ = context.log();
    usage_ = context.usage();
    if (!status) return std::unexpected(status.error());
    auto bytes = results.get_blob(context.outputs().at(0));
    EXPECT_TRUE(bytes);
    return decode_change_set(*bytes);
  }

  test::ScratchTree work_, home_;
  std::string said_;
  engine::Usage usage_;
};

INSTANTIATE_TEST_SUITE_P(Dialects, ChatStep, ::testing::Values(Dialect::chat, Dialect::responses, Dialect::messages),
                         [](const auto& one) {
                           std::string name(to_string(one.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_P(ChatStep, EditsFilesByItsToolsAndSaysWhatItDid) {
  RelayFixture made(
      {{.calls = {{"read", R"({"path":"src/a.py"})"}, {"search", R"({"pattern":"return [0-9]"})"}}, .piece = 5},
       {.text = "Now the edit.", .calls = {{"edit", R"({"path":"src/a.py","old":"return 1","new":"return 2"})"}}},
       {.calls = {{"run", R"({"command":"python3 -c 'print(1)' || true; echo checked"})"},
                  {"write", R"({"path":"new/b.txt","content":"b\n"})"}}},
       {.text = "f returns 2 now."}});
  const auto set = step(made);
  ASSERT_TRUE(set) << set.error().to_string() << said_;
  ASSERT_EQ(set->changes.size(), 2U);
  EXPECT_EQ(set->changes[0].path, "new/b.txt");
  EXPECT_EQ(set->changes[1].after.bytes, "def f():\n    return 2\n");
  EXPECT_EQ(work_.read("src/a.py"), "def f():\n    return 1\n");
  EXPECT_TRUE(said_.contains("f returns 2 now.")) << said_;
  EXPECT_GT(usage_.output_tokens.value, 0);
  EXPECT_GT(usage_.money.value, 0);
  const auto asked = made.server.asked();
  ASSERT_EQ(asked.size(), 4U);
  EXPECT_TRUE(asked[1].body.contains("return 1") && asked[1].body.contains("src/a.py:2:")) << asked[1].body;
  EXPECT_TRUE(asked[3].body.contains("checked")) << asked[3].body;
  // Each request begins as the one before it: what a provider's cache needs.
  const auto shared = [](const std::string& a, const std::string& b) {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  };
  EXPECT_GT(shared(asked[1].body, asked[2].body), shared(asked[0].body, asked[1].body));
  EXPECT_EQ(asked[0].body.contains("cache_control"), GetParam() == Dialect::messages);
}

TEST_P(ChatStep, TellsTheModelWhatItDidWrong) {
  RelayFixture made({{.calls = {{"edit", R"({"path":"src/a.py","old":"nowhere","new":"x"})"},
                                {"read", R"({"path":"missing"})"},
                                {"read", R"({"file":"a"})"},
                                {"paint", "{}"},
                                {"write", R"({"path":"../../../../etc/skein-test","content":"x"})"},
                                {"run", R"({"command":"exit 3"})"}}},
                     {.text = "I give up."}});
  const auto set = step(made);
  ASSERT_TRUE(set) << set.error().to_string();
  EXPECT_TRUE(set->empty());
  const std::string told = made.server.asked().at(1).body;
  for (const char* part : {"stands 0 times", "No such file", "is needed", "there is no tool", "exit code 3"})
    EXPECT_TRUE(told.contains(part)) << part << told;
  EXPECT_NE(::access("/etc/skein-test", F_OK), 0);
}

TEST_P(ChatStep, IsGivenTheFilesThatItsManifestNames) {
  RelayFixture made({{.text = "Nothing to do."}});
  ASSERT_TRUE(step(made, "[chat]\nfiles = [\"NOTES\"]"));
  const std::string asked = made.server.asked().at(0).body;
  EXPECT_TRUE(asked.contains("be brief") && asked.contains("make f return 2")) << asked;
  EXPECT_LT(asked.find("be brief"), asked.find("make f return 2"));
  RelayFixture other;
  const auto refused = step(other, "[chat]\nfiles = [\"missing\"]");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::not_found);
}

TEST_P(ChatStep, AnAnswerFitsItsSchemaAfterOneRepairAtMost) {
  work_.write("answer.json", R"({"type":"object","required":["risk"],"properties":{"risk":{"enum":["low","high"]}}})");
  const std::string asks = "[chat]\nanswer = \"answer.json\"";
  RelayFixture mended({{.text = "It is low."}, {.text = "```json\n{\"risk\": \"low\"}\n```"}});
  const auto set = step(mended, asks);
  ASSERT_TRUE(set) << set.error().to_string();
  EXPECT_TRUE(mended.server.asked().at(0).body.contains("enum")) << "the model is told the schema";
  EXPECT_TRUE(mended.server.asked().at(1).body.contains("no JSON"));
  RelayFixture wrong({{.text = R"({"risk":"none"})"}, {.text = R"({"risk":"none"})"}, {.text = R"({"risk":"low"})"}});
  const auto failed = step(wrong, asks);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Code::failed_check);
  EXPECT_TRUE(failed.error().message().contains("/risk: is to be one of")) << failed.error().message();
  EXPECT_EQ(wrong.server.asked().size(), 2U);
}

TEST(JsonFit, SaysWhatDoesNotFitAndWhere) {
  const auto schema =
      engine::Json::parse(R"({"type":"object","required":["a"],"additionalProperties":false,"properties":{
      "a":{"type":"array","minItems":1,"items":{"type":["integer","null"],"minimum":1,"maximum":3}},
      "s":{"type":"string","minLength":2},"b":{"type":"boolean"},"n":{"type":"number"}}})");
  const auto says = [&](const char* value) { return misfit(schema, engine::Json::parse(value)); };
  EXPECT_EQ(says(R"({"a":[1,null,3],"s":"xy","b":true,"n":1.5})"), "");
  EXPECT_EQ(says("[]"), "/: is to be of type object");
  EXPECT_EQ(says("{}"), "/: \"a\" is needed");
  EXPECT_EQ(says(R"({"a":[1,9]})"), "/a/1: is to be at most 3");
  EXPECT_EQ(says(R"({"a":[0]})"), "/a/0: is to be at least 1");
  EXPECT_EQ(says(R"({"a":[]})"), "/a: has too few items");
  EXPECT_EQ(says(R"({"a":["x"]})"), "/a/0: is to be of one of the types [\"integer\",\"null\"]");
  EXPECT_EQ(says(R"({"a":[1],"s":"x"})"), "/s: is too short");
  EXPECT_EQ(says(R"({"a":[1],"c":1})"), "/: there is no \"c\"");
  EXPECT_EQ(says(R"({"a":[1],"b":1})"), "/b: is to be of type boolean");
}

TEST_P(ChatStep, TriesAgainWhatMayPassAndNothingElse) {
  RelayFixture made({{.text = "busy", .status = 429, .retry_after = 0},
                     {.text = "half of this is lost", .fault = Fault::cut},
                     {.text = "some of this is broken", .fault = Fault::malformed},
                     {.text = "done at last"}});
  const auto set = step(made);
  ASSERT_TRUE(set) << set.error().to_string();
  EXPECT_EQ(made.server.asked().size(), 4U);
  RelayFixture refused({{.text = "no such model", .status = 404}});
  const auto failed = step(refused);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Code::failed_check);
  EXPECT_TRUE(failed.error().message().contains("no such model"));
  EXPECT_EQ(refused.server.asked().size(), 1U);
}

TEST_P(ChatStep, EndsWithTheBudgetAndAtItsLimits) {
  RelayFixture poor({}, BudgetLimits{.money = {}, .tokens = Tokens{500}});
  const auto broke = step(poor);
  ASSERT_FALSE(broke);
  EXPECT_EQ(broke.error().code(), Code::budget) << broke.error().to_string();
  RelayFixture endless({{.calls = {{"search", R"({"pattern":"x"})"}}, .again = true}});
  const auto turns = step(endless, "[chat]\nturns = 3");
  ASSERT_FALSE(turns);
  EXPECT_TRUE(turns.error().way_out().contains("chat.turns"));
  EXPECT_EQ(endless.server.asked().size(), 3U);
  RelayFixture long_winded({{.text = std::string(4'000, 'x')}});
  const auto cut = step(long_winded, "[chat]\noutput_tokens = 100");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code(), Code::resource_exhausted);
}

TEST_P(ChatStep, AModelThatHangsIsGivenUpAndACancelledOneEndsAtOnce) {
  RelayFixture silent({{.text = "x", .fault = Fault::stall}});
  const auto timed_out = step(silent, "[chat]\nsilence_s = 1");
  ASSERT_FALSE(timed_out);
  EXPECT_EQ(timed_out.error().code(), Code::timed_out);
  RelayFixture hanging({{.fault = Fault::hang}});
  std::stop_source source;
  std::jthread later([&] {
    EXPECT_TRUE(hanging.server.wait_for(1));
    source.request_stop();
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto cancelled = step(hanging, {}, source.get_token());
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code(), Code::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(8));
}

TEST(Prompts, SnippetsHaveVersionsAndDigests) {
  const PromptSnippet& editor = prompt_snippet("editor");
  EXPECT_GE(editor.version, 1);
  EXPECT_EQ(editor.digest, sha256(editor.text));
  EXPECT_EQ(chat_parts().at(1).name, "prompt.editor");
}

TEST(ReplyReader, ReadsAnythingWithoutHarm) {
  // Every prefix and every cut of a stream, and bytes that are none.
  const std::string stream =
      "event: x\r\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"text\":\"a\"}}\r\n\r\n"
      "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":\"no\",\"function\":{\"arguments\":5}}]}}]}\n\n"
      "data: [1,2]\n\ndata: \xff\xfe\n\ndata: [DONE]\n\n";
  for (const Dialect dialect : {Dialect::chat, Dialect::responses, Dialect::messages})
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      ReplyReader reader(dialect);
      reader.feed(std::string_view(stream).substr(0, cut));
      reader.feed(std::string_view(stream).substr(cut));
      EXPECT_FALSE(reader.finish());
    }
}

}  // namespace
}  // namespace skein::agents
