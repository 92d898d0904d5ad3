// Any bytes are a log: its summary is the same however they are cut, and every rendering keeps its limit.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "summary/render.h"
#include "summary/summarizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  const std::string_view log(reinterpret_cast<const char*>(data), size);
  const summary::Summary made = summary::summarize(log);
  summary::Summarizer pieces;
  for (std::size_t at = 0; at < log.size(); at += 7) pieces.add(log.substr(at, 7));
  const summary::Summary same = pieces.finish();
  for (const auto& choice : summary::choices_of(summary::Format{})) {
    summary::RenderOptions options;
    options.format = choice.value;
    options.limit = Bytes{1024};
    const auto rendering = summary::render(made, options);
    SKEIN_CHECK(rendering.has_value());
    SKEIN_CHECK(rendering->text.size() <= 1024);
    SKEIN_CHECK(rendering->text == summary::render(same, options)->text);
  }
  return 0;
}
