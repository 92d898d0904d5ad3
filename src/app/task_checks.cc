#include "app/task_checks.h"

#include <algorithm>
#include <array>

#include "agents/change_set.h"
#include "prose/claim.h"
#include "prose/path_index.h"
#include "text/nearest.h"

namespace skein::app {
namespace {

// Before a path in the same sentence: it is to be made.
constexpr std::array<std::string_view, 8> kMaking{"creates", "writes", "generates", "adds",
                                                  "new",     "called", "named",     "echo"};
// The same where it is what is to be done, and not the name of something ("mend add in calcs.py").
constexpr std::array<std::string_view, 10> kMake{"create", "write", "generate", "add",   "produce",
                                                 "save",   "touch", "scaffold", "draft", "make"};
// What such a word follows, where it begins no clause.
constexpr std::array<std::string_view, 22> kBeforeMake{
    "and", "then", "to",   "please", "also", "now", "or", "should",  "must", "will",    "can",
    "it",  "you",  "that", "first",  "next", "let", "me", "finally", "just", "instead", "simply"};
// Just before it.
constexpr std::array<std::string_view, 7> kTowards{"to", "into", "as", ">", ">>", "-o", "mkdir"};
// What says when a task is done.
constexpr std::array<std::string_view, 26> kDone{
    "test",   "tests",  "pass",     "passes",   "passing", "fails",  "failing", "until",  "must",
    "should", "so",     "returns",  "return",   "prints",  "done",   "ensure",  "verify", "without",
    "equals", "builds", "compiles", "succeeds", "exits",   "accept", "expect",  "check"};

/// A word of a sentence, without what stands around it.
struct Word {
  std::string_view text;
  bool ends_sentence = false;
  bool ends_clause = false;  ///< A comma or the like follows.
  bool is_name = false;      ///< It stands in quotes, or is called.
};

std::vector<Word> words_of(std::string_view text) {
  constexpr std::string_view kAround = "`'\"()[]{}<,;!?*";
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    std::string_view word = text.substr(at, end - at);
    const bool line_ends = end < text.size() && text[end] == '\n';
    at = end + 1;
    bool ends = line_ends;
    constexpr std::string_view kQuotes = "`'\"";
    const bool clause_ends = !word.empty() && std::string_view(",;:").contains(word.back());
    const bool is_name = !word.empty() && (kQuotes.contains(word.front()) || word.contains("()"));
    while (!word.empty() && kAround.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
    while (!word.empty() &&
           (kAround.find(word.back()) != std::string_view::npos || word.back() == '.' || word.back() == ':')) {
      ends = ends || word.back() == '.' || word.back() == '!' || word.back() == '?';
      word.remove_suffix(1);
    }
    if (!word.empty() || ends) words.push_back({word, ends, ends || clause_ends, is_name});
  }
  return words;
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  std::string lower(word);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return std::ranges::find(words, lower) != words.end();
}

/// Where a word is a path that could be looked for: it has an extension that files here have, or begins in a folder.
std::optional<std::string> path_of(std::string_view word, const prose::PathIndex& index) {
  if (word.find("://") != std::string_view::npos) return {};
  const auto claim = prose::path_in_code(word);
  if (!claim || prose::is_placeholder(claim->path)) return {};
  const bool known = index.has_extension(prose::extension_of(claim->path)) ||
                     (claim->path.contains('/') && index.is_folder(claim->path.substr(0, claim->path.find('/'))));
  if (!known) return {};
  return prose::resolved("", claim->path);
}

bool is_there(const std::string& path, const repo::Snapshot& base, const prose::PathIndex& index) {
  if (index.is_file(path) || index.is_folder(path) || !index.files_ending(path).empty() || index.some_folder_ends(path))
    return true;
  // What git ignores is no file of the snapshot.
  const std::string full = join_path(base.root, path);
  if (agents::is_folder(full)) return true;
  const auto entry = agents::entry_at(full);
  return !entry || entry->kind != agents::EntryKind::none;
}

}  // namespace

std::vector<std::string> task_problems(const repo::Snapshot& base, const TaskWords& words) {
  const prose::PathIndex index(base);
  std::vector<std::string> problems, seen;
  const auto named_before = [&](const std::string& path) {
    return std::ranges::any_of(words.earlier, [&](const std::string& task) {
      return std::ranges::any_of(words_of(task), [&](const Word& word) { return path_of(word.text, index) == path; });
    });
  };
  bool making = false, says_done = words.has_checks;
  Word before{.text = {}, .ends_clause = true};
  for (const Word& word : words_of(words.task)) {
    says_done = says_done || is_one_of(word.text, kDone);
    const auto path = path_of(word.text, index);
    if (path && !making && !is_one_of(before.text, kTowards) && std::ranges::find(seen, *path) == seen.end() &&
        !is_there(*path, base, index) && !named_before(*path)) {
      seen.push_back(*path);
      std::vector<std::string> near;
      for (const auto& file : base.files)
        if (prose::extension_of(file.path) == prose::extension_of(*path)) near.push_back(file.path);
      problems.push_back(fmt::format("it names {}, which is not there{}", *path, text::did_you_mean(*path, near)));
    }
    const bool is_order =
        is_one_of(word.text, kMake) && !word.is_name && (before.ends_clause || is_one_of(before.text, kBeforeMake));
    making = (making || is_order || is_one_of(word.text, kMaking)) && !word.ends_sentence;
    before = word;
  }
  if (!says_done)
    problems.emplace_back("it does not say when it is done, and no check does (`verify` of the agent or the plan)");
  return problems;
}

Status check_tasks(const engine::Context& context, const repo::Snapshot& base, std::span<const TaskWords> tasks) {
  const TaskChecks how = settings_of(context).values().agents.task_checks;
  if (how == TaskChecks::off) return {};
  std::string all;
  for (const TaskWords& words : tasks) {
    for (const std::string& problem : task_problems(base, words)) {
      const std::string line = fmt::format("{}: {}", words.name.empty() ? "the task" : words.name, problem);
      if (how == TaskChecks::warn && context.note) context.note(line);
      all += (all.empty() ? "" : "; ") + line;
    }
  }
  if (all.empty() || how == TaskChecks::warn) return {};
  return std::unexpected(Error(Code::invalid_argument, "nothing was started: " + all)
                             .or_do("say it in the task, or set agents.task_checks to \"warn\""));
}

}  // namespace skein::app
