#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "bench/harness/processes.h"

extern char** environ;

namespace skein::bench {

ProcessCost process_cost(const std::vector<std::string>& argv, const std::string& directory) {
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const auto start = std::chrono::steady_clock::now();
  pid_t child = -1;
  const int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  int status = -1;
  rusage usage{};
  if (error == 0) wait4(child, &status, 0, &usage);
  const auto end = std::chrono::steady_clock::now();
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return {};
  return {std::chrono::duration<double, std::milli>(end - start).count(), static_cast<double>(usage.ru_maxrss) / 1024};
}

double process_ms(const std::vector<std::string>& argv, const std::string& directory) {
  return process_cost(argv, directory).ms;
}

Turns take_turns(int runs, const std::vector<std::string>& first, const std::vector<std::string>& second,
                 const std::string& directory) {
  Turns turns;
  for (int run = 0; run <= runs; ++run) {
    const double a = process_ms(first, directory);
    const double b = process_ms(second, directory);
    if (a < 0 || b < 0) return {};
    if (run == 0) continue;
    turns.first_ms.push_back(a);
    turns.second_ms.push_back(b);
  }
  return turns;
}

std::optional<std::string> output_of(const std::vector<std::string>& argv) {
  int ends[2];
  if (pipe(ends) != 0) return std::nullopt;
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    output.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = -1;
  if (error == 0) waitpid(child, &status, 0);
  if (error != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return output;
}

namespace {
std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}
}  // namespace

std::string skein_binary() { return setting("SKEIN_BINARY", "build/release/skein"); }
std::string trees_folder() { return setting("SKEIN_BENCH_TREES", "build/bench-trees"); }

std::string committed_copy(const std::string& name, const std::string& source) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!fs::is_directory(source, ignored)) return {};
  const std::string tree = trees_folder() + "/" + name;
  if (fs::is_directory(tree + "/.git", ignored)) return tree;
  fs::create_directories(tree, ignored);
  const std::string script =
      "set -e; cd \"$1\"; find . -name __pycache__ -prune -o -type f -size -2M -print0 |"
      " xargs -0 cp --parents -t \"$2\"; cd \"$2\"; git init -q -b main; git add -A;"
      " git -c user.name=bench -c user.email=bench@localhost commit -q -m 'As found'";
  if (process_ms({"bash", "-c", script, "copy", source, fs::absolute(tree).string()}) < 0) return {};
  return tree;
}

void forget_state(const std::string& workspace) {
  namespace fs = std::filesystem;
  const std::string away = trees_folder() + "/set-aside";
  std::error_code error;
  fs::create_directories(away, error);
  for (int number = 0; fs::exists(workspace + "/.skein"); ++number) {
    const auto place = away + "/" + std::to_string(number);
    if (!fs::exists(place)) fs::rename(workspace + "/.skein", place, error);
    if (error) fs::remove_all(workspace + "/.skein");
  }
}

}  // namespace skein::bench
