// Lines by which tools talk to programs, as people would have been told: diagnostics of rustc and cargo
// (--message-format=json, --error-format=json) and what `go test -json` passes on of tests' output.
#pragma once

#include <string>
#include <string_view>

namespace skein::summary {

/// Whether `raw` begins like such a line. Constant time.
[[nodiscard]] bool may_be_json_line(std::string_view raw);

/// Replaces `out` by what the line says ("a.rs:1:26: error: mismatched types [E0308]"), as it stands in the line: it
/// may hold escape sequences. False, and `out` is left alone, where it is no such line or says nothing to people.
/// Linear.
[[nodiscard]] bool told_in_json(std::string_view raw, std::string& out);

}  // namespace skein::summary
