#include "repo/ignore.h"

#include <algorithm>
#include <utility>

namespace skein::repo {
namespace {

// Spaces at the end do not count unless a "\" stands before them; tabs do.
std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t end = 0;  // Behind the last character that counts.
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      if (++i == line.size()) return line;
      end = i + 1;
    } else if (line[i] != ' ') {
      end = i + 1;
    }
  }
  return line.substr(0, end);
}

}  // namespace

IgnoreRules IgnoreRules::parse(std::string_view text) {
  IgnoreRules rules;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text = newline == text.npos ? std::string_view{} : text.substr(newline + 1);
    if (line.starts_with('#')) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = without_trailing_spaces(line.substr(0, line.find('\0')));
    if (line.empty()) continue;
    if (auto rule = parse_line(line)) rules.rules_.push_back(std::move(*rule));
  }
  return rules;
}

std::optional<IgnoreRules::Rule> IgnoreRules::parse_line(std::string_view pattern) {
  Rule rule;
  if (pattern.starts_with('!')) {
    rule.negated = true;
    pattern.remove_prefix(1);
  }
  if (pattern.ends_with('/')) {
    rule.folders_only = true;
    pattern.remove_suffix(1);
  }
  rule.name_only = pattern.find('/') == pattern.npos;
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  if (pattern.empty()) return std::nullopt;
  if (rule.name_only && pattern.starts_with('*') && plain_length(pattern.substr(1)) == pattern.size() - 1) {
    rule.suffix = true;
    rule.plain = pattern.substr(1);
    return rule;
  }
  // As in git, the plain beginning is compared and taken away first; "**" right after it counts as one that begins.
  const std::size_t plain = plain_length(pattern);
  rule.plain = pattern.substr(0, plain);
  if (plain != pattern.size())
    rule.rest.emplace(pattern.substr(plain), rule.name_only ? Glob::Slash::is_plain : Glob::Slash::separates);
  return rule;
}

bool IgnoreRules::matches(const Rule& rule, std::string_view path, std::string_view name) {
  if (rule.suffix) return name.ends_with(rule.plain);
  const std::string_view text = rule.name_only ? name : path;
  if (!text.starts_with(rule.plain)) return false;
  const std::string_view rest = text.substr(rule.plain.size());
  return rule.rest ? rule.rest->matches(rest) : rest.empty();
}

Verdict IgnoreRules::match(std::string_view path, bool is_folder) const {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->folders_only && !is_folder) continue;
    if (matches(*rule, path, name)) return rule->negated ? Verdict::included : Verdict::ignored;
  }
  return Verdict::none;
}

void IgnoreStack::push_git(IgnoreRules rules, std::size_t base_length) {
  if (!rules.empty()) git_.push_back({std::move(rules), base_length});
}

void IgnoreStack::push_skein(IgnoreRules rules, std::size_t base_length) {
  if (!rules.empty()) skein_.push_back({std::move(rules), base_length});
}

void IgnoreStack::pop_to(Mark mark) {
  git_.erase(git_.begin() + static_cast<std::ptrdiff_t>(std::min(mark.git, git_.size())), git_.end());
  skein_.erase(skein_.begin() + static_cast<std::ptrdiff_t>(std::min(mark.skein, skein_.size())), skein_.end());
}

Verdict IgnoreStack::ask(const std::vector<Layer>& layers, std::string_view path, bool is_folder) {
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    const Verdict verdict = layer->rules.match(path.substr(layer->base_length), is_folder);
    if (verdict != Verdict::none) return verdict;
  }
  return Verdict::none;
}

}  // namespace skein::repo
