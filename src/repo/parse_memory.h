// Memory for tree-sitter: each thread has its own, in a few sizes, without locks. A parse makes and drops some hundred
// thousand small pieces; the system's allocator takes a tenth of the time of a large run for them, and they lie between
// what lives longer, so that little of it can be given back.
#pragma once

#include <cstddef>

namespace skein::repo {

/// Lets tree-sitter take its memory here. Before the first parser is made; once for the process. Builds that watch
/// addresses keep the system's allocator.
void use_parse_memory();

/// What this thread holds for parsing, used or not, but for pieces too large for it.
[[nodiscard]] std::size_t parse_memory_held();

/// Gives back what this thread holds, if none of it is in use. False: some is.
bool release_parse_memory();

/// As tree-sitter calls them. What one thread took another may free.
[[nodiscard]] void* take_parse_memory(std::size_t size);
[[nodiscard]] void* resize_parse_memory(void* piece, std::size_t size);
void free_parse_memory(void* piece);

}  // namespace skein::repo
