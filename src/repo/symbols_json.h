// The lines of `skein symbols --json`.
#pragma once

#include <string>
#include <string_view>

#include "repo/facts.h"

namespace skein::repo {

/// Appends one line per symbol of the file: `name, kind, language, path, line, end_line, scope, signature, visibility`.
/// Valid JSON for any bytes; what is no UTF-8 becomes U+FFFD.
void append_symbols_json(std::string& out, std::string_view path, const FileFacts& facts);

}  // namespace skein::repo
