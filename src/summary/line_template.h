// The template of a line: its words with what varies masked. After the preprocessing and fixed-depth grouping of Drain
// (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017), with one difference:
// its tree and similarity threshold are replaced by a hash of the masked words, so that a line costs one pass and no
// memory, and the template of a line does not depend on the lines before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::summary {

/// Digits and what is joined to them (numbers, hashes, versions, times) become "#", runs of white space one blank.
[[nodiscard]] std::string masked(std::string_view line);

/// A hash of the first 32 pieces of a line's first 512 bytes: what stands between white space and what varies. Long
/// runs of digits within words vary, too, so that "segment_1704.o" is like "segment_412.o"; white space does not count.
/// The same on all machines of one byte order. Linear, no allocation.
[[nodiscard]] std::uint64_t template_of(std::string_view line);

}  // namespace skein::summary
