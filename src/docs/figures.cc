#include "docs/figures.h"

#include <array>
#include <charconv>

#include "text/quantity.h"

namespace skein::docs {

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && (count - i) % 3 == 0) out += ',';
    out += digits[i];
  }
}

void append_count(std::string& out, std::uint64_t value, std::string_view one, std::string_view many) {
  append_number(out, value);
  out += ' ';
  out += value == 1 ? one : many;
}

void append_size(std::string& out, std::uint64_t bytes) {
  out += text::format_bytes(Bytes{static_cast<std::int64_t>(bytes & 0x7fff'ffff'ffff'ffffU)});
}

void append_lines(std::string& out, std::uint32_t line, std::uint32_t end_line) {
  if (line == 0) return;
  out += end_line > line ? "lines " : "line ";
  append_number(out, line);
  if (end_line > line) {
    out += "–";
    append_number(out, end_line);
  }
}

}  // namespace skein::docs
