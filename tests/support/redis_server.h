// A Redis server of a test's own, on a unix socket in a temporary folder; and a proxy before it that is slow.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "support/scratch_tree.h"

namespace skein::test {

inline int connect_to(const std::string& path) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
  ::close(socket);
  return -1;
}

/// Debian's redis-server. A test fails where it is not installed.
class RedisServer {
 public:
  explicit RedisServer(std::vector<std::string> more = {}) : more_(std::move(more)) { start(); }
  ~RedisServer() { kill(); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  [[nodiscard]] std::string socket() const { return folder_.path("s"); }
  [[nodiscard]] std::string url() const { return "unix://" + socket(); }

  void start() {
    std::vector<std::string> words{"redis-server", "--port", "0",     "--unixsocket", socket(),     "--save", "",
                                   "--appendonly", "no",     "--dir", folder_.root(), "--loglevel", "warning"};
    words.insert(words.end(), more_.begin(), more_.end());
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // Also when the test crashes.
      const int null = ::open("/dev/null", O_RDWR);
      ::dup2(null, 1), ::dup2(null, 2);
      std::vector<char*> argv;
      for (auto& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    for (int i = 0; i < 2000; ++i) {
      if (const int there = connect_to(socket()); there >= 0) {
        ::close(there);
        return;
      }
      int status = 0;
      if (::waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        break;
      }
      ::usleep(10'000);
    }
    ADD_FAILURE() << "redis-server does not start: is Debian's package redis-server installed?";
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
    ::unlink(socket().c_str());
  }

 private:
  ScratchTree folder_;
  std::vector<std::string> more_;
  pid_t pid_ = -1;
};

/// Passes everything on to `target` and back, each answer late by `delay_ms`.
class SlowProxy {
 public:
  SlowProxy(std::string target, int delay_ms) : target_(std::move(target)), delay_ms_(delay_ms) {
    listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listening_, 16), 0);
    accepting_ = std::jthread([this](const std::stop_token& stop) {
      std::vector<std::jthread> pairs;
      while (!stop.stop_requested()) {
        pollfd ready{listening_, POLLIN, 0};
        if (::poll(&ready, 1, 20) <= 0) continue;
        const int near = ::accept(listening_, nullptr, nullptr);
        const int far = connect_to(target_);
        pairs.emplace_back([this, near, far](const std::stop_token& end) { pump(near, far, end); });
      }
    });
  }
  ~SlowProxy() {
    accepting_ = {};
    ::close(listening_);
  }
  [[nodiscard]] std::string socket() const { return folder_.path("p"); }
  [[nodiscard]] std::string url() const { return "unix://" + socket(); }

 private:
  void pump(int near, int far, const std::stop_token& stop) const {
    char buffer[1 << 16];
    while (!stop.stop_requested()) {
      pollfd ends[2] = {{near, POLLIN, 0}, {far, POLLIN, 0}};
      if (::poll(ends, 2, 20) <= 0) continue;
      bool closed = false;
      for (int i = 0; i < 2; ++i) {
        if (ends[i].revents == 0) continue;
        const auto got = ::read(ends[i].fd, buffer, sizeof buffer);
        if (got <= 0) closed = true;
        if (i == 1) ::usleep(static_cast<useconds_t>(delay_ms_) * 1000);
        if (got > 0 && ::send(ends[1 - i].fd, buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL) != got)
          closed = true;
      }
      if (closed) break;
    }
    ::close(near);
    ::close(far);
  }
  ScratchTree folder_;
  std::string target_;
  int delay_ms_;
  int listening_ = -1;
  std::jthread accepting_;
};

}  // namespace skein::test
