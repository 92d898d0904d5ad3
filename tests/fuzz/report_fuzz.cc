// Any bytes may stand in a report of JUnit's or SARIF's form, or in a line of JSON: reading them ends, and gives the
// same however they are cut.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "summary/render.h"
#include "summary/summarizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  constexpr std::array<std::string_view, 5> kBeginnings{
      "", "<testsuites><testsuite><testcase name=\"a\"><failure>",
      R"({"$schema":"sarif","version":"2.1.0","runs":[{"results":[{"level":"error","message":{"text":")",
      R"({"$message_type":"diagnostic","level":"error","message":")", R"({"Time":"","Action":"output","Output":")"};
  if (size == 0) return 0;
  const std::string log = std::string(kBeginnings[data[0] % kBeginnings.size()]) +
                          std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
  const summary::Summary made = summary::summarize(log);
  summary::Summarizer pieces;
  for (std::size_t at = 0; at < log.size(); at += 5) pieces.add(std::string_view(log).substr(at, 5));
  summary::RenderOptions options;
  options.format = summary::Format::json;
  const auto one = summary::render(made, options), other = summary::render(pieces.finish(), options);
  SKEIN_CHECK(one.has_value() && other.has_value());
  SKEIN_CHECK(one->text == other->text);
  return 0;
}
