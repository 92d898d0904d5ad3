// `skein apply` and `skein undo`.
#include "app/change_runs.h"
#include "app/change_view.h"
#include "app/operations.h"
#include "engine/operation.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using agents::ApplyAgent;
using engine::Context;

struct ApplyInput {
  std::string run;
  bool dry_run = false;
  bool unchecked = false;

  template <class V>
  static void describe(V& v) {
    v.field("run", &ApplyInput::run, "The run: its name, the beginning of it, or \"last\".",
            {.required = true, .positional = true, .value_name = "RUN"});
    v.field("dry_run", &ApplyInput::dry_run, "Show what would change, and change nothing.");
    v.field("unchecked", &ApplyInput::unchecked,
            "Apply also where the files are others than those that its checks passed on, without running them again.");
  }
};

struct UndoInput {
  std::optional<std::string> run;
  bool dry_run = false;
  bool yes = false;

  template <class V>
  static void describe(V& v) {
    v.field("run", &UndoInput::run, "The run; without it the last one whose changes are applied.",
            {.positional = true, .value_name = "RUN"});
    v.field("dry_run", &UndoInput::dry_run, "Show what would change, and change nothing.");
    v.field("yes", &UndoInput::yes, "Do not ask.");
  }
};

struct AppliedOutput {
  std::string run_id;
  std::string of;
  std::string status;
  std::vector<ChangedFile> files;
  std::vector<std::string> merged;
  bool rechecked = false;
  std::string patch;

  template <class V>
  static void describe(V& v) {
    v.field("run_id", &AppliedOutput::run_id, "The run that did it; empty where nothing was done.");
    v.field("of", &AppliedOutput::of, "The run whose changes these are.");
    v.field("status", &AppliedOutput::status, "\"applied\", \"undone\", \"unchanged\" or \"planned\".");
    v.field("files", &AppliedOutput::files, "What changed, or would.");
    v.field("merged", &AppliedOutput::merged, "Files where later edits were kept, in other lines.");
    v.field("rechecked", &AppliedOutput::rechecked,
            "True if the checks ran again, and passed: the files were others than those that they had passed on.");
    v.field("patch", &AppliedOutput::patch, "All of it as one patch.");
  }
};

std::string render(const AppliedOutput& output, const engine::Style& style) {
  std::string text;
  if (output.status == "planned") text += shown_patch(output.patch, style, 0, "");
  if (!output.files.empty()) text += file_table(output.files);
  for (const auto& path : output.merged) text += fmt::format("{}: later edits in other lines were kept\n", path);
  if (output.rechecked) text += "The checks passed on the files as they are now.\n";
  if (output.status == "applied") text += fmt::format("Applied {}. `skein undo` takes it back.\n", output.of);
  if (output.status == "undone") text += fmt::format("{} is taken back.\n", output.of);
  if (output.status == "unchanged")
    text += fmt::format("Nothing to do: the files are as {} would make them.\n", output.of);
  if (output.status == "planned") text += "Nothing was changed.\n";
  return text;
}

Result<AppliedOutput> bring_in(const Services& services, const Context& context, Machinery& machinery,
                               const std::string& of, ToApply what, bool dry_run,
                               const std::function<bool(const AppliedOutput&)>& may) {
  const bool back = what.direction == ApplyAgent::Direction::back;
  AppliedOutput output;
  output.of = of;
  SKEIN_TRY(agents::Merge merge, agents::merge_into(context.workspace, back ? agents::reversed(what.set) : what.set));
  if (!merge.conflicts.empty()) return std::unexpected(agents::conflict_error(merge.conflicts));
  output.merged = merge.merged;
  SKEIN_TRY(auto view, view_of(merge.set));
  output.files = std::move(view.files);
  output.patch = std::move(view.patch);
  output.status = "planned";
  if (dry_run) return output;
  if (may && !may(output)) return fail(Code::cancelled, "nothing was changed");
  what.operation = back ? "undo" : "apply";
  what.input = engine::Json{{"run", of}}.dump();
  SKEIN_TRY(const Applied applied, apply_changes(services, context, machinery, what));
  output.run_id = applied.run;
  output.rechecked = applied.rechecked;
  output.status = applied.set.empty() ? "unchanged" : back ? "undone" : "applied";
  return output;
}

Result<AppliedOutput> apply(const Services& services, const Context& context, const ApplyInput& input) {
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const RunChanges changes, changes_of_run(services, *session, input.run));
  ToApply what{.set = changes.made};
  if (!input.unchecked) what.gates = changes.gates;
  return bring_in(services, context, machinery, changes.run, std::move(what), input.dry_run, {});
}

Result<AppliedOutput> undo(const Services& services, const Context& context, const UndoInput& input) {
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  std::string name = input.run.value_or("");
  if (!input.run) {
    SKEIN_TRY(name, last_applied_run(services, *session));
  }
  SKEIN_TRY(const RunChanges changes, changes_of_run(services, *session, name));
  if (!changes.applied || changes.taken_back)
    return std::unexpected(
        Error(Code::not_found,
              fmt::format("run {} {}", changes.run, changes.taken_back ? "is taken back already" : "was never applied"))
            .or_do("`skein runs list` shows the runs"));
  const auto may = [&](const AppliedOutput& output) {
    if (input.yes) return true;
    if (!context.confirm) return false;
    return context.confirm(file_table(output.files) + fmt::format("Take back {}?", changes.run));
  };
  if (!input.yes && !input.dry_run && !context.confirm)
    return std::unexpected(Error(Code::invalid_argument, fmt::format("this would take back run {}", changes.run))
                               .or_do("say --yes, or look first: --dry-run"));
  return bring_in(services, context, machinery, changes.run,
                  {.set = *changes.applied, .direction = ApplyAgent::Direction::back}, input.dry_run, may);
}

}  // namespace

void register_apply(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<ApplyInput, AppliedOutput>(
      {.name = "apply",
       .summary = "Bring a run's changes into your files",
       .description =
           "All of them, or none. What you changed since in other lines of the same files is kept; where both changed "
           "the same lines the files are named and nothing is touched. What the run's checks passed speaks for the "
           "files as they were then: where they are others now, the checks run again on what would be there, and "
           "nothing is applied unless they pass. Killed at any moment, the next skein command finishes it.",
       .examples = {{"skein apply last --dry-run", "look at the whole diff"}, {"skein apply last", "apply it"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files,
                       engine::Permission::run_code},
       .records_runs = true},
      [&services](const Context& context, const ApplyInput& input) { return apply(services, context, input); },
      render));
  table.add(engine::Operation::make<UndoInput, AppliedOutput>(
      {.name = "undo",
       .summary = "Take back what a run changed in your files",
       .description =
           "Brings the files back to what they were before the run's changes. What you edited since in other lines is "
           "kept; where you edited the same lines the files are named and nothing is touched.",
       .examples = {{"skein undo", "the last run that was applied; asks"}, {"skein undo last --yes", "without asking"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files},
       .records_runs = true},
      [&services](const Context& context, const UndoInput& input) { return undo(services, context, input); }, render));
}

}  // namespace skein::app
