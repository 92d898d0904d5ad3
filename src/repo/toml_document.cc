#include "repo/toml_document.h"

#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

// toml++ 3.3 asserts, and with NDEBUG assumes, that "[" is followed by a key before it looks whether it is: "[=]" would
// end the program. Without the assertion its own error follows. Exceptions, caught below, keep these symbols apart from
// those of files that include it otherwise.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace skein::repo {
namespace {

using nlohmann::json;

// toml++ 3.3 calls it unreachable that U+FB26 to U+FEFE (Hebrew and Arabic forms, variation selectors) stand where white
// space could. They travel through it as characters for private use, 0xF0000 further on, of which it thinks nothing.
constexpr unsigned kFirst = 0xFB26;
constexpr unsigned kLast = 0xFEFE;
constexpr std::size_t kShort = 3;  // Bytes of such a character,
constexpr std::size_t kLong = 4;   // and of its stand-in.

unsigned bits(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]) & 0x3fu; }

std::string shielded(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool candidate = text[at] == '\xef' && at + kShort <= text.size();
    const unsigned point = candidate ? 0xf000u | bits(text, at + 1) << 6 | bits(text, at + 2) : 0;
    if (point < kFirst || point > kLast) {
      safe += text[at];
      continue;
    }
    safe += {'\xf3', static_cast<char>(0x80u | (0x30u | point >> 12)), text[at + 1], text[at + 2]};
    at += kShort - 1;
  }
  return safe;
}

std::string unshielded(std::string_view text) {
  std::string original;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool candidate = text.substr(at).starts_with("\xf3\xbf") && at + kLong <= text.size();
    const unsigned point = candidate ? 0xf000u | bits(text, at + 2) << 6 | bits(text, at + 3) : 0;
    if (point < kFirst || point > kLast) {
      original += text[at];
      continue;
    }
    original += {'\xef', text[at + 2], text[at + 3]};
    at += kLong - 1;
  }
  return original;
}

// toml++ refuses documents nested deeper than its limit (256), so this recursion is bounded.
json converted(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    json object = json::object();
    for (const auto& [key, value] : *table) object[unshielded(key.str())] = converted(value);
    return object;
  }
  if (const auto* array = node.as_array()) {
    json list = json::array();
    for (const auto& value : *array) list.push_back(converted(value));
    return list;
  }
  if (const auto* text = node.as_string()) return unshielded(text->get());
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  std::ostringstream out;
  if (const auto* date = node.as_date()) out << date->get();
  if (const auto* time = node.as_time()) out << time->get();
  if (const auto* moment = node.as_date_time()) out << moment->get();
  return out.str();
}

}  // namespace

Result<json> parse_toml(std::string_view text) {
  try {
    return converted(toml::parse(shielded(text)));
  } catch (const toml::parse_error& error) {
    return fail(Code::invalid_argument, "line {}: {}", error.source().begin.line, unshielded(error.description()));
  }
}

}  // namespace skein::repo
