// A program that is killed at an instant.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

namespace skein::test {

/// Starts a program silently in a folder, with PATH and this HOME as its environment; its process.
inline pid_t start_silently(std::vector<std::string> argv, const std::string& folder, const std::string& home) {
  const char* const path = std::getenv("PATH");
  std::vector<std::string> variables{"HOME=" + home, std::string("PATH=") + (path != nullptr ? path : "")};
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int end = 0; end < 3; ++end) ::dup2(nothing, end);
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  std::vector<char*> words, environment;
  for (std::string& word : argv) words.push_back(word.data());
  for (std::string& one : variables) environment.push_back(one.data());
  words.push_back(nullptr);
  environment.push_back(nullptr);
  ::execve(words.front(), words.data(), environment.data());
  ::_exit(127);
}

/// Waits for its end and kills it at `limit`. Its status as waitpid gives it.
inline int kill_after(pid_t child, std::chrono::microseconds limit) {
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  if (handle >= 0) {
    pollfd ended{handle, POLLIN, 0};
    const timespec wait{limit.count() / 1'000'000, limit.count() % 1'000'000 * 1'000};
    ::ppoll(&ended, 1, &wait, nullptr);
    ::close(handle);
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace skein::test
