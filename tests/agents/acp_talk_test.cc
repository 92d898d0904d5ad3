#include "agents/acp_talk.h"

#include <gtest/gtest.h>

namespace skein::agents {
namespace {

using engine::Json;

class Talk : public ::testing::Test {
 protected:
  /// What it sends after one message of the agent.
  static Json last(const std::string& sent) { return sent.empty() ? Json() : Json::parse(sent); }
  Json hear(const Json& message) { return last(talk_.heard(message.dump() + "\n")); }
  /// As far as the prompt; the number of that request.
  Json prompt() {
    const Json first = last(talk_.begin());
    EXPECT_EQ(first["method"], "initialize");
    const Json second = hear({{"id", first["id"]}, {"result", {{"protocolVersion", 1}}}});
    EXPECT_EQ(second["method"], "session/new");
    EXPECT_EQ(second["params"]["cwd"], "/w");
    const Json third = hear({{"id", second["id"]}, {"result", {{"sessionId", "s1"}}}});
    EXPECT_EQ(third["method"], "session/prompt");
    EXPECT_EQ(third["params"]["prompt"][0]["text"], "do it");
    return third["id"];
  }
  AcpTalk talk_{{.folder = "/w", .prompt = "do it", .allow = {"edit", "read"}}};
};

TEST_F(Talk, OpensASessionPromptsAndHearsWhatIsSaidAndUsed) {
  const Json id = prompt();
  const auto chunk = [](const char* text) {
    return Json{{"method", "session/update"},
                {"params", {{"update", {{"sessionUpdate", "agent_message_chunk"}, {"content", {{"text", text}}}}}}}};
  };
  hear(chunk("one "));
  hear(chunk("two"));
  hear({{"method", "session/update"},
        {"params",
         {{"update", {{"sessionUpdate", "usage_update"}, {"cost", {{"amount", 0.25}, {"currency", "USD"}}}}}}}});
  EXPECT_FALSE(talk_.is_over());
  hear({{"id", id}, {"result", {{"stopReason", "end_turn"}, {"usage", {{"inputTokens", 7}, {"outputTokens", 3}}}}}});
  EXPECT_TRUE(talk_.is_over());
  EXPECT_FALSE(talk_.error());
  EXPECT_EQ(talk_.said(), "one two");
  EXPECT_EQ(talk_.usage().input.value, 7);
  EXPECT_EQ(talk_.usage().money.value, 250'000);
}

TEST_F(Talk, PermissionsAreAnsweredByPolicyAlsoWhereNumbersAreThoseOfOurs) {
  const Json id = prompt();
  const auto ask = [&](const char* kind) {
    return hear({{"id", id},
                 {"method", "session/request_permission"},
                 {"params",
                  {{"toolCall", {{"kind", kind}}},
                   {"options", Json::array({Json{{"optionId", "a"}, {"kind", "allow_always"}},
                                            Json{{"optionId", "o"}, {"kind", "allow_once"}},
                                            Json{{"optionId", "r"}, {"kind", "reject_once"}}})}}}});
  };
  EXPECT_EQ(ask("edit")["result"]["outcome"]["optionId"], "o");
  EXPECT_EQ(ask("execute")["result"]["outcome"]["optionId"], "r");
  EXPECT_EQ(hear({{"id", 0}, {"method", "fs/write_text_file"}})["error"]["code"], -32601);
  EXPECT_FALSE(talk_.is_over());
}

TEST_F(Talk, APersonIsAskedAboutTheKindsOfThePolicyAndNobodyIsNo) {
  for (const std::string person : {"yes", "no", "nobody"}) {
    std::string asked;
    AcpTask task{.folder = "/w", .prompt = "do it", .allow = {"*"}, .ask = {"execute"}, .may = {}};
    if (person != "nobody")
      task.may = [&](const std::string& kind, const std::string& title) {
        asked = kind + ": " + title;
        return person == "yes";
      };
    talk_ = AcpTalk(std::move(task));
    const Json id = prompt();
    const auto ask = [&](const char* kind) {
      return hear({{"id", id},
                   {"method", "session/request_permission"},
                   {"params",
                    {{"toolCall", {{"kind", kind}, {"title", "rm -rf build"}}},
                     {"options", Json::array({Json{{"optionId", "o"}, {"kind", "allow_once"}},
                                              Json{{"optionId", "r"},
                                                   {"kind", "reject_once"}}})}}}})["result"]["outcome"]["optionId"];
    };
    EXPECT_EQ(ask("execute"), person == "yes" ? "o" : "r");
    EXPECT_EQ(ask("edit"), "o");
    EXPECT_EQ(asked, person == "nobody" ? "" : "execute: rm -rf build");
  }
}

TEST_F(Talk, ErrorsAndOtherEndsAreNoSuccess) {
  const Json id = prompt();
  hear({{"id", id}, {"result", {{"stopReason", "refusal"}}}});
  EXPECT_NE(talk_.error()->find("refusal"), std::string::npos);
  AcpTalk other({.folder = "/w", .prompt = "x", .allow = {}});
  const Json first = last(other.begin());
  EXPECT_EQ(other.heard("noise\n[1]\n" + Json{{"id", first["id"]}, {"error", {{"message", "log in"}}}}.dump() + "\n"),
            "");
  EXPECT_EQ(other.error(), "log in");
  AcpTalk old({.folder = "/w", .prompt = "x", .allow = {}});
  EXPECT_EQ(old.heard(Json{{"id", last(old.begin())["id"]}, {"result", {{"protocolVersion", 9}}}}.dump() + "\n"), "");
  EXPECT_TRUE(old.is_over() && old.error());
}

TEST_F(Talk, MessagesMayComeInPieces) {
  const Json first = last(talk_.begin());
  const std::string line = Json{{"id", first["id"]}, {"result", {{"protocolVersion", 1}}}}.dump() + "\n";
  std::string sent;
  for (const char byte : line) sent += talk_.heard({&byte, 1});
  EXPECT_EQ(last(sent)["method"], "session/new");
}

}  // namespace
}  // namespace skein::agents
