// Where a Markdown text names something: its code spans, and the targets of its links and pictures (also in raw HTML),
// and the words of commands in fenced code, with their place in the source. Other code and plain words are nobody's
// claim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein::prose {

enum class SpanKind : std::uint8_t {
  code,
  link,
  command,  ///< A word of a command line in fenced code that says it is a shell's.
};

struct Span {
  SpanKind kind{};
  std::size_t offset = 0;        ///< Of the first byte in the source; of a link, of its target.
  std::size_t size = 0;          ///< Bytes in the source.
  std::string text{};            ///< As the reader gets it: escapes and entities decoded.
  bool verbatim = true;          ///< `text` is what stands in the source, so that it can be replaced there.
  std::string label{};           ///< Of a link: its words.
  bool code_label = false;       ///< They are one code span.
  std::size_t label_offset = 0;  ///< Where they stand, when `label_verbatim`.
  bool label_verbatim = false;

  [[nodiscard]] std::size_t end() const { return offset + size; }
};

/// In the order of the source, each place once. Any bytes are fine. CommonMark with tables (md4c), time linear in the
/// text for what people write. Lines between `<!-- skein-lint-off -->` and `<!-- skein-lint-on -->`, and lines that
/// hold
/// `<!-- skein-lint-ignore -->`, give nothing.
[[nodiscard]] std::vector<Span> read_spans(std::string_view markdown);

/// Where an offset is, for people.
struct Place {
  std::size_t line = 1;    ///< 1-based.
  std::size_t column = 1;  ///< 1-based, in bytes.
};
[[nodiscard]] Place place_of(std::string_view text, std::size_t offset);

}  // namespace skein::prose
