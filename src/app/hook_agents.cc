// Coding agents that run their commands through `skein exec`: the documented hook of each, or, where using it would
// take a decision from the user, a section in AGENTS.md.
//
//   claude    a PreToolUse hook on Bash that answers with `updatedInput` (Claude Code's hooks reference,
//             https://code.claude.com/docs/en/hooks), in .claude/settings.local.json: it names this machine's skein
//   opencode  a plugin with `tool.execute.before` (https://opencode.ai/docs/plugins), .opencode/plugin/skein.js
//   codex     a section in AGENTS.md: Codex takes a changed command from a PreToolUse hook only together with
//             `permissionDecision: "allow"` (openai/codex issue 18491), which would approve every command for the user
#include <array>

#include <unistd.h>

#include "app/hook.h"
#include "app/json_splice.h"
#include "engine/schema.h"
#include "text/shell_quote.h"

namespace skein::app {
namespace {

constexpr std::string_view kEntryBegin = R"({"matcher": "Bash", "hooks": [{"type": "command", "command": )";
constexpr std::string_view kEntryEnd = R"( hook run claude"}]})";
constexpr std::string_view kEmpty = "{\n}\n";
constexpr std::string_view kPluginFirstLine =
    "// Written by `skein hook install opencode`; `skein hook remove opencode` takes it away.\n";
constexpr std::string_view kSectionBegin =
    "<!-- skein exec: written by `skein hook install codex`, taken away by `skein hook remove codex` -->\n";
constexpr std::string_view kSectionEnd = "<!-- end of skein exec -->\n";

std::string own_program() {
  std::array<char, 4096> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "skein";
}

/// The file's text, or nothing where there is none.
Result<std::optional<std::string>> existing(FileSystem& files, const std::string& path) {
  auto text = read_file(files, path);
  if (text) return std::optional(std::move(*text));
  if (text.error().code() == Code::not_found) return std::optional<std::string>();
  return std::unexpected(std::move(text).error());
}

Status write(FileSystem& files, const std::string& path, const std::string& text) {
  SKEIN_DO(files.make_directories(parent_path(path)));
  return write_file_atomically(files, path, text, true);
}

std::string claude_path(const engine::Context& context) {
  return join_path(context.workspace, ".claude/settings.local.json");
}

/// skein's entry as it stands in the settings, whatever program it names; empty where there is none.
std::string_view entry_in(std::string_view text) {
  for (std::size_t at = text.find(kEntryBegin); at != std::string_view::npos; at = text.find(kEntryBegin, at + 1)) {
    const std::size_t end = text.find(kEntryEnd, at);
    const std::string_view between =
        text.substr(at + kEntryBegin.size(), end == std::string_view::npos ? 0 : end - at - kEntryBegin.size());
    if (!between.empty() && !between.contains('}')) return text.substr(at, end + kEntryEnd.size() - at);
  }
  return {};
}

Result<HookWork> install_claude(const Services& services, const engine::Context& context) {
  HookWork work;
  const std::string path = claude_path(context);
  SKEIN_TRY(const auto before, existing(services.files, path));
  const std::string text = before.value_or(std::string(kEmpty));
  const std::string command = engine::Json(text::shell_quoted(own_program()) + " hook run claude")
                                  .dump(-1, ' ', false, engine::Json::error_handler_t::replace);
  const std::string entry = std::string(kEntryBegin) + command + "}]}";
  work.notes.push_back(
      "Claude Code's permission rules see the command as `skein exec … -- bash -c '…'`; rules such as Bash(npm test:*) "
      "no longer match: it asks, and without a terminal it refuses");
  if (const std::string_view there = entry_in(text); !there.empty()) {
    if (there == entry) return work;
    std::string changed = text;
    changed.replace(static_cast<std::size_t>(there.data() - text.data()), there.size(), entry);
    SKEIN_DO(write(services.files, path, changed));
  } else {
    auto changed = add_to_list(text, "hooks", "PreToolUse", entry);
    if (!changed)
      return std::unexpected(std::move(changed)
                                 .error()
                                 .with("while adding a hook to " + path)
                                 .or_do("mend the file, or add the hook by hand: a PreToolUse hook on Bash that runs "
                                        "`skein hook run claude`"));
    SKEIN_DO(write(services.files, path, *changed));
  }
  work.changed.push_back(path);
  return work;
}

Result<HookWork> remove_claude(const Services& services, const engine::Context& context) {
  HookWork work;
  const std::string path = claude_path(context);
  SKEIN_TRY(const auto before, existing(services.files, path));
  if (!before) return work;
  const std::string entry(entry_in(*before));
  if (entry.empty()) {
    if (before->contains("hook run claude"))
      work.notes.push_back(path +
                           " names `skein hook run claude` in a form that skein did not write: take it out by hand");
    return work;
  }
  const std::string rest = without_list_entry(*before, "hooks", "PreToolUse", entry);
  if (rest == kEmpty)
    SKEIN_DO(services.files.remove(path));
  else
    SKEIN_DO(write(services.files, path, rest));
  work.changed.push_back(path);
  return work;
}

std::string plugin() {
  const std::string program = engine::Json(own_program()).dump(-1, ' ', false, engine::Json::error_handler_t::replace);
  return std::string(kPluginFirstLine) + "import { spawnSync } from \"node:child_process\";\n\n" +
         "export const SkeinExec = async () => ({\n"
         "  \"tool.execute.before\": async (input, output) => {\n"
         "    if (input.tool !== \"bash\") return;\n"
         "    const call = JSON.stringify({ tool_name: \"Bash\", tool_input: { command: output.args.command } });\n"
         "    const answer = spawnSync(" +
         program +
         ", [\"hook\", \"run\", \"opencode\"], { input: call, encoding: \"utf8\" });\n"
         "    if (answer.status !== 0 || !answer.stdout) return;  // The command is run as it is.\n"
         "    output.args.command = JSON.parse(answer.stdout).hookSpecificOutput.updatedInput.command;\n"
         "  },\n"
         "});\n";
}

std::string plugin_path(const engine::Context& context) {
  return join_path(context.workspace, ".opencode/plugin/skein.js");
}

Result<HookWork> install_opencode(const Services& services, const engine::Context& context) {
  HookWork work;
  const std::string path = plugin_path(context);
  SKEIN_TRY(const auto before, existing(services.files, path));
  if (before && !before->starts_with(kPluginFirstLine))
    return std::unexpected(Error(Code::invalid_argument, fmt::format("{} is there and is not skein's", path))
                               .or_do("move it away, then repeat the command"));
  if (before == plugin()) return work;
  SKEIN_DO(write(services.files, path, plugin()));
  work.changed.push_back(path);
  return work;
}

Result<HookWork> remove_opencode(const Services& services, const engine::Context& context) {
  HookWork work;
  const std::string path = plugin_path(context);
  SKEIN_TRY(const auto before, existing(services.files, path));
  if (!before || !before->starts_with(kPluginFirstLine)) return work;
  SKEIN_DO(services.files.remove(path));
  work.changed.push_back(path);
  return work;
}

std::string section() {
  return std::string(kSectionBegin) +
         "## Running commands\n\n"
         "Run builds, tests and other commands that print much through `skein exec --format agent -- CMD`. It runs "
         "the\n"
         "command exactly as given, keeps its exit code, prints the failures first within 10 KB, and stores the whole\n"
         "output: `skein log show last --lines A-B` or `--failure N` shows more of it. A line for the shell needs\n"
         "`skein exec --format agent -- sh -c '…'`. Read files and search without it.\n" +
         std::string(kSectionEnd);
}

std::string without_section(const std::string& text) {
  const auto begin = text.find(kSectionBegin);
  const auto end = begin == std::string::npos ? begin : text.find(kSectionEnd, begin);
  if (end == std::string::npos) return text;
  // With the empty line that stands before it.
  const std::size_t from = begin >= 2 && text.compare(begin - 2, 2, "\n\n") == 0 ? begin - 1 : begin;
  return text.substr(0, from) + text.substr(end + kSectionEnd.size());
}

Result<HookWork> install_codex(const Services& services, const engine::Context& context) {
  HookWork work;
  work.notes.push_back(
      "Codex takes a changed command from a hook only if the hook approves it for you, so skein asks in AGENTS.md "
      "instead: "
      "it is a request that the model may overlook");
  const std::string path = join_path(context.workspace, "AGENTS.md");
  SKEIN_TRY(const auto before, existing(services.files, path));
  const std::string own = without_section(before.value_or(""));
  const std::string changed = own + (own.empty() ? "" : own.ends_with('\n') ? "\n" : "\n\n") + section();
  if (before == changed) return work;
  SKEIN_DO(write(services.files, path, changed));
  work.changed.push_back(path);
  return work;
}

Result<HookWork> remove_codex(const Services& services, const engine::Context& context) {
  HookWork work;
  const std::string path = join_path(context.workspace, "AGENTS.md");
  SKEIN_TRY(const auto before, existing(services.files, path));
  if (!before) return work;
  const std::string rest = without_section(*before);
  if (rest == *before) return work;
  if (rest.empty())
    SKEIN_DO(services.files.remove(path));
  else
    SKEIN_DO(write(services.files, path, rest));
  work.changed.push_back(path);
  return work;
}

}  // namespace

HookTarget claude_hook_target() {
  return {"claude", "Claude Code's commands run through skein exec", install_claude, remove_claude};
}
HookTarget opencode_hook_target() {
  return {"opencode", "OpenCode's commands run through skein exec", install_opencode, remove_opencode};
}
HookTarget codex_hook_target() {
  return {"codex", "a section in AGENTS.md asks Codex to use skein exec", install_codex, remove_codex};
}

}  // namespace skein::app
