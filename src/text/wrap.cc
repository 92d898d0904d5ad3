#include "text/wrap.h"

#include <algorithm>

namespace skein::text {

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string wrap(std::string_view text, std::size_t width, std::string_view indent) {
  std::string out;
  std::string line;
  const auto end_line = [&] {
    if (line.empty()) return;
    out.append(indent).append(line).append("\n");
    line.clear();
  };
  const std::size_t room = width > columns_of(indent) ? width - columns_of(indent) : 1;
  while (!text.empty()) {
    std::string_view source = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), source.size() + 1));
    if (source.empty()) {
      end_line();
      std::string_view blank = indent;
      while (blank.ends_with(' ')) blank.remove_suffix(1);
      out.append(blank).append("\n");
      continue;
    }
    if (source.starts_with("  ")) {
      end_line();
      out.append(indent).append(source).append("\n");
      continue;
    }
    while (!source.empty()) {
      const std::string_view word = source.substr(0, source.find(' '));
      source.remove_prefix(std::min(source.size(), word.size() + 1));
      if (word.empty()) continue;
      if (!line.empty() && columns_of(line) + 1 + columns_of(word) > room) end_line();
      if (!line.empty()) line += ' ';
      line += word;
    }
  }
  end_line();
  return out;
}

}  // namespace skein::text
