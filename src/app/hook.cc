#include "app/hook.h"

#include <algorithm>
#include <array>

#include <fmt/ranges.h>

#include "app/operations.h"
#include "text/nearest.h"
#include "text/printable.h"

namespace skein::app {
namespace {

using engine::Context;

struct HookInput {
  std::string target;

  template <class V>
  static void describe(V& v) {
    v.field("target", &HookInput::target, "The program that shall call skein: git, claude, opencode or codex.",
            {.required = true, .positional = true, .value_name = "TARGET"});
  }
};

struct HookOutput {
  std::string target;
  std::vector<std::string> changed;
  std::vector<std::string> notes;

  template <class V>
  static void describe(V& v) {
    v.field("target", &HookOutput::target, "The program.");
    v.field("changed", &HookOutput::changed, "Files that were written or removed.");
    v.field("notes", &HookOutput::notes, "What a reader should know.");
  }
};

std::string render(const HookOutput& output, const engine::Style&) {
  std::string text;
  for (const auto& note : output.notes) text += fmt::format("note: {}\n", text::printable(note));
  for (const auto& file : output.changed) text += text::printable(file) + "\n";
  if (output.changed.empty()) text += "Nothing to do.\n";
  return text;
}

Result<HookOutput> work(const Services& services, const Context& context, const HookInput& input, bool install) {
  const auto targets = hook_targets();
  const auto found = std::ranges::find(targets, input.target, &HookTarget::name);
  if (found == targets.end()) {
    std::vector<std::string> names;
    for (const auto& target : targets) names.emplace_back(target.name);
    return std::unexpected(Error(Code::invalid_argument, fmt::format("skein has no hook for \"{}\"{}", input.target,
                                                                     text::did_you_mean(input.target, names)))
                               .or_do(fmt::format("there are: {}", fmt::join(names, ", "))));
  }
  SKEIN_TRY(auto done, (install ? found->install : found->remove)(services, context));
  return HookOutput{input.target, std::move(done.changed), std::move(done.notes)};
}

}  // namespace

std::span<const HookTarget> hook_targets() {
  static const std::array targets{git_hook_target(), claude_hook_target(), opencode_hook_target(), codex_hook_target()};
  return targets;
}

void register_hook(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<HookInput, HookOutput>(
      {.name = "hook install",
       .summary = "Let another program call skein",
       .description =
           "`git`: documents in the background after each commit, merge and checkout.\n`claude`, `opencode`: "
           "the agent's commands run through `skein exec` (a PreToolUse hook in "
           ".claude/settings.local.json; a plugin in .opencode/plugin).\n`codex`: a section in AGENTS.md asks "
           "for it, since its hook would have to approve each command for you.\n\nWhat is there is kept "
           "byte for byte: skein adds a piece of its own. Repeating it changes nothing.",
       .examples = {{"skein hook install git", "keep the pages up to date"},
                    {"skein hook install claude", "Claude Code reads less"}},
       .permissions = {engine::Permission::read, engine::Permission::write_files}},
      [&services](const Context& context, const HookInput& input) { return work(services, context, input, true); },
      render));
  table.add(engine::Operation::make<HookInput, HookOutput>(
      {.name = "hook remove",
       .summary = "Take back what hook install added",
       .description = "Removes skein's piece, and the file where nothing else is in it.",
       .examples = {{"skein hook remove git", "git calls skein no more"}},
       .permissions = {engine::Permission::read, engine::Permission::write_files}},
      [&services](const Context& context, const HookInput& input) { return work(services, context, input, false); },
      render));
  register_hook_run(table);
}

}  // namespace skein::app
