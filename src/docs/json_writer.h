// Writes the site's JSON files: two spaces of indentation, so that a diff of an index can be read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "text/escape.h"
#include "text/json_string.h"

namespace skein::docs {

/// Keys are ours; texts are anybody's.
class JsonWriter {
 public:
  JsonWriter& open(char bracket) {
    out_ += bracket;
    ++depth_;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    --depth_;
    if (!first_) line();
    out_ += bracket;
    first_ = false;
    return *this;
  }
  JsonWriter& item() {
    if (!first_) out_ += ',';
    line();
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    item();
    ((out_ += '"') += name) += "\": ";
    return *this;
  }
  JsonWriter& text(std::string_view value) {
    text::append_json_string(out_, value);
    return *this;
  }
  JsonWriter& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonWriter& number(std::string_view name, std::uint64_t value) {
    key(name).out_ += std::to_string(value);
    return *this;
  }
  JsonWriter& flag(std::string_view name, bool value) {
    key(name).out_ += value ? "true" : "false";
    return *this;
  }
  // A path as people read it; its exact bytes beside it, where JSON cannot hold them.
  JsonWriter& path(std::string_view value) {
    text("path", text::display_path(value));
    if (text::is_utf8(value)) return *this;
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string hex;
    for (char c : value) {
      hex += kHex[static_cast<std::uint8_t>(c) >> 4];
      hex += kHex[static_cast<std::uint8_t>(c) & 0xf];
    }
    return text("path_hex", hex);
  }
  std::string take() { return std::move(out_ += '\n'); }

 private:
  void line() {
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace skein::docs
