#include "agents/opencode_events.h"

#include <gtest/gtest.h>

namespace skein::agents {
namespace {

std::string event(const std::string& type, const std::string& properties) {
  return "data: {\"id\":\"evt_1\",\"type\":\"" + type + "\",\"properties\":" + properties + "}\n\n";
}
const std::string kOwn = R"({"sessionID":"ses_1","status":{"type":)";

TEST(OpenCodeEvents, FollowOneSessionFromBusyToIdleInAnyPieces) {
  const std::string stream =
      event("server.connected", "{}") + event("session.status", R"({"sessionID":"ses_2","status":{"type":"busy"}})") +
      event("session.idle", R"({"sessionID":"ses_1"})") + ": a comment\r\n\r\n" +
      event("session.status", kOwn + R"("busy"}})") + event("session.status", kOwn + R"("idle"}})");
  for (const std::size_t piece : {1UL, 7UL, 4'096UL}) {
    OpenCodeEvents events;
    events.follow("ses_1");
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      EXPECT_FALSE(events.is_idle()) << "an idle before the turn began ends nothing";
      events.heard(std::string_view(stream).substr(at, piece));
    }
    EXPECT_TRUE(events.is_connected());
    EXPECT_TRUE(events.is_idle());
    EXPECT_FALSE(events.error());
  }
}

TEST(OpenCodeEvents, TellErrorsRetriesPermissionsAndQuestions) {
  OpenCodeEvents events;
  events.follow("ses_1");
  events.heard(event("session.status", kOwn + R"("retry","attempt":1,"message":"slow down","next":5}})"));
  EXPECT_EQ(events.retry(), "slow down");
  events.heard(
      event("permission.asked", R"({"id":"per_1","sessionID":"ses_1","permission":"edit","patterns":["a","b"]})"));
  events.heard(event("permission.asked", R"({"id":"per_2","sessionID":"ses_9","permission":"edit","patterns":[]})"));
  events.heard(event("question.asked", R"({"id":"que_1","sessionID":"ses_1","questions":[{"question":"Which?"}]})"));
  const auto requests = events.take_requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].kind + " " + requests[0].id + " " + requests[0].what, "edit per_1 a, b");
  EXPECT_TRUE(requests[1].question);
  ASSERT_EQ(requests[1].questions.size(), 1u);
  EXPECT_EQ(requests[1].questions[0].shown(), "Which?");
  EXPECT_TRUE(events.take_requests().empty());
  events.heard(event("session.error",
                     R"({"sessionID":"ses_1","error":{"name":"APIError","data":{"message":"no such model"}}})"));
  events.heard(event("session.error", R"({"sessionID":"ses_1","error":{"name":"MessageAbortedError"}})"));
  EXPECT_EQ(events.error(), "no such model") << "the first one";
  events.heard("data: this is no JSON\n\ndata: [1]\n\ndata: {\"type\":7}\n\n");
}

TEST(OpenCodeEvents, QuestionsAreShownWithTheirAnswersAndTakeNoOthers) {
  OpenCodeEvents events;
  events.follow("ses_1");
  std::string asked = R"({"id":"que_1","sessionID":"ses_1","questions":[
    {"question":"Which store?","options":[{"label":"SQLite","description":"a file"},{"label":"Redis"}],"custom":false},
    {"question":"Which parts?","options":[{"label":"UI"},{"label":"API"},{"label":"UI, API"}],"multiple":true},
    {"question":"Called what?"}]})";
  std::erase(asked, '\n');  // An event's data is one line.
  events.heard(event("question.asked", asked));
  const auto requests = events.take_requests();
  ASSERT_EQ(requests.size(), 1u);
  const auto& questions = requests[0].questions;
  ASSERT_EQ(questions.size(), 3u);
  using Words = std::vector<std::string>;
  EXPECT_EQ(questions[0].shown(), "Which store? (one of: SQLite, Redis)");
  EXPECT_EQ(questions[0].chosen(" sqlite\n"), Words{"SQLite"});
  EXPECT_EQ(questions[0].chosen("PostgreSQL"), Words{}) << "it takes none of one's own";
  EXPECT_EQ(questions[0].chosen("SQLite, Redis"), Words{}) << "it takes one";
  EXPECT_EQ(questions[1].shown(), "Which parts? (any of: UI, API, UI, API, or your own words)");
  EXPECT_EQ(questions[1].chosen("api,ui"), (Words{"API", "UI"}));
  EXPECT_EQ(questions[1].chosen("ui, api"), Words{"UI, API"}) << "a whole label goes before its parts";
  EXPECT_EQ(questions[1].chosen("ui, and tests"), Words{"ui, and tests"});
  EXPECT_EQ(questions[2].chosen("orders"), Words{"orders"});
  EXPECT_EQ(questions[2].chosen("  "), Words{});
}

TEST(OpenCodeEvents, MessagesAreAddedUpAndTheLastOneDecides) {
  const auto json = engine::parse_json(R"([
    {"info":{"role":"user"},"parts":[{"type":"text","text":"the task"}]},
    {"info":{"role":"assistant","finish":"tool-calls","cost":0.001,"tokens":{"input":100,"output":10,"reasoning":5,
      "cache":{"read":20,"write":3}},"error":{"name":"Broken"}},"parts":[{"type":"text","text":"I look."}]},
    {"info":{"role":"assistant","finish":"stop","cost":0.002,"tokens":{"input":1,"output":2,"reasoning":0,
      "cache":{"read":0,"write":0}}},"parts":[{"type":"step-start"},{"type":"text","text":"Done."}]}])");
  ASSERT_TRUE(json);
  const SessionMessages read = read_session_messages(*json);
  EXPECT_EQ(read.said, "I look.\nDone.");
  EXPECT_EQ(read.finish, "stop");
  EXPECT_FALSE(read.error);
  EXPECT_EQ(read.usage.input.value, 124);
  EXPECT_EQ(read.usage.cached.value, 20);
  EXPECT_EQ(read.usage.output.value, 17);
  EXPECT_EQ(read.usage.money.value, 3'000);
  EXPECT_TRUE(read_session_messages(engine::Json(7)).said.empty());
}

}  // namespace
}  // namespace skein::agents
