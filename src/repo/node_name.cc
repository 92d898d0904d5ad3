#include "repo/node_name.h"

#include <algorithm>

namespace skein::repo {
namespace {

constexpr int kMaxSteps = 64;

/// "a::B<int>" -> "a.B".
std::string scope_text(std::string_view text) {
  std::string out;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '<') ++depth;
    if (depth == 0 && c == ':' && i + 1 < text.size() && text[i + 1] == ':') {
      out += '.';
      ++i;
    } else if (depth == 0 && c != ' ' && c != '\n' && c != '\t' && c != '\r') {
      out += c;
    }
    if (c == '>') --depth;
  }
  return out;
}

/// The node before which a name ends that goes up to `field`: in C++'s "operator T*()" the parentheses alone, though
/// the star and they are one declarator.
TSNode cut_end(const Rules& rules, TSNode field) {
  TSNode inner = field;
  for (int step = 0; step < kMaxSteps && !ts_node_is_null(inner); ++step) {
    if (rules.name(ts_node_symbol(inner)).cut_within) return inner;
    const std::uint32_t children = ts_node_named_child_count(inner);
    inner = children == 0 ? TSNode{} : ts_node_named_child(inner, children - 1);
  }
  return field;
}

}  // namespace

std::string_view node_text(std::string_view text, TSNode node) {
  const std::size_t begin = std::min<std::size_t>(ts_node_start_byte(node), text.size());
  const std::size_t end = std::min<std::size_t>(ts_node_end_byte(node), text.size());
  return text.substr(begin, end < begin ? 0 : end - begin);
}

TSNode node_child(TSNode node, Field field) {
  return field == 0 ? ts_node_named_child(node, 0) : ts_node_child_by_field_id(node, field);
}

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string_view unquoted(std::string_view text) {
  if (text.size() < 2) return text;
  const char open = text.front();
  const char close = open == '<' ? '>' : open;
  if (open != '"' && open != '\'' && open != '`' && open != '<') return text;
  // Ruby's operators "<<" and "<=>" are no header names.
  if (open == '<' && (text.back() != '>' || text.size() < 4)) return text;
  return text.substr(1, text.size() - (text.back() == close ? 2 : 1));
}

std::optional<Name> resolve_name(const Rules& rules, std::string_view text, TSNode node) {
  Name name;
  for (int step = 0; step < kMaxSteps && !ts_node_is_null(node); ++step) {
    const NameStep& rule = rules.name(ts_node_symbol(node));
    if (rule.makes) {
      name.makes = rule.made.has_value();
      name.made = rule.made;
    }
    if (rule.cut != 0) {
      std::string_view whole = node_text(text, node);
      const TSNode rest = cut_end(rules, node_child(node, rule.cut));
      if (!ts_node_is_null(rest)) whole = whole.substr(0, ts_node_start_byte(rest) - ts_node_start_byte(node));
      name.text = folded(whole);
      return name;
    }
    if (rule.leaf) {
      name.text = folded(unquoted(node_text(text, node)));
      if (name.text.empty()) return std::nullopt;
      return name;
    }
    if (!rule.through) return std::nullopt;
    if (rule.scope != 0) {
      const TSNode scope = node_child(node, rule.scope);
      if (!ts_node_is_null(scope)) {
        if (!name.qualifier.empty()) name.qualifier += '.';
        name.qualifier += scope_text(node_text(text, scope));
      }
    }
    node = node_child(node, rule.field);
  }
  return std::nullopt;
}

}  // namespace skein::repo
