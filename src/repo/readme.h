// What a README says first: its title and its first paragraph, as plain text. Markdown, reStructuredText, AsciiDoc and
// plain text alike.
#pragma once

#include <string>
#include <string_view>

namespace skein::repo {

struct Readme {
  std::string title;      ///< Of the first heading; may be empty.
  std::string paragraph;  ///< The first prose after it, white space folded, at most about 600 bytes; may be empty.
};

/// Reads any bytes.
[[nodiscard]] Readme read_readme(std::string_view text);

/// One line of Markdown without its marks: links and images by their text, no emphasis, no tags.
[[nodiscard]] std::string without_markup(std::string_view line);

}  // namespace skein::repo
