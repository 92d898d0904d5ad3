// From the bytes of a file to its facts.
#pragma once

#include <string_view>

#include "base/result.h"
#include "repo/facts.h"
#include "repo/languages.h"

namespace skein::repo {

/// Bounds of one extraction. What meets one is `cut`: lines are counted, and what was found so far is kept.
struct ExtractLimits {
  std::size_t parsed_bytes = 8 << 20;  ///< Larger files are not parsed; nor are files full of NUL bytes.
  std::size_t symbols = 50'000;        ///< Symbols, and imports, of a file.
  std::size_t names = 20'000;          ///< Different names that it uses.
  std::size_t signature_bytes = 400;   ///< Longer signatures end in "…".
  std::size_t work_per_byte = 6;  ///< Parser operations (source takes 0.3 to 2); counted, not timed: a pure function.
  std::size_t work = 1'000'000;   ///< Added to that, for small files.
};

/// The facts of a file in `language`. Any bytes are fine: symbols survive errors in the source, invalid UTF-8 is kept
/// as it is. A pure function of its arguments; thread-safe (each thread has a parser of its own). 5-10 MB/s. Errors:
/// `internal` where the language's data and its grammar disagree.
[[nodiscard]] Result<FileFacts> extract(const Language& language, std::string_view bytes,
                                        const ExtractLimits& limits = {});

/// Parses, and throws the tree away: the least that any extraction takes, for benchmarks. False for a language without
/// a grammar.
[[nodiscard]] bool parse_only(const Language& language, std::string_view bytes);

/// The facts of a file in no known language: its lines.
[[nodiscard]] FileFacts count_only(std::string_view bytes);

}  // namespace skein::repo
