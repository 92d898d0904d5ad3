// Numbers as pages write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::docs {

/// "12,345".
void append_number(std::string& out, std::uint64_t value);
/// "1 file", "12,345 files".
void append_count(std::string& out, std::uint64_t value, std::string_view one, std::string_view many);
/// "999 B", "1.5 KB", "200 MB": KB = 1,000 bytes.
void append_size(std::string& out, std::uint64_t bytes);
/// "line 3", "lines 3–9"; nothing for line 0.
void append_lines(std::string& out, std::uint32_t line, std::uint32_t end_line);

}  // namespace skein::docs
