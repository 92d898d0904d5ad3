#include "agents/merged_sets.h"

#include <algorithm>
#include <span>
#include <utility>

#include "agents/patch.h"

namespace skein::agents {

namespace {

constexpr std::size_t kShownClashes = 3;
constexpr int kShownLines = 3;

/// The first lines, each in quotes.
std::string first_lines(std::string_view text) {
  if (text.empty()) return "nothing";
  std::string shown;
  for (int i = 0; i < kShownLines && !text.empty(); ++i) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    shown += fmt::format("{}\"{}\"", shown.empty() ? "" : " ", line);
  }
  const auto left = std::ranges::count(text, '\n');
  return left == 0 ? shown : shown + fmt::format(" and {} more {}", left, left == 1 ? "line" : "lines");
}

std::string listed(std::span<const std::string> steps) {
  std::string text;
  for (const std::string& step : steps) text += (text.empty() ? "" : ", ") + step;
  return text;
}

}  // namespace

void MergedSets::conflict(const std::string& path, std::string reason, const std::string& step,
                          std::optional<Clash> clash) {
  StepConflict found{path, std::move(reason), paths_[path].steps, std::move(clash)};
  if (std::ranges::find(found.steps, step) == found.steps.end()) found.steps.push_back(step);
  conflicts_.push_back(std::move(found));
}

Status MergedSets::add(std::string_view step, const ChangeSet& set) {
  const std::string name(step);
  for (const Change& change : set.changes) SKEIN_DO(add(name, change));
  find_files_on_the_way();
  return {};
}

Status MergedSets::add(const std::string& step, const Change& change) {
  const auto [known, is_new] = paths_.try_emplace(change.path, Path{change.before, change.after, {step}});
  if (is_new) return {};
  Path& path = known->second;
  if (path.now == change.after) {
    path.steps.push_back(step);
    return {};
  }
  if (path.now == change.before) {
    path.now = change.after;
    path.steps.push_back(step);
    return {};
  }
  const bool all_files =
      path.now.kind == EntryKind::file && change.before.kind == EntryKind::file && change.after.kind == EntryKind::file;
  if (!all_files) {
    conflict(change.path,
             change.before.kind == EntryKind::none  ? "made twice, differently"
             : change.after.kind == EntryKind::none ? "removed here, changed there"
                                                    : "changed in ways that exclude each other",
             step);
    return {};
  }
  SKEIN_TRY(auto text, merged(change.path, change.before.bytes, change.after.bytes, path.now.bytes));
  if (!text) {
    SKEIN_TRY(auto clash, first_clash(change.path, change.before.bytes, change.after.bytes, path.now.bytes));
    conflict(change.path, clash ? "the same lines changed" : "changed twice, and no text", step, std::move(clash));
    return {};
  }
  path.now.bytes = std::move(*text);
  if (change.before.mode != change.after.mode) path.now.mode = change.after.mode;
  path.steps.push_back(step);
  if (std::ranges::find(merged_, change.path) == merged_.end()) merged_.push_back(change.path);
  return {};
}

/// A file of one step where another has a folder.
void MergedSets::find_files_on_the_way() {
  for (const auto& [path, at] : paths_) {
    if (at.now.kind == EntryKind::none) continue;
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const auto above = paths_.find(path.substr(0, slash));
      if (above == paths_.end() || above->second.now.kind == EntryKind::none) continue;
      const bool is_known = std::ranges::find(conflicts_, above->first, &StepConflict::path) != conflicts_.end();
      if (!is_known) conflict(above->first, "a file here, a folder there", at.steps.back());
    }
  }
}

ChangeSet MergedSets::set() const {
  ChangeSet set;
  for (const auto& [path, at] : paths_)
    if (at.before != at.now) set.changes.push_back({path, at.before, at.now});
  return set;
}

Error conflict_error(const std::vector<StepConflict>& conflicts) {
  std::string text;
  for (const StepConflict& one : conflicts)
    text += fmt::format("{}{} ({}: {})", text.empty() ? "" : "; ", one.path, one.reason, listed(one.steps));
  Error error(Code::conflict, "steps changed the same files, and nothing was applied: " + text);
  std::size_t shown = 0;
  for (const StepConflict& one : conflicts) {
    if (!one.clash || one.steps.size() < 2 || ++shown > kShownClashes) continue;
    const std::span<const std::string> steps(one.steps);
    for (const auto& [who, what] :
         {std::pair(steps.first(steps.size() - 1), &one.clash->theirs), std::pair(steps.last(1), &one.clash->ours)})
      error = std::move(error).with(fmt::format("{}: {} has {}", one.path, listed(who), first_lines(*what)));
  }
  return std::move(error).or_do(
      "let one of them stand after the other in the plan (`after`), so that it sees what the other did");
}

}  // namespace skein::agents
