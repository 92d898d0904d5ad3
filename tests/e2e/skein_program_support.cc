#include "e2e/skein_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace skein::test {
namespace {

/// Reads both pipes to their ends.
void read_both(int out, int err, Outcome& outcome) {
  std::array<pollfd, 2> waits{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<char, 65536> buffer{};
  int open = 2;
  while (open > 0) {
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      const ssize_t got = ::read(waits[i].fd, buffer.data(), buffer.size());
      if (got > 0) {
        (i == 0 ? outcome.out : outcome.err).append(buffer.data(), static_cast<std::size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        waits[i].fd = -1;
        --open;
      }
    }
  }
}

}  // namespace

Outcome SkeinProgram::run(const std::vector<std::string>& words, const std::string& folder,
                          const std::vector<std::pair<std::string, std::string>>& more) const {
  std::vector<std::string> argv{SKEIN_PROGRAM};
  argv.insert(argv.end(), words.begin(), words.end());
  return run_program(argv, folder, more);
}

Outcome SkeinProgram::run_program(const std::vector<std::string>& argv, const std::string& folder,
                                  const std::vector<std::pair<std::string, std::string>>& more) const {
  std::vector<std::string> environment{"HOME=" + home.root(), "LC_ALL=C"};
  if (const char* path = std::getenv("PATH")) environment.push_back(std::string("PATH=") + path);
  for (const auto& [name, value] : more) environment.push_back(name + "=" + value);
  std::vector<char*> arguments, variables;
  for (const std::string& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  for (const std::string& entry : environment) variables.push_back(const_cast<char*>(entry.c_str()));
  variables.push_back(nullptr);
  std::array<int, 2> out{}, err{};
  Outcome outcome;
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) return outcome;
  const std::string where = folder.empty() ? workspace.root() : folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (::chdir(where.c_str()) != 0) ::_exit(126);
    ::dup2(nothing, 0);
    ::dup2(out[1], 1);
    ::dup2(err[1], 2);
    ::execvpe(arguments[0], arguments.data(), variables.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);
  read_both(out[0], err[0], outcome);
  ::close(out[0]);
  ::close(err[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

}  // namespace skein::test
