// `skein hook run AGENT`: what the hooks of agents call. A tool call comes in as JSON; where its command shall run
// under `skein exec`, the changed call goes out.
#include <algorithm>
#include <array>

#include <unistd.h>

#include "app/hook_run.h"
#include "app/operations.h"
#include "engine/schema.h"
#include "text/shell_quote.h"

namespace skein::app {
namespace {

using engine::Context;
using engine::Json;

constexpr std::size_t kMostInput = std::size_t{16} << 20;

// They change the shell itself, or hand control on: in a shell of its own their effect would be lost.
constexpr std::array<std::string_view, 18> kChangeTheShell{"cd",    "export", "source", ".",    "alias", "unalias",
                                                           "unset", "set",    "pushd",  "popd", "eval",  "exec",
                                                           "trap",  "umask",  "ulimit", "wait", "jobs",  "shopt"};
// Their output is what was asked for, not a report to be shortened.
constexpr std::array<std::string_view, 26> kReaders{
    "cat", "head", "tail", "sed",  "awk",  "grep", "rg",    "ls",  "find",   "less", "more", "wc",   "echo",
    "jq",  "tree", "pwd",  "diff", "file", "stat", "which", "env", "printf", "sort", "cut",  "date", "skein"};
constexpr std::array<std::string_view, 6> kReadersOfGit{"diff", "show", "log", "status", "blame", "grep"};

std::string_view first_word(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
  return text.substr(begin, text.find_first_of(" \t\n;&|<>()", begin) - begin);
}

std::string_view after_word(std::string_view text, std::string_view word) {
  return text.substr(static_cast<std::size_t>(word.data() + word.size() - text.data()));
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

struct RunInput {
  std::string agent;

  template <class V>
  static void describe(V& v) {
    v.field("agent", &RunInput::agent, "Whose hook calls: claude or opencode.",
            {.required = true, .positional = true, .value_name = "AGENT"});
  }
};

struct RunOutput {
  Json answer;

  template <class V>
  static void describe(V& v) {
    v.field("answer", &RunOutput::answer, "What the agent gets; null: the call stays as it is.");
  }
};

std::string render(const RunOutput& output, const engine::Style&) {
  if (output.answer.is_null()) return {};
  return output.answer.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string standard_input() {
  std::string all(1 << 16, '\0');
  std::size_t size = 0;
  while (size < kMostInput) {
    if (size == all.size()) all.resize(2 * size);
    const ssize_t got = ::read(STDIN_FILENO, all.data() + size, all.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  all.resize(size);
  return all;
}

std::string own_program() {
  std::array<char, 4096> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "skein";
}

// What is no call of a shell stays as it is: an error would stop the agent's work, and not the command.
Result<RunOutput> run(const Context&, const RunInput& input) {
  if (input.agent != "claude" && input.agent != "opencode")
    return std::unexpected(
        Error(Code::invalid_argument, fmt::format("no agent \"{}\" calls hooks of skein", input.agent))
            .or_do("there are: claude, opencode"));
  RunOutput output;
  const auto call = engine::parse_json(standard_input());
  if (!call || !call->is_object() || call->value("tool_name", Json()) != "Bash") return output;
  Json tool = call->value("tool_input", Json());
  if (!tool.is_object() || !tool.value("command", Json()).is_string()) return output;
  if (tool.value("run_in_background", Json()) == true) return output;
  const auto command = under_exec(tool["command"].get<std::string>(), own_program());
  if (!command) return output;
  tool["command"] = *command;
  // No decision: whether it may run is between the agent and its user.
  output.answer = {{"hookSpecificOutput", {{"hookEventName", "PreToolUse"}, {"updatedInput", std::move(tool)}}}};
  return output;
}

}  // namespace

std::optional<std::string> under_exec(std::string_view command, std::string_view program) {
  std::string before;
  std::string_view rest = command;
  // "cd folder && …" changes the folder for later commands, too: it stays in the agent's shell.
  if (first_word(rest) == "cd") {
    const std::size_t end = rest.find("&&");
    if (end == std::string_view::npos ||
        rest.substr(0, end).find_first_of(";|&<>()`$\n'\"\\") != std::string_view::npos)
      return std::nullopt;
    before = std::string(rest.substr(0, end)) + "&& ";
    rest.remove_prefix(end + 2);
  }
  std::string_view word = first_word(rest);
  if (word.empty() || is_one_of(word, kChangeTheShell) || is_one_of(word, kReaders)) return std::nullopt;
  if (word == "git" && is_one_of(first_word(after_word(rest, word)), kReadersOfGit)) return std::nullopt;
  const std::size_t last = rest.find_last_not_of(" \t\n");
  if (rest[last] == '&') return std::nullopt;  // In the background.
  return before + text::shell_quoted(program) + " exec --format agent -- bash -c " +
         text::shell_quoted(rest.substr(rest.find_first_not_of(" \t\n")));
}

void register_hook_run(engine::OperationTable& table) {
  table.add(engine::Operation::make<RunInput, RunOutput>(
      {.name = "hook run",
       .summary = "Answer an agent's hook; agents call it, not people",
       .description =
           "Reads a tool call as JSON from standard input, as Claude Code gives it to a PreToolUse hook, and "
           "prints the call with its command under `skein exec --format agent`. Nothing is printed, and so "
           "nothing changed, for commands that read (cat, grep, git diff, …), that change the shell (cd, "
           "export, …), and in the background. It decides nothing about permissions.",
       .examples = {{"skein hook run claude < call.json", "what Claude Code would run"}},
       .surfaces = {engine::Surface::cli},
       .uses_workspace = false},
      [](const Context& context, const RunInput& input) { return run(context, input); }, render));
}

}  // namespace skein::app
