#include "prose/lint.h"

#include <algorithm>
#include <array>
#include <map>

#include "prose/anchors.h"
#include "prose/claim.h"
#include "prose/code_words.h"
#include "prose/definitions.h"
#include "prose/markdown_spans.h"
#include "prose/path_index.h"
#include "prose/whereabouts.h"

namespace skein::prose {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// "snake_case", "camelCase", "CamelCase": made by a programmer, and no word of a sentence.
bool is_made_up(std::string_view name) {
  if (name.size() < 5) return false;
  if (name.find('_', 1) != std::string_view::npos && std::ranges::any_of(name, is_lower)) return true;
  for (std::size_t i = 1; i < name.size(); ++i)
    if (is_upper(name[i]) && is_lower(name[i - 1])) return true;
  return false;
}

/// A page that tells of the past: what it names need not be there any more.
bool tells_of_the_past(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  for (auto& c : name)
    if (is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
  return std::ranges::any_of(std::array{"CHANGELOG", "CHANGES", "HISTORY", "NEWS", "RELEASE"},
                             [&](std::string_view word) { return name.starts_with(word); });
}

/// What stands between a symbol and the file that it is said to be in: "` (`", "` in `", "` is defined in `".
bool says_where(std::string_view between) {
  std::string words;
  for (const char c : between)
    if (c != '`') words += c == '\n' ? ' ' : c;
  const std::string_view text = words;
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return false;
  const auto said = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
  static constexpr std::array<std::string_view, 14> kSaid{
      "(",    "in",         "is in",       "lives in",         "(in",
      "(see", "defined in", "at",          "is defined in",    "found in",
      "from", "in file",    "(defined in", "is implemented in"};
  return std::ranges::find(kSaid, said) != kSaid.end();
}

struct PageClaim {
  const Span* span = nullptr;
  Claim claim{};
  std::string symbol{};     ///< That the path is said to hold; also by words or a link's label.
  bool said_aside = false;  ///< By words around it: doubted where the code does not bear it out.
};

struct Page {
  std::string path;
  std::string text;
  std::vector<Span> spans;
  std::vector<PageClaim> claims;
};

class Linter {
 public:
  Linter(const repo::Snapshot& snapshot, Past* past, FileSystem& files, Executor& executor)
      : snapshot_(snapshot),
        past_(past),
        files_(files),
        executor_(executor),
        index_(snapshot),
        paths_(snapshot, index_, past),
        ignored_(files, snapshot),
        definitions_(snapshot, files) {}

  Result<LintReport> run(const std::vector<std::string>& paths, const std::stop_token& stop) {
    std::vector<Page> pages(paths.size());
    std::vector<Status> read(paths.size());
    parallel_for(executor_, paths.size(), [&](std::size_t i) {
      pages[i].path = paths[i];
      auto text = read_file(files_, join_path(snapshot_.root, paths[i]));
      if (!text) {
        read[i] = pass(std::move(text).error(), "while reading " + paths[i]);
        return;
      }
      pages[i].text = std::move(*text);
      pages[i].spans = read_spans(pages[i].text);
      read_claims(pages[i]);
    });
    for (auto& status : read) SKEIN_DO(std::move(status));
    if (stop.stop_requested()) return fail(Code::cancelled, "stopped");
    find_all_words(pages);
    LintReport report;
    report.files = pages.size();
    for (auto& page : pages) {
      if (stop.stop_requested()) return fail(Code::cancelled, "stopped");
      report.bytes += page.text.size();
      report.claims += page.claims.size();
      for (const auto& claim : page.claims) {
        if (claim.claim.path) check_path(page, claim, report.findings);
        if (claim.claim.symbol) check_symbol(page, claim, report.findings);
      }
    }
    return report;
  }

 private:
  void read_claims(Page& page) const {
    const bool past = tells_of_the_past(page.path);
    const auto has_extension = [&](std::string_view extension) { return index_.has_extension(extension); };
    for (std::size_t i = 0; i < page.spans.size(); ++i) {
      const Span& span = page.spans[i];
      if (past && span.kind != SpanKind::link) continue;
      PageClaim made{.span = &span, .claim = read_claim(span, has_extension)};
      if (!made.claim.path && !made.claim.symbol) continue;
      if (made.claim.path && !past) {
        made.symbol = made.claim.path->symbol;
        if (span.code_label && !made.claim.path->folder) {
          if (const auto symbol = symbol_in_code(span.label)) made.symbol = symbol->name;
        } else if (span.kind == SpanKind::code && made.symbol.empty() && !page.claims.empty()) {
          const auto& before = page.claims.back();
          if (before.claim.symbol && before.span->kind == SpanKind::code &&
              says_where(std::string_view(page.text).substr(before.span->end(), span.offset - before.span->end()))) {
            made.symbol = before.claim.symbol->name;
            made.said_aside = true;
          }
        }
      }
      page.claims.push_back(std::move(made));
    }
  }

  void find_all_words(const std::vector<Page>& pages) {
    std::set<std::string> words;
    std::set<std::string> asked_of_the_past;
    for (const auto& page : pages)
      for (const auto& made : page.claims) {
        if (!made.symbol.empty()) words.insert(made.symbol);
        if (!made.claim.symbol) continue;
        words.insert(made.claim.symbol->name);
        words.insert(made.claim.symbol->scopes.begin(), made.claim.symbol->scopes.end());
      }
    words_.emplace(words);
    uses_ = find_words(snapshot_, *words_, files_, executor_);
    if (past_ == nullptr) return;
    for (std::size_t i = 0; i < words_->size(); ++i)
      if (uses_[i].files.empty() && words_->word(i).size() > 2) asked_of_the_past.insert(words_->word(i));
    if (!asked_of_the_past.empty()) past_words_ = past_->words(asked_of_the_past, &is_code_path);
  }

  [[nodiscard]] const WordUse& use_of(std::string_view word) const {
    static const WordUse kNone;
    const auto at = words_->index_of(word);
    return at == WordSet::kNone ? kNone : uses_[at];
  }

  void report(const Page& page, const PageClaim& made, FindingKind kind, std::string message, std::string replacement,
              std::vector<Finding>& findings) const {
    const Span& span = *made.span;
    const auto place = place_of(page.text, span.offset);
    Finding finding{page.path, place.line, place.column, kind, span.text, std::move(message), {}, {}};
    if (!replacement.empty() && replacement != span.text && replacement.find_first_of("`\n\r") == std::string::npos) {
      if (span.verbatim) finding.edits.push_back({span.offset, span.size, replacement});
      // "[src/a.cc](src/a.cc)": what the reader sees names it, too. A label that is a code span is a claim of its own.
      if (span.kind == SpanKind::link && span.label_verbatim && span.label == span.text && !span.code_label)
        finding.edits.push_back({span.label_offset, span.label.size(), replacement});
      finding.replacement = std::move(replacement);
    }
    findings.push_back(std::move(finding));
  }

  const std::vector<std::string>& lines_of(const std::string& path) {
    const auto [at, fresh] = lines_.try_emplace(path);
    if (!fresh) return at->second;
    const auto text = read_file(files_, join_path(snapshot_.root, path)).value_or("");
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = std::min(text.find('\n', begin), text.size());
      at->second.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return at->second;
  }

  /// True where the line, or the comment that it begins, belongs to the definition.
  bool points_to(const std::string& path, const Definition& definition, std::string_view name, std::uint32_t line) {
    if (line >= definition.line && line <= definition.end_line) return true;
    const auto& lines = lines_of(path);
    if (line == 0 || line > lines.size()) return false;
    if (lines[line - 1].find(name) != std::string::npos) return true;
    if (line > definition.line || lines[line - 1].find_first_not_of(" \t\r") == std::string::npos) return false;
    // Only comments, annotations and blank lines between the two.
    return std::ranges::all_of(
        lines.begin() + line - 1, lines.begin() + definition.line - 1, [](const std::string& text) {
          const auto at = text.find_first_not_of(" \t\r");
          return at == std::string::npos || std::string_view("/*#@[\"'").find(text[at]) != std::string_view::npos ||
                 text.starts_with("template");
        });
  }

  void check_path(const Page& page, const PageClaim& made, std::vector<Finding>& findings) {
    const PathClaim& claim = *made.claim.path;
    if (claim.path.empty()) return check_anchor(page, made, page.path, findings);
    bool outside = false;
    const auto target = paths_.find(page.path, claim, outside);
    if (outside) return;
    if (target) {
      if (target->known) check_inside(page, made, target->path, findings);
      if (target->known && !claim.anchor.empty()) check_anchor(page, made, target->path, findings);
      return;
    }
    const auto all = PathFinder::meanings(page.path, claim);
    if (std::ranges::any_of(all, [&](const std::string& path) {
          return path == ".git" || path.starts_with(".git/") || path == ".skein" || path.starts_with(".skein/") ||
                 ignored_.ignored(path, claim.folder);
        }))
      return;
    Whereabouts found = paths_.where(page.path, claim);
    if (!paths_.is_meant(page.path, claim, found)) return;
    std::string message = fmt::format("{} is not there", claim.path);
    if (found.was_there && !found.commit.empty()) message += ": gone since commit " + found.commit;
    std::uint32_t line = 0;
    std::uint32_t end_line = 0;
    if (!made.symbol.empty()) {
      const auto definitions = definitions_.like(made.symbol, use_of(made.symbol), claim.path);
      if (const auto* one = only_file(definitions)) {
        if (found.now.empty() || found.now != one->path) {
          found.now = one->path;
          found.how = made.symbol + " is defined there";
        }
        if (claim.line > 0 && definitions.size() == 1) {
          line = one->line;
          end_line = one->end_line;
        }
      }
    }
    std::string replacement;
    if (!found.now.empty()) {
      message += fmt::format(", {} is ({})", found.now, found.how);
      replacement = paths_.written(page.path, claim, found.now) + (claim.folder ? "/" : "");
      const auto rest = claim.folder && claim.rest.starts_with('/')
                            ? claim.rest.substr(claim.rest.find_first_not_of('/') == std::string_view::npos
                                                    ? claim.rest.size()
                                                    : claim.rest.find_first_not_of('/'))
                            : claim.rest;
      replacement += line > 0 ? lines_text(claim, line, end_line) : std::string(rest);
    }
    report(page, made, FindingKind::path, std::move(message), std::move(replacement), findings);
  }

  static const Definition* only_file(const std::vector<Definition>& definitions) {
    if (definitions.empty()) return nullptr;
    const bool one =
        std::ranges::all_of(definitions, [&](const auto& d) { return d.path == definitions.front().path; });
    return one ? &definitions.front() : nullptr;
  }

  /// The heading of a Markdown page that a link names.
  void check_anchor(const Page& page, const PageClaim& made, const std::string& path, std::vector<Finding>& findings) {
    const std::string& anchor = made.claim.path->anchor;
    const auto* file = snapshot_.find(path);
    if (file == nullptr || !is_prose(*file) || anchor == "top") return;
    auto [at, fresh] = anchors_.try_emplace(path);
    if (fresh) at->second = anchors_of(read_file(files_, join_path(snapshot_.root, path)).value_or(""));
    // Renderers differ in signs, not in words: "a--b", "a-b" and "A-B" are one heading.
    if (at->second.contains(anchor)) return;
    const auto plain = [](std::string_view text) {
      std::string out = heading_anchor(text);
      std::erase(out, '-');
      return out;
    };
    if (std::ranges::any_of(at->second, [&](const auto& one) { return plain(one) == plain(anchor); })) return;
    report(page, made, FindingKind::anchor, fmt::format("{} has no heading #{}", path, anchor), "", findings);
  }

  /// The line and the symbol that are said to be in a file that is there.
  void check_inside(const Page& page, const PageClaim& made, const std::string& path, std::vector<Finding>& findings) {
    const PathClaim& claim = *made.claim.path;
    const auto* file = snapshot_.find(path);
    if (file->kind != repo::FileKind::text || (claim.line == 0 && made.symbol.empty())) return;
    const auto& lines = lines_of(path);
    const auto last = std::max(claim.line, claim.last_line);
    if (!made.symbol.empty()) {
      const auto& use = use_of(made.symbol);
      const auto everywhere = definitions_.of(made.symbol, use);
      std::vector<Definition> here;
      for (const auto& definition : everywhere)
        if (definition.path == path) here.push_back(definition);
      if (here.empty()) {
        const bool named =
            std::ranges::any_of(lines, [&](const std::string& line) { return line.contains(made.symbol); });
        if (!named) {
          const auto elsewhere = definitions_.like(made.symbol, use, path);
          if (const auto* one = only_file(elsewhere)) {
            const bool with_line = claim.line > 0;
            report(page, made, FindingKind::symbol,
                   fmt::format("{} is not in {}, it is defined in {}:{}", made.symbol, path, one->path, one->line),
                   paths_.written(page.path, claim, std::string(one->path)) +
                       (with_line ? lines_text(claim, one->line, one->end_line) : std::string(claim.rest)),
                   findings);
            return;
          }
          if (!made.said_aside && !claim.symbol.empty()) {
            report(page, made, FindingKind::symbol, fmt::format("{} is not in {}", made.symbol, path), "", findings);
            return;
          }
        }
      } else if (claim.line > 0 && std::ranges::none_of(here, [&](const Definition& definition) {
                   return points_to(path, definition, made.symbol, claim.line);
                 })) {
        std::string replacement;
        if (here.size() == 1) {
          const auto written_path = made.span->text.substr(0, claim.path_size);
          replacement = written_path + lines_text(claim, here.front().line, here.front().end_line);
        }
        report(page, made, FindingKind::line,
               fmt::format("line {} of {} is not {}, which is on line {}", claim.line, path, made.symbol,
                           here.front().line),
               std::move(replacement), findings);
        return;
      }
    }
    if (last > lines.size())
      report(page, made, FindingKind::line, fmt::format("{} has {} lines, and no line {}", path, lines.size(), last),
             "", findings);
  }

  void check_symbol(const Page& page, const PageClaim& made, std::vector<Finding>& findings) {
    const SymbolClaim& claim = *made.claim.symbol;
    if (!claim.scopes.empty() && is_external_scope(claim.scopes.front())) return;
    const auto gone = [&](const std::string& word) -> std::optional<std::string> {
      if (!use_of(word).files.empty()) return {};
      const auto at = past_words_.find(word);
      if (at == past_words_.end()) return {};
      return at->second.empty() ? "it was in the last commit" : "the code had it until commit " + at->second;
    };
    if (use_of(claim.name).files.empty()) {
      const bool telling = is_made_up(claim.name) || claim.call || !claim.scopes.empty();
      if (const auto why = gone(claim.name); why && telling) {
        report(page, made, FindingKind::symbol, fmt::format("{} is nowhere in the code: {}", claim.name, *why), "",
               findings);
      } else if (!claim.scopes.empty() && use_of(claim.scopes.back()).defines_scope &&
                 (is_made_up(claim.name) || claim.call)) {
        report(page, made, FindingKind::symbol,
               fmt::format("{} is nowhere in the code, though {} is", claim.name, claim.scopes.back()), "", findings);
      } else if (past_ == nullptr && claim.scopes.empty() && claim.call && is_made_up(claim.name)) {
        report(page, made, FindingKind::symbol, fmt::format("{} is nowhere in the code", claim.name), "", findings);
      }
      return;
    }
    if (claim.scopes.empty()) return;
    const auto& scope = claim.scopes.back();
    const auto why = gone(scope);
    if (!why) return;
    // The scope is gone and the name is not: where it is defined now says what the scope is called now.
    std::string replacement;
    std::string message = fmt::format("{} is nowhere in the code: {}", scope, *why);
    const auto now = definitions_.of(claim.name, use_of(claim.name));
    if (const auto* one = only_file(now); one != nullptr && !one->scope.empty()) {
      const auto new_scope = one->scope.substr(one->scope.rfind('.') + 1);
      message += fmt::format("; {} is now in {} ({}:{})", claim.name, new_scope, one->path, one->line);
      const auto& text = made.span->text;
      const auto at = text.rfind(scope, text.rfind(claim.name));
      if (at != std::string::npos) replacement = text.substr(0, at) + new_scope + text.substr(at + scope.size());
    }
    report(page, made, FindingKind::symbol, std::move(message), std::move(replacement), findings);
  }

  const repo::Snapshot& snapshot_;
  Past* past_;
  FileSystem& files_;
  Executor& executor_;
  PathIndex index_;
  PathFinder paths_;
  IgnoredPaths ignored_;
  Definitions definitions_;
  std::optional<WordSet> words_;
  std::vector<WordUse> uses_;  // By words_'s index.
  std::map<std::string, std::string> past_words_;
  std::map<std::string, std::vector<std::string>> lines_;
  std::map<std::string, std::set<std::string, std::less<>>> anchors_;  // By page.
};

}  // namespace

std::string_view to_string(FindingKind kind) {
  switch (kind) {
    case FindingKind::path:
      return "path";
    case FindingKind::line:
      return "line";
    case FindingKind::symbol:
      return "symbol";
    case FindingKind::anchor:
      return "anchor";
  }
  return {};
}

bool is_prose(const repo::SnapshotFile& file) {
  // What tests compare with names the paths of their own samples.
  if (file.traits.test)
    for (const std::string_view sample :
         {"golden", "fixtures", "fixture", "testdata", "corpus", "snapshots", "samples"})
      if (file.path.starts_with(fmt::format("{}/", sample)) || file.path.contains(fmt::format("/{}/", sample)))
        return false;
  const auto extension = extension_of(file.path);
  return (extension == ".md" || extension == ".markdown" || extension == ".mdown") &&
         file.kind == repo::FileKind::text && !file.traits.foreign() && !file.traits.huge;
}

Result<LintReport> lint(const repo::Snapshot& snapshot, const std::vector<std::string>& pages, Past* past,
                        FileSystem& files, Executor& executor, std::stop_token stop) {
  return Linter(snapshot, past, files, executor).run(pages, stop);
}

std::string with_edits(std::string_view text, std::vector<Edit> edits) {
  std::ranges::sort(edits, {}, &Edit::offset);
  std::string out;
  std::size_t at = 0;
  for (const auto& edit : edits) {
    if (edit.offset < at || edit.offset + edit.size > text.size()) continue;  // Twice the same place: the first counts.
    out += text.substr(at, edit.offset - at);
    out += edit.with;
    at = edit.offset + edit.size;
  }
  return out.append(text.substr(at));
}

}  // namespace skein::prose
