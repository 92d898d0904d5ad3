#include "agents/merged_sets.h"

#include <algorithm>

#include "agents/patch.h"

namespace skein::agents {

void MergedSets::conflict(const std::string& path, std::string reason, const std::string& step) {
  StepConflict found{path, std::move(reason), paths_[path].steps};
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
    conflict(change.path, "the same lines changed", step);
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
  for (const StepConflict& one : conflicts) {
    std::string steps;
    for (const std::string& step : one.steps) steps += (steps.empty() ? "" : ", ") + step;
    text += fmt::format("{}{} ({}: {})", text.empty() ? "" : "; ", one.path, one.reason, steps);
  }
  return Error(Code::conflict, "steps changed the same files, and nothing was applied: " + text)
      .or_do("let one of them stand after the other in the plan (`after`), so that it sees what the other did");
}

}  // namespace skein::agents
