#include "repo/comments.h"

#include <algorithm>

namespace skein::repo {
namespace {

constexpr std::string_view kBlank = " \t\r\f\v";

std::string_view trim_left(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text;
}
std::string_view trim_right(std::string_view text) {
  const auto last = text.find_last_not_of(kBlank);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

/// Calls `body(line)` for each line, without its newline.
template <class Body>
void each_line(std::string_view text, Body body) {
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    body(text.substr(at, end - at));
    at = end + 1;
  }
}

/// "=======", "*****", "-- --": says nothing.
bool is_decoration(std::string_view line) {
  return line.size() >= 3 && line.find_first_not_of("-=*#/~_+<>!. ") == std::string_view::npos;
}

/// Removes blank lines at both ends and the indentation that all lines share (from the second line on where
/// `skip_first`).
std::string join_lines(std::vector<std::string_view> lines, bool skip_first) {
  const auto blank = [](std::string_view line) { return trim_left(line).empty(); };
  while (!lines.empty() && blank(lines.back())) lines.pop_back();
  std::size_t from = 0;
  while (from < lines.size() && blank(lines[from])) ++from;
  std::size_t indent = std::string_view::npos;
  for (std::size_t i = from; i < lines.size(); ++i) {
    if (blank(lines[i]) || (skip_first && i == 0)) continue;
    indent = std::min(indent, lines[i].find_first_not_of(" \t"));
  }
  std::string out;
  for (std::size_t i = from; i < lines.size(); ++i) {
    std::string_view line = trim_right(lines[i]);
    if (skip_first && i == 0) {
      line = trim_left(line);
    } else if (indent != std::string_view::npos) {
      line.remove_prefix(std::min(indent, line.size()));
    }
    if (i > from) out += '\n';
    out += line;
  }
  return out;
}

bool is_directive(std::string_view line, const LanguageSpec::Comments& marks) {
  line = trim_left(line);
  return std::ranges::any_of(marks.directives, [&](const auto& start) { return line.starts_with(start); });
}

void add_line(std::vector<std::string_view>& lines, std::string_view line, const LanguageSpec::Comments& marks) {
  if (is_decoration(trim_right(trim_left(line))) || is_directive(line, marks)) return;
  lines.push_back(line);
}

/// The lines of one comment without its marks.
void add_comment(std::vector<std::string_view>& lines, std::string_view comment, const LanguageSpec::Comments& marks) {
  for (const auto& [open, close] : marks.block) {
    if (!comment.starts_with(open)) continue;
    comment.remove_prefix(open.size());
    if (comment.ends_with(close)) comment.remove_suffix(close.size());
    // "/**", "/*!", "/**<": a documentation tool's marks; "/****" decoration.
    comment.remove_prefix(std::min(comment.find_first_not_of("*!<"), comment.size()));
    bool first = true;
    each_line(comment, [&](std::string_view line) {
      const std::string_view body = trim_left(line);
      if (first) {
        line = trim_left(line);
      } else if (body.starts_with('*') && !body.starts_with("**")) {
        line = body.substr(1);
        if (line.starts_with(' ')) line.remove_prefix(1);
      } else if (body.starts_with("**")) {
        line = trim_left(body.substr(
            body.find_first_not_of('*') == std::string_view::npos ? body.size() : body.find_first_not_of('*')));
      }
      first = false;
      add_line(lines, line, marks);
    });
    return;
  }
  for (const auto& mark : marks.line) {
    if (!comment.starts_with(mark)) continue;
    comment.remove_prefix(mark.size());
    // "///", "//!", "///<", "#:", "##": further marks.
    const std::string_view more = std::string_view("!<:").find(mark[0]) == std::string_view::npos ? "!<:" : "";
    while (!comment.empty() && (comment[0] == mark[0] || more.contains(comment[0]))) comment.remove_prefix(1);
    if (comment.starts_with(' ')) comment.remove_prefix(1);
    add_line(lines, comment, marks);
    return;
  }
  add_line(lines, comment, marks);
}

/// Nothing but blanks between the start of its line and the comment.
bool starts_its_line(std::string_view text, const CommentSpan& comment) {
  for (std::size_t i = comment.begin; i > 0; --i) {
    if (text[i - 1] == '\n') return true;
    if (!kBlank.contains(text[i - 1])) return false;
  }
  return true;
}

/// "///< …": about what stands before it.
bool points_back(std::string_view comment) {
  return comment.size() > 3 && comment[3] == '<' && std::string_view("/*").contains(comment[1]) &&
         std::string_view("/!*").contains(comment[2]);
}

bool is_license(std::string_view text) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"opyright", "icense", "SPDX-", "COPYRIGHT", "LICENSE"},
      [&](std::string_view word) { return text.contains(word); });
}

}  // namespace

std::vector<CommentSpan> scan_comments(std::string_view text, const LanguageSpec::Comments& marks) {
  std::vector<CommentSpan> out;
  std::uint32_t row = 0;
  for (std::size_t at = 0; at < text.size(); ++row) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trim_left(text.substr(at, end - at));
    const auto begin = end - line.size();
    const auto block =
        std::ranges::find_if(marks.block, [&](const auto& mark) { return line.starts_with(mark.first); });
    const bool is_line = std::ranges::any_of(marks.line, [&](const auto& mark) { return line.starts_with(mark); });
    std::size_t next = end + 1;
    if (block != marks.block.end()) {
      auto close = text.find(block->second, begin + block->first.size());
      close = close == std::string_view::npos ? text.size() : close + block->second.size();
      const auto rows = static_cast<std::uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                                              text.begin() + static_cast<std::ptrdiff_t>(close), '\n'));
      out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(close), row, row + rows});
      row += rows;
      next = std::min(text.find('\n', close), text.size()) + 1;
    } else if (is_line) {
      out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), row, row});
    }
    at = next;
  }
  return out;
}

LineCounts count_lines(std::string_view text, const std::vector<CommentSpan>& comments) {
  LineCounts counts;
  std::size_t next = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    bool code = false;
    bool comment = false;
    for (std::size_t p = at; p < end;) {
      while (next < comments.size() && comments[next].end <= p) ++next;
      if (next < comments.size() && comments[next].begin <= p) {
        comment = true;
        p = comments[next].end;
      } else if (kBlank.contains(text[p])) {
        ++p;
      } else {
        code = true;
        break;
      }
    }
    ++counts.lines;
    if (code) {
      ++counts.code;
    } else if (comment) {
      ++counts.comment;
    }
    at = end + 1;
  }
  return counts;
}

std::string comment_text(std::string_view text, const CommentSpan* first, const CommentSpan* last,
                         const LanguageSpec::Comments& marks) {
  std::vector<std::string_view> lines;
  for (const CommentSpan* comment = first; comment != last; ++comment) {
    add_comment(lines, trim_right(text.substr(comment->begin, comment->end - comment->begin)), marks);
  }
  return join_lines(std::move(lines), false);
}

std::string string_text(std::string_view literal) {
  while (!literal.empty() && literal[0] != '"' && literal[0] != '\'' && literal[0] != '`') literal.remove_prefix(1);
  if (literal.empty()) return {};
  for (const std::size_t quotes : {3UL, 1UL}) {
    const std::string_view mark = literal.substr(0, quotes);
    if (mark.size() < quotes || mark.find_first_not_of(literal[0]) != std::string_view::npos) continue;
    if (quotes == 3 && literal.size() < 6) continue;
    literal.remove_prefix(quotes);
    if (literal.ends_with(mark)) literal.remove_suffix(quotes);
    break;
  }
  std::vector<std::string_view> lines;
  each_line(literal, [&](std::string_view line) { lines.push_back(line); });
  return join_lines(std::move(lines), true);
}

CommentRange comments_above(std::string_view text, const std::vector<CommentSpan>& comments, std::uint32_t row) {
  auto last = static_cast<std::size_t>(
      std::ranges::partition_point(comments, [&](const auto& comment) { return comment.end_row < row; }) -
      comments.begin());
  CommentRange range{last, last};
  while (range.first > 0) {
    const CommentSpan& comment = comments[range.first - 1];
    if (comment.end_row + 1 != row || !starts_its_line(text, comment)) break;
    if (points_back(text.substr(comment.begin))) break;
    --range.first;
    row = comment.row;
  }
  return range;
}

std::string trailing_comment(std::string_view text, const std::vector<CommentSpan>& comments, std::uint32_t row,
                             std::uint32_t begin, const LanguageSpec::Comments& marks) {
  auto first = std::ranges::partition_point(comments, [&](const auto& span) { return span.end_row < row; });
  for (; first != comments.end() && first->row == row; ++first) {
    if (first->begin < begin || !points_back(text.substr(first->begin))) continue;
    auto last = first + 1;  // It may go on in the lines below.
    while (last != comments.end() && last->row == (last - 1)->end_row + 1 && points_back(text.substr(last->begin)) &&
           starts_its_line(text, *last)) {
      ++last;
    }
    return comment_text(text, &*first, &*first + (last - first), marks);
  }
  return {};
}

std::string file_comment(std::string_view text, const std::vector<CommentSpan>& comments, std::uint32_t first_code_byte,
                         const LanguageSpec::Comments& marks) {
  std::size_t first = 0;
  while (first < comments.size() && comments[first].begin < first_code_byte) {
    std::size_t last = first + 1;
    if (comments[first].begin == 0 && text.starts_with("#!")) {  // The interpreter's line says nothing.
      first = last;
      continue;
    }
    while (last < comments.size() && comments[last].begin < first_code_byte &&
           comments[last].row == comments[last - 1].end_row + 1) {
      ++last;
    }
    const std::string words = comment_text(text, &comments[first], comments.data() + last, marks);
    if (!words.empty() && !is_license(words)) return words;
    first = last;
  }
  return {};
}

}  // namespace skein::repo
