// Imports whose targets are written out in text: Rust's "use a::{b, c::d}", PHP's "use A\{B, C as D}", Java's and C#'s.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skein::repo {

/// "pub use a::{b, c::{d, self} as e};" with the words "pub", "use" gives "a::b", "a::c::d", "a::c". Leading words, an
/// alias
/// ("X = " before, " as X" behind), white space and the final ";" are taken out. At most 1,000, of at most 64 KB of
/// text.
[[nodiscard]] std::vector<std::string> expanded_import(std::string_view text, const std::vector<std::string>& words);

}  // namespace skein::repo
