// Recognisers as data: how each tool's output is told apart, and which of its lines are failures, warnings, counts, and
// consequences. Files of data/formats/ (built in) and .skein/formats/ (a user's own, after `skein trust`); the language
// of these files is in docs/summaries.md.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace skein::summary {

struct FormatRule;

/// A file of rules: its path for errors, and its bytes.
struct FormatFile {
  std::string path;
  std::string bytes;
};

/// Rules of all tools, ready to be matched. Immutable, thread-safe.
class Formats {
 public:
  /// The built-in rules and after them the user's; a user's file named as a built-in one replaces it. Errors:
  /// `invalid_argument` naming the file, the line and the mistake: no TOML, an unknown key, a pattern that does not
  /// compile, two rules of one name.
  [[nodiscard]] static Result<std::unique_ptr<Formats>> with(std::span<const FormatFile> own);
  /// Such files without the built-in rules. Errors: as `with`.
  [[nodiscard]] static Result<std::unique_ptr<Formats>> only(std::span<const FormatFile> own);
  ~Formats();
  Formats(const Formats&) = delete;
  Formats& operator=(const Formats&) = delete;

  struct Tool {
    std::string name;
    std::string description;
  };
  /// Sorted by name.
  [[nodiscard]] std::span<const Tool> tools() const;

  class Tables;
  [[nodiscard]] const Tables& tables() const { return *tables_; }

 private:
  [[nodiscard]] static Result<std::unique_ptr<Formats>> make(bool with_builtin, std::span<const FormatFile> own);
  Formats();
  std::unique_ptr<Tables> tables_;
};

/// The rules of data/formats/, made when first asked for.
[[nodiscard]] const Formats& builtin_formats();

}  // namespace skein::summary
