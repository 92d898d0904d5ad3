// The renderings for programs: each is read back by rules of its format, for logs of many kinds and at every limit.
#include "summary/render_records.h"

#include <array>
#include <random>

#include <gtest/gtest.h>

#include "summary/render.h"
#include "summary/summarizer.h"

namespace skein::summary {
namespace {

using engine::Json;

constexpr std::array<std::string_view, 9> kLines{"a b/c d.c:3:5: error: 'x' undeclared <here> & \"there\"",
                                                 "C:\\work\\main.cpp(7): error C2065: 'y': undeclared identifier",
                                                 "/build/src/main.c:9:1: warning: unused, 100% sure: 'z' [-Wunused]",
                                                 "FAILED tests/test_a.py::test_b[\xc3\xa9<&>]",
                                                 "E   assert 1 == 2\t]]> --> <!--",
                                                 "==1==ERROR: AddressSanitizer: heap-use-after-free on address",
                                                 "make: *** [Makefile:2: a.o] Error 1",
                                                 "\xef\xbf\xbe\xff\xfe not characters",
                                                 "plain words"};

std::string some_log(std::mt19937& random) {
  std::string log;
  for (std::size_t i = 0, most = random() % 120; i < most; ++i) {
    log += kLines[random() % kLines.size()];
    if (random() % 8 == 0) log += static_cast<char>(random() & 0xff);
    log += '\n';
  }
  return log;
}

RunFacts ended(int exit_code) {
  RunFacts facts;
  facts.exit_code = exit_code;
  return facts;
}

std::string rendered(const Summary& summary, Format format, std::int64_t limit) {
  RenderOptions options;
  options.format = format;
  options.limit = Bytes{limit};
  const auto rendering = render(summary, options);
  EXPECT_TRUE(rendering.has_value());
  return rendering ? rendering->text : "";
}

bool is_uri_reference(std::string_view uri) {
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const char c = uri[i];
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-._~/+,=@()").contains(c);
    const bool in_scheme = c == ':' && uri.starts_with("file:///") && i < 12;
    const auto hex = [&](std::size_t at) { return at < uri.size() && std::isxdigit(uri[at]) != 0; };
    if (!plain && !in_scheme && !(c == '%' && hex(i + 1) && hex(i + 2))) return false;
  }
  return !uri.empty();
}

// What the schema of SARIF 2.1.0 asks of the objects that we write.
void expect_sarif(const std::string& text) {
  const Json log = Json::parse(text, nullptr, false);
  ASSERT_TRUE(log.is_object()) << text;
  EXPECT_EQ(log["version"], "2.1.0");
  ASSERT_EQ(log["runs"].size(), 1U);
  const Json& run = log["runs"][0];
  EXPECT_TRUE(run["tool"]["driver"]["name"].is_string());
  for (const Json& result : run["results"]) {
    EXPECT_FALSE(result["ruleId"].get<std::string>().empty());
    EXPECT_TRUE(result["level"] == "error" || result["level"] == "warning");
    EXPECT_TRUE(result["message"]["text"].is_string());
    if (!result.contains("locations")) continue;
    const Json& place = result["locations"][0]["physicalLocation"];
    EXPECT_TRUE(is_uri_reference(place["artifactLocation"]["uri"].get<std::string>())) << place.dump();
    if (!place.contains("region")) continue;
    EXPECT_GE(place["region"]["startLine"].get<int>(), 1);
    EXPECT_GE(place["region"].value("startColumn", 1), 1);
  }
}

/// Reads XML as far as JUnit's files use it: elements that close, quoted attributes, the five entities, allowed
/// characters. The names of the elements in order, or nothing where it is not well-formed.
std::vector<std::string> elements_of(std::string_view xml) {
  std::vector<std::string> open, all;
  const auto text_is_right = [](std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c < 0x20 && c != '\t' && c != '\n') return false;
      if (text.substr(i).starts_with("\xef\xbf\xbe") || text.substr(i).starts_with("\xef\xbf\xbf")) return false;
      if (c == '<') return false;
      if (c != '&') continue;
      const std::string_view entity = text.substr(i, text.find(';', i) - i + 1);
      if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;" && entity != "&#39;")
        return false;
    }
    return true;
  };
  const std::size_t head = xml.find("?>\n");
  if (!xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")) return {};
  xml.remove_prefix(head + 3);
  while (!xml.empty()) {
    const std::size_t tag = std::min(xml.find('<'), xml.size());
    if (!text_is_right(xml.substr(0, tag)) || xml.substr(0, tag).contains("]]>")) return {};
    xml.remove_prefix(tag);
    if (xml.empty()) break;
    std::size_t end = 1;
    for (bool quoted = false; end < xml.size() && (quoted || xml[end] != '>'); ++end)
      if (xml[end] == '"') quoted = !quoted;
    if (end == xml.size()) return {};
    std::string_view inside = xml.substr(1, end - 1);
    xml.remove_prefix(end + 1);
    if (inside.starts_with('/')) {
      if (open.empty() || open.back() != inside.substr(1)) return {};
      open.pop_back();
      continue;
    }
    const bool closed = inside.ends_with('/');
    if (closed) inside.remove_suffix(1);
    const std::string name(inside.substr(0, inside.find(' ')));
    inside.remove_prefix(name.size());
    while (!inside.empty()) {
      const std::size_t equals = inside.find("=\"");
      const std::size_t quote = inside.find('"', equals == std::string_view::npos ? equals : equals + 2);
      if (quote == std::string_view::npos || !text_is_right(inside.substr(equals + 2, quote - equals - 2))) return {};
      inside.remove_prefix(quote + 1);
    }
    all.push_back(name);
    if (!closed) open.push_back(name);
  }
  return open.empty() ? all : std::vector<std::string>();
}

TEST(RenderRecords, WriteSarifAsItsSchemaAsksAtAnyLimit) {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    const Summary summary = summarize(some_log(random), ended(1));
    for (const std::int64_t limit : {512, 2048, 200'000}) expect_sarif(rendered(summary, Format::sarif, limit));
  }
}

TEST(RenderRecords, WritePathsInSarifAsUris) {
  const Summary summary = summarize("a b/c#d.c:3:5: error: no\n/build/m.c:1:2: error: no\n", ended(1));
  const std::string text = rendered(summary, Format::sarif, 10'000);
  EXPECT_TRUE(text.contains("\"a%20b/c%23d.c\"")) << text;
  EXPECT_TRUE(text.contains("\"file:///build/m.c\"")) << text;
}

TEST(RenderRecords, WriteJunitXmlThatAParserReadsAtAnyLimit) {
  std::mt19937 random(12);
  for (int round = 0; round < 60; ++round) {
    const Summary summary = summarize(some_log(random), ended(1));
    for (const std::int64_t limit : {512, 2048, 200'000}) {
      const std::string text = rendered(summary, Format::junit, limit);
      const auto elements = elements_of(text);
      ASSERT_GE(elements.size(), 3U) << text;
      EXPECT_EQ(elements[0], "testsuites");
      EXPECT_EQ(elements[1], "testsuite");
      EXPECT_EQ(elements[2], "testcase");
    }
  }
}

TEST(RenderRecords, SayInJunitThatARunFailedOfWhichNothingElseIsKnown) {
  const std::string text = rendered(summarize("words\n", ended(3)), Format::junit, 10'000);
  EXPECT_TRUE(text.contains("<error ")) << text;
  EXPECT_FALSE(rendered(summarize("words\n", ended(0)), Format::junit, 10'000).contains("<error "));
}

TEST(RenderRecords, WriteOneWorkflowCommandALineForGithub) {
  std::mt19937 random(13);
  for (int round = 0; round < 60; ++round) {
    const std::string text = rendered(summarize(some_log(random), ended(1)), Format::github, 4096);
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      EXPECT_TRUE(line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::error::") ||
                  line.starts_with("::warning::") || line.starts_with("::notice::"))
          << line;
      const std::size_t message = line.find("::", 2);
      ASSERT_NE(message, std::string::npos);
      // Properties have their own ":" and "," escaped: what is left of them separates.
      for (const std::string_view one : {"file=", "line=", "col=", "title="}) {
        const std::size_t place = line.find(one);
        if (place >= message) continue;
        EXPECT_TRUE(line[place - 1] == ' ' || line[place - 1] == ',') << line;
      }
    }
  }
}

TEST(RenderRecords, GiveJsonWithTheDocumentedFieldsAtAnyLimit) {
  std::mt19937 random(14);
  for (int round = 0; round < 60; ++round) {
    const Summary summary = summarize(some_log(random), ended(1));
    for (const std::int64_t limit : {1024, 4096, 400'000}) {
      const Json json = Json::parse(rendered(summary, Format::json, limit), nullptr, false);
      ASSERT_TRUE(json.is_object());
      EXPECT_EQ(json["schema"], "skein.summary/1");
      EXPECT_EQ(json["verdict"], "fail");
      EXPECT_TRUE(json["failures"].is_array());
      EXPECT_LE(json["failures"].size(), json["failures_total"].get<std::size_t>());
    }
  }
}

}  // namespace
}  // namespace skein::summary
