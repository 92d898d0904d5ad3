// Markdown as a linter reads it: any bytes give spans that lie in the text, in order, and claims that fit them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "prose/anchors.h"
#include "prose/claim.h"
#include "prose/markdown_spans.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::prose;
  if (size > 8'192) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t last = 0;
  for (const auto& span : read_spans(text)) {
    SKEIN_CHECK(span.offset >= last && span.end() <= text.size());
    last = span.offset;
    if (span.verbatim) SKEIN_CHECK(text.substr(span.offset, span.size) == span.text);
    if (span.label_verbatim) SKEIN_CHECK(text.substr(span.label_offset, span.label.size()) == span.label);
    const auto claim = read_claim(span, [](std::string_view extension) { return !extension.empty(); });
    if (claim.path) {
      SKEIN_CHECK((!claim.path->path.empty() || !claim.path->anchor.empty()) &&
                  claim.path->path_size + claim.path->rest.size() == span.text.size());
      SKEIN_CHECK(span.kind != SpanKind::link ||
                  percent_decoded(percent_encoded(claim.path->path)) == claim.path->path);
    }
    if (claim.symbol) SKEIN_CHECK(!claim.symbol->name.empty());
  }
  static_cast<void>(anchors_of(text));
  // A span's own words, whatever they are.
  static_cast<void>(path_in_code(text));
  static_cast<void>(symbol_in_code(text));
  static_cast<void>(path_in_link(text));
  return 0;
}
