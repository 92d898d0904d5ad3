#include "agents/apply_step.h"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

#include "agents/patch.h"
#include "base/file_lock.h"
#include "engine/session.h"
#include "engine/step_context.h"

namespace skein::agents {
namespace {

constexpr Millis kLongestApply{5'000};  ///< Another run's changes are brought in within it.

/// Every folder on the way is one, not a link that leads elsewhere.
bool leads_elsewhere(const std::string& workspace, const std::string& path) {
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    struct stat info{};
    if (::lstat(join_path(workspace, path.substr(0, slash)).c_str(), &info) != 0) return false;
    if (S_ISLNK(info.st_mode)) return true;
  }
  return false;
}

/// True if a folder holds files that the set does not remove: one cannot take its place.
bool holds_others(const std::string& workspace, const std::string& folder, const ChangeSet& set) {
  std::error_code ignored;
  const std::string root = join_path(workspace, folder);
  for (std::filesystem::recursive_directory_iterator entry(root, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    if (is_folder(entry->path().string())) continue;
    const std::string path = folder + entry->path().string().substr(root.size());
    const auto known = std::ranges::lower_bound(set.changes, path, {}, &Change::path);
    if (known == set.changes.end() || known->path != path || known->after.kind != EntryKind::none) return true;
  }
  return false;
}

std::string what_stands(const Entry& entry) {
  switch (entry.kind) {
    case EntryKind::none:
      return "is gone";
    case EntryKind::file:
      return "is another file";
    case EntryKind::link:
      return "is a link";
  }
  return {};
}

Result<engine::ChangeList> list_of(const std::string& workspace, const ChangeSet& set, engine::ResultStore& results) {
  engine::ChangeList list;
  list.target = workspace;
  for (const Change& change : set.changes) {
    engine::FileChange one;
    one.path = change.path;
    if (change.after.kind != EntryKind::none) {
      SKEIN_TRY(one.digest, results.put_blob(change.after.bytes));
      one.kind = change.after.kind == EntryKind::link ? engine::ChangeKind::link : engine::ChangeKind::file;
      one.mode = change.after.kind == EntryKind::file ? change.after.mode : 0;
    }
    list.changes.push_back(std::move(one));
  }
  return list;
}

}  // namespace

Result<Merge> merge_into(const std::string& workspace, const ChangeSet& set) {
  Merge merge;
  for (const Change& change : set.changes) {
    const std::string path = join_path(workspace, change.path);
    if (leads_elsewhere(workspace, change.path)) {
      merge.conflicts.push_back({change.path, "a folder on its way is a link now"});
      continue;
    }
    SKEIN_TRY(Entry now, entry_at(path));
    if (now == change.after && (now.kind != EntryKind::none || change.before.kind != EntryKind::none)) continue;
    if (change.after.kind != EntryKind::none && is_folder(path) && holds_others(workspace, change.path, set)) {
      merge.conflicts.push_back({change.path, "a folder with files of others stands there"});
      continue;
    }
    if (now == change.before || (now.kind == EntryKind::none && change.before.kind == EntryKind::none)) {
      merge.set.changes.push_back({change.path, std::move(now), change.after});
      continue;
    }
    const bool all_files =
        now.kind == EntryKind::file && change.before.kind == EntryKind::file && change.after.kind == EntryKind::file;
    if (all_files) {
      SKEIN_TRY(auto text, merged(change.path, change.before.bytes, change.after.bytes, now.bytes));
      if (text) {
        Entry after{EntryKind::file, change.before.mode == change.after.mode ? now.mode : change.after.mode,
                    std::move(*text)};
        merge.merged.push_back(change.path);
        if (after != now) merge.set.changes.push_back({change.path, std::move(now), std::move(after)});
        continue;
      }
      merge.conflicts.push_back({change.path, "others changed the same lines"});
      continue;
    }
    merge.conflicts.push_back({change.path, is_folder(path) ? "a folder stands there" : what_stands(now)});
  }
  return merge;
}

Error conflict_error(const std::vector<Conflict>& conflicts) {
  std::string text;
  for (const Conflict& one : conflicts)
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", one.path, one.reason);
  return Error(Code::conflict, "nothing was changed, these stand in the way: " + text)
      .or_do("move your own changes aside, or run the task again on the files as they are");
}

Status add_apply_step(engine::Plan& plan, const ApplyAgent& agent, engine::ArtifactId changes,
                      std::optional<engine::ArtifactId> report) {
  engine::Step step;
  step.name = kApplyStep;
  step.agent = &agent;
  step.purity = engine::Purity::effectful;
  step.inputs = {changes};
  if (report) step.inputs.push_back(*report);
  step.outputs = {plan.artifact("applied")};
  SKEIN_DO(plan.add(std::move(step)));
  return {};
}

Status ApplyAgent::run(engine::StepContext& context) const {
  SKEIN_TRY(const std::string bytes, context.input(0));
  SKEIN_TRY(ChangeSet set, decode_change_set(bytes));
  if (direction_ == Direction::back) set = reversed(std::move(set));
  std::optional<Digest> rechecked;
  while (true) {
    SKEIN_TRY(const Merge merge, merge_into(workspace_, set));
    if (!merge.conflicts.empty()) return std::unexpected(conflict_error(merge.conflicts));
    const Digest would_change = sha256(encode(merge.set));
    if (recheck_ && context.input_count() > 1 && rechecked != would_change) {
      // Before the lock is taken: checks take their time.
      SKEIN_TRY(const std::string report, context.input(1));
      SKEIN_DO(recheck_(context, read_gate_report(report), merge.set));
      rechecked = would_change;
    }
    SKEIN_TRY(const bool done, commit(context, set, would_change));
    if (done) return {};
  }
}

Result<bool> ApplyAgent::commit(engine::StepContext& context, const ChangeSet& set, const Digest& expected) const {
  auto lock = FileLock::acquire(lock_, kLongestApply);
  if (!lock) return pass(std::move(lock).error(), "while waiting for another run that applies its changes");
  SKEIN_TRY(const Merge merge, merge_into(workspace_, set));
  if (!merge.conflicts.empty()) return std::unexpected(conflict_error(merge.conflicts));
  if (sha256(encode(merge.set)) != expected) return false;
  SKEIN_TRY(engine::ChangeList list, list_of(workspace_, merge.set, results_));
  SKEIN_TRY(list.origin, results_.put_blob(encode(merge.set)));
  SKEIN_DO(
      engine::commit(files_, results_, context, list, direction_ == Direction::back ? kUndoneStage : kAppliedStage));
  for (const std::string& path : merge.merged)
    context.print(fmt::format("{} was changed meanwhile, in other lines: both changes are in it now\n", path));
  SKEIN_DO(context.output(0, encode(merge.set)));
  return true;
}

}  // namespace skein::agents
