#include "repo/extract.h"

#include <algorithm>
#include <map>

#include "repo/comments.h"
#include "repo/macro_mask.h"
#include "repo/parser.h"
#include "repo/rules.h"
#include "repo/symbol_walk.h"

namespace skein::repo {
namespace {

void set_lines(FileFacts& facts, std::string_view text, const std::vector<CommentSpan>& comments) {
  const LineCounts counts = count_lines(text, comments);
  facts.lines = counts.lines;
  facts.code_lines = counts.code;
  facts.comment_lines = counts.comment;
}

/// More than a stray NUL: error recovery over such bytes takes 50 times what source takes, and finds nothing.
bool full_of_nuls(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, Languages::kWindow);
  return std::ranges::count(start, '\0') > static_cast<std::ptrdiff_t>(start.size() / 256 + 1);
}

/// One line: comments out, white space folded, what opens the body removed, cut at `limit` bytes.
std::string signature_of(std::string_view text, const FoundSymbol& found, const std::vector<CommentSpan>& comments,
                         std::size_t limit) {
  std::string out;
  auto comment =
      std::ranges::partition_point(comments, [&](const auto& span) { return span.end <= found.signature_begin; });
  for (std::size_t at = found.signature_begin; at < found.signature_end && out.size() <= limit; ++at) {
    if (comment != comments.end() && at == comment->begin) {
      at = comment->end - 1;
      ++comment;
      if (!out.empty() && out.back() != ' ') out += ' ';
      continue;
    }
    const char c = text[at];
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
    if (c == '\\' && at + 1 < text.size() && (text[at + 1] == '\n' || text[at + 1] == '\r')) continue;
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  const bool cut = out.size() > limit;
  if (cut) {
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
  }
  for (bool more = true; more && !cut;) {
    more = !out.empty() && std::string_view(" {:;=,").contains(out.back());
    if (more) out.pop_back();
    if (out.ends_with("=>")) out.resize(out.size() - 2), more = true;
  }
  if (cut) out += "…";
  return out;
}

/// `first_in_row`: what stands above is not about the members that share a row with their class.
std::string doc_of(std::string_view text, const FoundSymbol& found, bool first_in_row,
                   const std::vector<CommentSpan>& comments, const LanguageSpec::Comments& marks) {
  if (found.string_end > found.string_begin) {
    return string_text(text.substr(found.string_begin, found.string_end - found.string_begin));
  }
  if (!marks.doc_before || comments.empty()) return {};
  const CommentRange above = first_in_row ? comments_above(text, comments, found.doc_row) : CommentRange();
  if (!above.empty()) return comment_text(text, &comments[above.first], comments.data() + above.last, marks);
  return trailing_comment(text, comments, found.symbol.end_line - 1, found.signature_end, marks);
}

void hide_what_is_not_exported(Found& found) {
  if (!found.has_exports) return;
  for (auto& symbol : found.symbols) {
    if (!symbol.outer || symbol.exported || symbol.symbol.visibility != Visibility::public_) continue;
    if (!found.exported_names.contains(symbol.symbol.name)) symbol.symbol.visibility = Visibility::internal;
  }
}

}  // namespace

FileFacts count_only(std::string_view bytes) {
  FileFacts facts;
  set_lines(facts, bytes, {});
  return facts;
}

bool parse_only(const Language& language, std::string_view bytes) {
  if (!language.has_grammar() || !language.rules()) return false;
  const ExtractLimits limits;
  return parse(language.rules()->grammar, bytes, limits.work + limits.work_per_byte * bytes.size()) != nullptr;
}

Result<FileFacts> extract(const Language& language, std::string_view bytes, const ExtractLimits& limits) {
  const LanguageSpec& spec = language.spec();
  FileFacts facts;
  facts.language = language.id();
  Tree tree;
  const Rules* rules = nullptr;
  if (language.has_grammar()) {
    const auto& compiled = language.rules();
    if (!compiled) return std::unexpected(compiled.error());
    rules = &*compiled;
    if (bytes.size() <= limits.parsed_bytes && !full_of_nuls(bytes)) {
      const std::string masked = mask_macros(bytes, spec.macros);
      tree = parse(rules->grammar, masked.empty() ? bytes : std::string_view(masked),
                   limits.work + limits.work_per_byte * bytes.size());
    }
    facts.cut = tree == nullptr;
  }
  facts.script = bytes.starts_with("#!");
  facts.entry_point = facts.script;
  if (tree == nullptr) {
    const auto comments = scan_comments(bytes, spec.comments);
    set_lines(facts, bytes, comments);
    return facts;
  }
  Found found = walk(*rules, spec, *tree, bytes, limits.symbols);
  set_lines(facts, bytes, found.comments);
  facts.parse_errors = found.errors;
  facts.cut = found.cut;
  facts.entry_point = facts.entry_point || found.entry_point;
  facts.doc = found.string_end > found.string_begin
                  ? string_text(bytes.substr(found.string_begin, found.string_end - found.string_begin))
                  : file_comment(bytes, found.comments, found.first_code_byte, spec.comments);
  facts.imports = std::move(found.imports);
  Words words = scan_words(bytes, found.comments, rules->words, limits.names);
  facts.branches = words.branches;
  facts.names = std::move(words.names);
  hide_what_is_not_exported(found);
  facts.symbols.reserve(found.symbols.size());
  std::uint32_t row = 0;    // Of the symbol before,
  std::uint32_t begin = 0;  // and where it starts.
  for (auto& symbol : found.symbols) {
    symbol.symbol.signature = signature_of(bytes, symbol, found.comments, limits.signature_bytes);
    const bool first_in_row = facts.symbols.empty() || symbol.doc_row != row || symbol.signature_begin == begin;
    symbol.symbol.doc = doc_of(bytes, symbol, first_in_row, found.comments, spec.comments);
    row = symbol.doc_row;
    begin = symbol.signature_begin;
    facts.symbols.push_back(std::move(symbol.symbol));
  }
  return facts;
}

}  // namespace skein::repo
