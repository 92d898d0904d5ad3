// The name that somebody probably meant: for unknown commands, flags, fields and settings.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace skein::text {

/// Edits (insert, delete, replace, swap of neighbours) between two names; O(a * b). Names over 64 bytes are compared by
/// their first 64 bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the fewest edits from `name`, the first of equals; empty where none is near (more than a third
/// of the longer name's length, at least 2). One that begins with `name` counts as near.
[[nodiscard]] std::string_view nearest(std::string_view name, std::span<const std::string> candidates);

/// ` (did you mean "x"?)` or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace skein::text
