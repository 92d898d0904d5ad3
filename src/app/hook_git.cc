// Git's hooks: a marked block at the beginning of post-commit, post-merge and post-checkout, which documents in the
// background, so that git never waits and never fails because of skein.
#include <array>

#include <sys/stat.h>
#include <unistd.h>

#include "app/hook.h"
#include "repo/git.h"
#include "text/shell_quote.h"

namespace skein::app {
namespace {

constexpr std::array<std::string_view, 3> kHooks{"post-commit", "post-merge", "post-checkout"};
constexpr std::string_view kBegin = "# >>> skein docs >>> (skein hook remove git takes this away)\n";
constexpr std::string_view kEnd = "# <<< skein docs <<<\n";
constexpr std::string_view kShell = "#!/bin/sh\n";

std::string block() {
  std::array<char, 4096> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
  const std::string program = size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "skein";
  std::string text(kBegin);
  // In a folder of the work tree; GIT_* would lead skein's users elsewhere.
  text += fmt::format("if [ -x {0} ]; then ( exec {0} docs --quiet </dev/null >/dev/null 2>&1 & ) ; fi\n",
                      text::shell_quoted(program));
  return text += kEnd;
}

bool is_shell(std::string_view script) {
  const auto line = script.substr(0, script.find('\n'));
  if (!line.starts_with("#!")) return false;
  for (const std::string_view shell :
       {"/sh", "/bash", "/dash", "/zsh", "/ksh", " sh", " bash", " dash", " zsh", " ksh"})
    if (const auto at = line.find(shell); at != std::string_view::npos) {
      const auto after = line.substr(at + shell.size());
      if (after.empty() || after.front() == ' ' || after.front() == '\r') return true;
    }
  return false;
}

/// The script without skein's block; the same where there is none.
std::string without_block(const std::string& script) {
  const auto begin = script.find(kBegin);
  if (begin == std::string::npos) return script;
  const auto end = script.find(kEnd, begin);
  if (end == std::string::npos) return script;
  return script.substr(0, begin) + script.substr(end + kEnd.size());
}

struct Hook {
  std::string path;
  std::string script;  ///< Empty where there is none.
  bool exists = false;
};

Result<std::vector<Hook>> find_hooks(const Services& services, const engine::Context& context, HookWork& work) {
  const auto git = repo::read_git(context.workspace);
  if (!git.present || git.common_directory.empty())
    return std::unexpected(Error(Code::not_found, fmt::format("{} is not in a git repository", context.workspace))
                               .or_do("name one with -C DIR, or run `git init` first"));
  // Where core.hooksPath is set, git looks elsewhere and this folder is not read.
  if (const auto config = read_file(services.files, join_path(git.common_directory, "config"));
      config && (config->contains("hooksPath") || config->contains("hookspath")))
    work.notes.push_back("core.hooksPath is set: git runs the hooks of that folder, and not those in " +
                         git.common_directory + "/hooks");
  std::vector<Hook> hooks;
  for (const auto name : kHooks) {
    Hook hook{join_path(git.common_directory, fmt::format("hooks/{}", name)), {}, false};
    auto script = read_file(services.files, hook.path);
    if (script) {
      hook.script = std::move(*script);
      hook.exists = true;
    } else if (script.error().code() != Code::not_found) {
      return std::unexpected(std::move(script).error());
    }
    hooks.push_back(std::move(hook));
  }
  return hooks;
}

Status write_hook(const Services& services, const std::string& path, const std::string& script) {
  struct stat before{};
  const bool known = ::stat(path.c_str(), &before) == 0;
  SKEIN_DO(services.files.make_directories(parent_path(path)));
  SKEIN_DO(write_file_atomically(services.files, path, script, true));
  const mode_t mode = known ? (before.st_mode & 07777) | S_IXUSR : 0755;
  if (::chmod(path.c_str(), mode) != 0)
    return std::unexpected(system_error(errno, "cannot make it executable: " + path));
  return {};
}

Result<HookWork> install(const Services& services, const engine::Context& context) {
  HookWork work;
  SKEIN_TRY(const auto hooks, find_hooks(services, context, work));
  for (const auto& hook : hooks)
    if (hook.exists && !hook.script.empty() && !is_shell(hook.script))
      return std::unexpected(
          Error(Code::invalid_argument, fmt::format("{} is no shell script, so skein cannot add to it", hook.path))
              .or_do("let it call `skein docs --quiet` itself, or move it away and call it from a shell script"));
  for (const auto& hook : hooks) {
    const std::string own = without_block(hook.script.empty() ? std::string(kShell) : hook.script);
    // First, since what follows may end the script.
    const auto line = own.find('\n');
    std::string script = line == std::string::npos ? own + "\n" : own.substr(0, line + 1);
    script += block();
    if (line != std::string::npos) script += own.substr(line + 1);
    if (script == hook.script) continue;
    SKEIN_DO(write_hook(services, hook.path, script));
    work.changed.push_back(hook.path);
  }
  return work;
}

Result<HookWork> remove(const Services& services, const engine::Context& context) {
  HookWork work;
  SKEIN_TRY(const auto hooks, find_hooks(services, context, work));
  for (const auto& hook : hooks) {
    const std::string rest = without_block(hook.script);
    if (rest == hook.script) continue;
    if (rest == kShell) {
      SKEIN_DO(services.files.remove(hook.path));
    } else {
      SKEIN_DO(write_hook(services, hook.path, rest));
    }
    work.changed.push_back(hook.path);
  }
  return work;
}

}  // namespace

HookTarget git_hook_target() { return {"git", "documents after a commit, merge or checkout", install, remove}; }

}  // namespace skein::app
