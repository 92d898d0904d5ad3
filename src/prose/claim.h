// What a span of a Markdown text says of the repository: that a path, a line of a file or a symbol is there. Most spans
// say nothing of the kind (flags, commands, globs, URLs, values), and give no claim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prose/markdown_spans.h"

namespace skein::prose {

/// "src/a.cc:10-20", "docs/", "../a.md#L3", "app.py::create", "#heading" (of the page itself: without a path).
struct PathClaim {
  std::string path;     ///< As written, percent-decoded in a link; without a final "/".
  bool folder = false;  ///< Written with a final "/".
  bool link = false;    ///< A link's target: always a claim. Of a code span it depends on what the repository is like.
  std::uint32_t line = 0;       ///< 0: none is named.
  std::uint32_t last_line = 0;  ///< Of a range; 0: none.
  std::string symbol;           ///< That the path is said to hold; may be empty.
  std::string anchor;           ///< Of a link: its fragment, percent-decoded, where it names no line.
  bool command = false;         ///< A word of a command.
  std::size_t path_size = 0;    ///< Bytes that the path takes in the span's text, a final "/" left out.
  std::string_view rest;        ///< What follows it there: ":10", "#L3-L4", "?raw=true#L3"; views the span's text.
};

/// "Scope::name", "name()", "OldName".
struct SymbolClaim {
  std::vector<std::string> scopes;
  std::string name;
  bool call = false;  ///< Written with "()".
};

struct Claim {
  std::optional<PathClaim> path;
  std::optional<SymbolClaim> symbol;
};

/// Reads a span; both empty: it claims nothing. `has_extension` tells which extensions (with their dot) files of the
/// repository or of known languages have: "a.size" is a symbol, "a.py" a path. `span` outlives the claim.
template <class HasExtension>
[[nodiscard]] Claim read_claim(const Span& span, HasExtension&& has_extension);

/// The parts of `read_claim`.
[[nodiscard]] std::optional<PathClaim> path_in_link(std::string_view target);
[[nodiscard]] std::optional<PathClaim> path_in_code(std::string_view text);
[[nodiscard]] std::optional<SymbolClaim> symbol_in_code(std::string_view text);
/// ".cc" of "src/a.cc"; empty where there is none.
[[nodiscard]] std::string_view extension_of(std::string_view path);
[[nodiscard]] std::string percent_decoded(std::string_view text);
/// As a link's target: what a target cannot hold is encoded.
[[nodiscard]] std::string percent_encoded(std::string_view path);
/// True if a part of the path stands for anything: "path/to/file", "NAME/x", "foo.py".
[[nodiscard]] bool is_placeholder(std::string_view path);
/// True for the first name of what is outside: "std".
[[nodiscard]] bool is_external_scope(std::string_view name);

template <class HasExtension>
Claim read_claim(const Span& span, HasExtension&& has_extension) {
  Claim claim;
  if (span.kind == SpanKind::link) {
    claim.path = path_in_link(span.text);
    return claim;
  }
  claim.path = path_in_code(span.text);
  if (span.kind == SpanKind::command) {
    if (claim.path && (!claim.path->rest.empty() || claim.path->folder)) claim.path.reset();
    if (claim.path) claim.path->command = true;
    return claim;
  }
  if (claim.path && !claim.path->path.contains('/') && !claim.path->folder &&
      !has_extension(extension_of(claim.path->path)))
    claim.path.reset();
  if (!claim.path) claim.symbol = symbol_in_code(span.text);
  return claim;
}

}  // namespace skein::prose
