#include "text/toml.h"

#include <utility>
#include <vector>

namespace skein::text {
namespace {

// toml++ 3.3 calls it unreachable that some letters (U+00A1 to U+0499, U+FB26 to U+FEFE and others) stand where white
// space could. All from U+00A0 to U+FEFE travel through it as characters for private use, 0xF0000 further on, of which
// it thinks nothing.

constexpr unsigned kFirst = 0xA0;
constexpr unsigned kLast = 0xFEFE;
constexpr std::size_t kLong = 4;  // Bytes of a stand-in.

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
}
bool follows(unsigned byte) { return (byte & 0xc0u) == 0x80u; }
char tail(unsigned point, unsigned shift) { return static_cast<char>(0x80u | (point >> shift & 0x3fu)); }

/// Such letters replaced. Bytes that are no UTF-8 stay as they are, for toml++ to refuse.
std::string shielded(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const unsigned first = byte_at(text, at), second = byte_at(text, at + 1), third = byte_at(text, at + 2);
    unsigned point = 0;
    std::size_t length = 1;
    if (first >= 0xc2 && first < 0xe0 && follows(second)) {
      point = (first & 0x1fu) << 6 | (second & 0x3fu);
      length = 2;
    } else if (first >= 0xe0 && first < 0xf0 && follows(second) && follows(third)) {
      point = (first & 0x0fu) << 12 | (second & 0x3fu) << 6 | (third & 0x3fu);
      length = 3;
    }
    const bool is_surrogate = point >= 0xd800 && point < 0xe000;
    if (point < kFirst || point > kLast || is_surrogate || (length == 3 && point < 0x800)) {
      safe += text[at];  // Also a byte that is no UTF-8, which toml++ is to refuse.
      continue;
    }
    safe += {'\xf3', static_cast<char>(0xb0u | point >> 12), tail(point, 6), tail(point, 0)};
    at += length - 1;
  }
  return safe;
}

/// A key or value from toml++: the letters put back.
std::string unshielded(std::string_view text) {
  std::string original;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_stand_in = text[at] == '\xf3' && byte_at(text, at + 1) >= 0xb0 && at + kLong <= text.size();
    if (!is_stand_in) {
      original += text[at];
      continue;
    }
    const unsigned point =
        (byte_at(text, at + 1) & 0x0fu) << 12 | (byte_at(text, at + 2) & 0x3fu) << 6 | (byte_at(text, at + 3) & 0x3fu);
    if (point >= 0x800)
      original += {static_cast<char>(0xe0u | point >> 12), tail(point, 6), tail(point, 0)};
    else
      original += {static_cast<char>(0xc0u | point >> 6), tail(point, 0)};
    at += kLong - 1;
  }
  return original;
}

void restore(toml::table& table);

void restore(toml::node& node) {
  if (auto* text = node.as_string()) text->get() = unshielded(text->get());
  if (auto* table = node.as_table()) restore(*table);
  if (auto* array = node.as_array())
    for (toml::node& item : *array) restore(item);
}

void restore(toml::table& table) {
  std::vector<std::pair<toml::key, toml::key>> renamed;
  for (auto&& [key, value] : table) {
    restore(value);
    if (std::string name = unshielded(key.str()); name != key.str())
      renamed.emplace_back(key, toml::key(std::move(name), key.source()));
  }
  for (const auto& [stand_in, key] : renamed) {
    table.insert_or_assign(key, std::move(*table.get(stand_in.str())));
    table.erase(stand_in.str());
  }
}

}  // namespace

std::expected<toml::table, TomlFault> parse_toml(std::string_view text) {
  try {
    toml::table document = toml::parse(shielded(text));
    restore(document);
    return document;
  } catch (const toml::parse_error& error) {
    const toml::source_position& at = error.source().begin;
    return std::unexpected(TomlFault{unshielded(error.description()), at.line, at.column});
  }
}

}  // namespace skein::text
