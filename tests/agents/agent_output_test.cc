#include "agents/agent_output.h"

#include <gtest/gtest.h>

namespace skein::agents {
namespace {

AgentOutput read(const OutputSpec& spec, std::string_view text, std::size_t piece = 7) {
  EXPECT_TRUE(check(spec));
  AgentOutput output(spec);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) output.add(text.substr(0, piece));
  output.finish();
  return output;
}

TEST(AgentOutput, JsonLinesAreReadByPointersAndConditions) {
  OutputSpec spec;
  spec.format = OutputFormat::json_lines;
  spec.said = {"/type=text /part/text"};
  spec.error = {"/type=error /error/message"};
  spec.done = {"/type=end /type"};
  spec.input_tokens = {"/part/tokens/input", "/part/tokens/cache/read"};
  spec.cached_tokens = {"/part/tokens/cache/read"};
  spec.output_tokens = {"/part/tokens/output"};
  spec.cost_usd = {"/part/cost"};
  spec.sum = true;
  const std::string lines =
      "noise, no JSON\n"
      "{\"type\":\"text\",\"part\":{\"text\":\"one\"}}\n"
      "{\"type\":\"step\",\"part\":{\"tokens\":{\"input\":10,\"output\":3,\"cache\":{\"read\":5}},\"cost\":0.25}}\n"
      "{\"type\":\"step\",\"part\":{\"tokens\":{\"input\":1,\"output\":1,\"cache\":{\"read\":0}},\"cost\":\"0.5\"}}\n"
      "{\"type\":\"text\",\"part\":{\"text\":\"two\"}}\n{\"type\":\"end\"}";
  for (const std::size_t piece : {1u, 7u, 1000u}) {
    const AgentOutput output = read(spec, lines, piece);
    EXPECT_EQ(output.said(), "one\ntwo");
    EXPECT_FALSE(output.error());
    EXPECT_TRUE(output.is_done());
    EXPECT_EQ(output.usage().input.value, 16);
    EXPECT_EQ(output.usage().cached.value, 5);
    EXPECT_EQ(output.usage().output.value, 4);
    EXPECT_EQ(output.usage().money.value, 750'000);
  }
  const AgentOutput failed = read(spec, "{\"type\":\"error\",\"error\":{\"message\":\"no key\"}}\n");
  EXPECT_EQ(failed.error(), "no key");
  EXPECT_FALSE(failed.is_done());
}

TEST(AgentOutput, TheLastUsageCountsWhereItIsNotASum) {
  OutputSpec spec;
  spec.format = OutputFormat::json_lines;
  spec.output_tokens = {"/n"};
  EXPECT_EQ(read(spec, "{\"n\":1}\n{\"other\":9}\n{\"n\":5}\n").usage().output.value, 5);
}

TEST(AgentOutput, OneDocumentMayHaveManyLines) {
  OutputSpec spec;
  spec.format = OutputFormat::json;
  spec.said = {"/0/a~1b"};
  EXPECT_EQ(read(spec, "[\n {\"a/b\":\n \"x\"} ]\n").said(), "x");
}

TEST(AgentOutput, TextIsReadByRegularExpressions) {
  OutputSpec spec;
  spec.error = {"(?m)^ERROR: (.*)$"};
  spec.cost_usd = {"Cost: \\$([0-9.]+) message"};
  const AgentOutput output = read(spec, "hello\nCost: $0.10 message\nCost: $0.02 message\nERROR: boom\n");
  EXPECT_EQ(output.usage().money.value, 20'000);
  EXPECT_EQ(output.error(), "boom");
  EXPECT_EQ(output.said().substr(0, 5), "hello");
  OutputSpec empty;
  empty.said = {"()"};
  EXPECT_EQ(read(empty, "x").said(), "\n") << "an empty match ends it";
}

TEST(AgentOutput, WrongSelectorsAreNamed) {
  const auto error = [](OutputFormat format, const std::string& selector) {
    OutputSpec spec;
    spec.format = format;
    spec.said = {selector};
    const auto checked = check(spec);
    return checked ? "" : checked.error().message();
  };
  EXPECT_NE(error(OutputFormat::json, "usage/x").find("\"usage/x\""), std::string::npos);
  EXPECT_NE(error(OutputFormat::json_lines, "/type /x"), "");
  EXPECT_NE(error(OutputFormat::text, "(").find("\"(\""), std::string::npos);
  EXPECT_NE(error(OutputFormat::text, "no group").find("group"), std::string::npos);
  EXPECT_EQ(error(OutputFormat::json_lines, "/type=x /y"), "");
}

}  // namespace
}  // namespace skein::agents
