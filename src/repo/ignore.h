// Git's ignore rules, as `git check-ignore` answers them: .gitignore in each folder, .git/info/exclude, the user's own
// file; and .skeinignore with the same syntax, which wins over all of them and over what is tracked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "repo/glob.h"

namespace skein::repo {

enum class Verdict : std::uint8_t { none, ignored, included };

/// The rules of one file.
class IgnoreRules {
 public:
  /// Any bytes are rules; lines that make no sense match nothing, as in git.
  [[nodiscard]] static IgnoreRules parse(std::string_view text);

  /// What the last rule that matches says of `path`, which is relative to the folder that the rules stand in.
  [[nodiscard]] Verdict match(std::string_view path, bool is_folder) const;
  [[nodiscard]] bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    std::string plain;         ///< The pattern up to its first special character.
    std::optional<Glob> rest;  ///< What follows it; nothing for a plain pattern.
    bool negated = false;
    bool folders_only = false;
    bool name_only = false;  ///< No slash in it: matches the last part of a path, in any folder below.
    bool suffix = false;     ///< "*" and plain text: `plain` is that text.
  };
  static std::optional<Rule> parse_line(std::string_view line);
  static bool matches(const Rule& rule, std::string_view path, std::string_view name);

  std::vector<Rule> rules_;
};

/// The rules that hold where a walk stands: one stack for git's files and one for skein's, deepest last.
class IgnoreStack {
 public:
  /// Adds rules whose folder is the first `base_length` bytes of all paths asked from now on (0, or with the final
  /// "/").
  void push_git(IgnoreRules rules, std::size_t base_length);
  void push_skein(IgnoreRules rules, std::size_t base_length);

  /// To go back to when the walk leaves a folder.
  struct Mark {
    std::size_t git = 0;
    std::size_t skein = 0;
  };
  [[nodiscard]] Mark mark() const { return {git_.size(), skein_.size()}; }
  void pop_to(Mark mark);

  /// What the rules say of a path itself; whether a folder above it is ignored is the walk's to know. O(rules).
  [[nodiscard]] Verdict git(std::string_view path, bool is_folder) const { return ask(git_, path, is_folder); }
  [[nodiscard]] Verdict skein(std::string_view path, bool is_folder) const { return ask(skein_, path, is_folder); }

 private:
  struct Layer {
    IgnoreRules rules;
    std::size_t base_length;
  };
  static Verdict ask(const std::vector<Layer>& layers, std::string_view path, bool is_folder);

  std::vector<Layer> git_;
  std::vector<Layer> skein_;
};

}  // namespace skein::repo
