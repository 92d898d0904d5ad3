#include "repo/symbols_json.h"

#include "text/json_string.h"

namespace skein::repo {

void append_symbols_json(std::string& out, std::string_view path, const FileFacts& facts) {
  for (const auto& symbol : facts.symbols) {
    const auto text = [&](std::string_view key, std::string_view value) {
      out += key;
      text::append_json_string(out, value);
    };
    text("{\"name\":", symbol.name);
    text(",\"kind\":", to_string(symbol.kind));
    text(",\"language\":", facts.language);
    text(",\"path\":", path);
    out += ",\"line\":" + std::to_string(symbol.line);
    out += ",\"end_line\":" + std::to_string(symbol.end_line);
    text(",\"scope\":", scope_of(facts, symbol));
    text(",\"signature\":", symbol.signature);
    text(",\"visibility\":", to_string(symbol.visibility));
    out += "}\n";
  }
}

}  // namespace skein::repo
