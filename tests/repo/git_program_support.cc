#include "repo/git_program.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include <gtest/gtest.h>

#include "support/scratch_tree.h"

namespace skein::test {
namespace {

std::string quoted(const std::string& word) {
  std::string result = "'";
  for (const char c : word) {
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result + "'";
}

}  // namespace

std::string git(const std::string& folder, const Arguments& arguments, const std::string& input,
                const std::vector<int>& fine) {
  const ScratchTree scratch;
  scratch.write("input", input);
  std::string command =
      "env -u GIT_DIR -u GIT_INDEX_FILE -u GIT_WORK_TREE GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost "
      "GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null "
      "XDG_CONFIG_HOME=/nonexistent LC_ALL=C git -C " +
      quoted(folder);
  for (const auto& argument : arguments) command += " " + quoted(argument);
  command += " <" + quoted(scratch.path("input")) + " 2>" + quoted(scratch.path("errors"));
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot start git";
    return {};
  }
  std::string output;
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, got);
  const int status = ::pclose(pipe);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  EXPECT_NE(std::find(fine.begin(), fine.end(), code), fine.end())
      << "git " << (arguments.empty() ? "" : arguments.front()) << ": " << scratch.read("errors");
  return output;
}

}  // namespace skein::test
