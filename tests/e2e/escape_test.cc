// Agents that try to get out, on each way that this machine has to keep them in. What a way does not hold is refused.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "agents/isolation.h"
#include "base/file_lock.h"
#include "e2e/skein_program.h"

namespace skein {
namespace {

using agents::IsolationPath;
using nlohmann::json;
namespace fs = std::filesystem;

class Escapes : public ::testing::TestWithParam<IsolationPath> {
 protected:
  void SetUp() override {
    abilities_ = agents::isolation_abilities(skein_.home.path("try"));
    if (!agents::is_possible(GetParam(), abilities_)) GTEST_SKIP() << "this machine has no such path";
    open_ = fmt::format("{}", fmt::join(agents::not_held(GetParam(), abilities_, false), "; "));
    skein_.workspace.write("a.txt", "a\n");
  }
  void agent(const std::string& script, const std::string& more = {}) {
    skein_.workspace.write(".skein/agents/out.toml",
                           "id = \"out\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nbackend = \"process\"\n"
                           "command = [\"sh\", \"-c\", '''" +
                               script + "''']\n" + more);
    ASSERT_EQ(skein_.run({"trust", "--yes"}).exit_code, 0);
  }
  test::Outcome run(std::vector<std::string> more = {},
                    std::vector<std::pair<std::string, std::string>> variables = {}) {
    std::vector<std::string> words{"run", "get out", "--agent", "out", "--no-cache"};
    words.insert(words.end(), more.begin(), more.end());
    variables.emplace_back("SKEIN_ISOLATION_PATH", to_string(GetParam()));
    return skein_.run(words, {}, variables);
  }
  /// What the agent printed. It must not have failed.
  std::string said(const std::string& script, std::vector<std::pair<std::string, std::string>> variables = {}) {
    agent(script);
    const auto outcome = run({"--isolation", "weak", "--accept", "never"}, std::move(variables));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return skein_.run({"runs", "show", "last"}).out;
  }
  /// True where the path says that it does not hold something; then an attack may succeed, and a run without
  /// `--isolation weak` is refused (IsRefused…).
  [[nodiscard]] bool is_open(std::string_view what) const { return open_.find(what) != std::string::npos; }
  /// True if a process has this word in its command line.
  static bool is_running(const std::string& word) {
    std::error_code none;
    for (fs::directory_iterator process("/proc", none), end; !none && process != end; process.increment(none)) {
      std::ifstream file(process->path() / "cmdline", std::ios::binary);
      std::ostringstream line;
      line << file.rdbuf();  // A process that ends meanwhile is an error, and one of the stream alone.
      if (line.str().find(word) != std::string::npos) return true;
    }
    return false;
  }
  /// A word that no other process has.
  static std::string unique_seconds() { return fmt::format("300.{}", ::getpid()); }

  test::SkeinProgram skein_;
  test::ScratchTree outside_;
  agents::IsolationAbilities abilities_;
  std::string open_;
};

TEST_P(Escapes, IsRefusedWhereThePathDoesNotHoldEverythingAndSaysTheWayOut) {
  agent("echo x > made.txt");
  const auto outcome = run({"--accept", "always"});
  if (open_.empty()) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return;
  }
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("--isolation weak"), std::string::npos) << outcome.err;
  for (const std::string& one : agents::not_held(GetParam(), abilities_, false))
    EXPECT_NE(outcome.err.find(one), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(skein_.workspace.path("made.txt")));
  const auto weak = run({"--accept", "always", "--isolation", "weak"});
  EXPECT_EQ(weak.exit_code, 0) << weak.err;
  EXPECT_EQ(skein_.workspace.read("made.txt"), "x\n");
}

TEST_P(Escapes, ItsChangesAreTheSameOnEachPath) {
  skein_.workspace.write("b.txt", "b\n");
  skein_.workspace.write("sub/c.txt", "c\n");
  skein_.workspace.write("sub/d.txt", "d\n");
  skein_.workspace.write(".gitignore", "*.o\n");
  agent(
      "echo more >> a.txt; rm -r sub; mkdir sub; echo e > sub/e.txt; touch b.txt; mv b.txt z.txt; chmod +x a.txt; "
      "ln -s a.txt link; mkfifo pipe; echo o > x.o; printf '\\000\\377' > bin");
  const auto outcome = run({"--isolation", "weak", "--accept", "never", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  std::string files;
  const json answer = json::parse(outcome.out);
  for (const json& file : answer["files"]) files += file["path"].get<std::string>() + " ";
  EXPECT_EQ(files, "a.txt b.txt bin link sub/c.txt sub/d.txt sub/e.txt z.txt ");
}

TEST_P(Escapes, WritesNowhereElse) {
  outside_.write("kept", "kept\n");
  agent("cd /; echo x > " + outside_.path("new") + "; echo x > " + outside_.path("kept") + "; rm " +
        outside_.path("kept") + "; truncate -s 0 " + outside_.path("kept") + "; mkdir " + outside_.path("folder") +
        "; ln -s x " + outside_.path("link") + "; ln " + outside_.path("kept") + " $HOME/hard; echo x >> $HOME/hard; " +
        "mv " + outside_.path("kept") + " $HOME/; echo x > " + skein_.home.path("new") +
        "; mount -o remount,rw / ; echo x > /proc/sys/kernel/core_pattern; true");
  const auto outcome = run({"--isolation", "weak", "--accept", "always"});
  const bool is_whole = outside_.read("kept") == "kept\n" && !fs::exists(outside_.path("new")) &&
                        !fs::exists(outside_.path("folder")) && !fs::is_symlink(outside_.path("link")) &&
                        !fs::exists(skein_.home.path("new"));
  EXPECT_TRUE(is_whole || is_open("can be written")) << outcome.err;
}

TEST_P(Escapes, ChangesNoModeElsewhere) {
  outside_.write("kept", "kept\n");
  fs::permissions(outside_.path("kept"), fs::perms(0600));
  agent("chmod 666 " + outside_.path("kept") + "; touch -d 2001-01-01 " + outside_.path("kept") + "; echo done");
  run({"--isolation", "weak", "--accept", "never"});
  EXPECT_TRUE(fs::status(outside_.path("kept")).permissions() == fs::perms(0600) || is_open("modes, owners") ||
              is_open("can be written"));
}

TEST_P(Escapes, ReadsNoKeysNoHiddenFilesAndNoStateOfOtherRuns) {
  const std::string other = ".local/state/skein/sandboxes/other/upper/file";
  skein_.home.write(".ssh/id_rsa", "private-key");
  skein_.home.write(other, "private-other");
  // Held, so that it is taken for one that is at work.
  const auto lock = FileLock::try_acquire(skein_.home.path(".local/state/skein/sandboxes/other.lock"));
  ASSERT_TRUE(lock);
  skein_.workspace.write(".env", "private-env");
  skein_.workspace.write(".skein/secret", "private-state");
  std::string script = "cat .env .skein/secret ../.env ";
  for (const auto& path : {skein_.home.path(".ssh/id_rsa"), skein_.home.path(other), skein_.workspace.path(".env"),
                           skein_.workspace.path(".skein/secret")})
    script += "'" + path + "' ";
  script += "; cat /proc/*/environ | tr '\\\\000' '\\\\n' | grep HIDDEN_WORD; ls -R $HOME/../../.. | grep -c .; true";
  const std::string shown = said(script, {{"HIDDEN_WORD", "private-environment"}});
  EXPECT_TRUE(shown.find("private-") == std::string::npos || is_open("can be read")) << shown;
}

TEST_P(Escapes, ReachesNobodyByNetworkNorBySocketFile) {
  const int tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
            udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
            name = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(tcp, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(tcp, 8), 0);
  socklen_t size = sizeof address;
  ::getsockname(tcp, reinterpret_cast<sockaddr*>(&address), &size);
  ASSERT_EQ(::bind(udp, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  const std::string path = outside_.path("daemon");
  path.copy(local.sun_path, sizeof local.sun_path - 1);
  ASSERT_EQ(::bind(file, reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
  ASSERT_EQ(::listen(file, 8), 0);
  sockaddr_un abstract{};
  abstract.sun_family = AF_UNIX;
  const std::string word = fmt::format("skein-escape-{}", ::getpid());
  word.copy(abstract.sun_path + 1, sizeof abstract.sun_path - 2);
  ASSERT_EQ(::bind(name, reinterpret_cast<sockaddr*>(&abstract),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + word.size())),
            0);
  ASSERT_EQ(::listen(name, 8), 0);
  const int port = ntohs(address.sin_port);
  const std::string shown = said(fmt::format(
      R"(python3 -c "
import socket as s
def attempt(name, *kind, to, send=False):
  try:
    one = s.socket(*kind); one.settimeout(2)
    if send: one.sendto(b'x', to)
    else: one.connect(to)
    print(name, 'reached')
  except OSError: print(name, 'refused')
attempt('tcp', s.AF_INET, s.SOCK_STREAM, to=('127.0.0.1', {0}))
attempt('mptcp', s.AF_INET, s.SOCK_STREAM, 262, to=('127.0.0.1', {0}))
attempt('udp', s.AF_INET, s.SOCK_DGRAM, to=('127.0.0.1', {0}), send=True)
attempt('file', s.AF_UNIX, to='{1}')
attempt('abstract', s.AF_UNIX, to='\\0{2}')
"
true)",
      port, path, word));
  std::array<char, 8> bytes{};
  EXPECT_LT(::recv(udp, bytes.data(), bytes.size(), MSG_DONTWAIT), 0) << "a datagram came";
  // Of a network of its own a datagram goes nowhere.
  for (const char* what : {"tcp refused", "mptcp refused", "file refused", "abstract refused"})
    EXPECT_NE(shown.find(what), std::string::npos) << shown;
  for (const int one : {tcp, udp, file, name}) ::close(one);
}

TEST_P(Escapes, NothingThatItStartedOutlivesIt) {
  const std::string seconds = unique_seconds();
  said("setsid sh -c 'trap \"\" TERM HUP INT; sleep " + seconds + "' >/dev/null 2>&1 & " + "(setsid sh -c '(sleep " +
       seconds + " &) &' &) ; sleep 0.2; echo begun");
  EXPECT_FALSE(is_running(seconds));
}

TEST_P(Escapes, WhoIgnoresSignalsIsEndedWithAllThatItStarted) {
  const std::string seconds = unique_seconds();
  agent("trap '' TERM INT HUP QUIT; setsid sh -c 'trap \"\" TERM; sleep " + seconds + "' & while :; do sleep 0.1; done",
        "[limits]\ntime_s = 1\n");
  const auto outcome = run({"--isolation", "weak", "--accept", "never"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("longer than 1 s"), std::string::npos) << outcome.err;
  EXPECT_FALSE(is_running(seconds));
}

TEST_P(Escapes, AForkBombIsEnded) {
  // Of some thousand, and no more: where nobody ends it, the machine outlives it.
  agent(
      "b() { if [ $1 = 0 ]; then sleep 30; else b $(($1 - 1)) | b $(($1 - 1)) & fi; }; b 11; sleep " + unique_seconds(),
      "[limits]\nprocesses = 50\ntime_s = 60\n");
  const auto outcome = run({"--isolation", "weak", "--accept", "never"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("more processes than it may"), std::string::npos) << outcome.err;
  EXPECT_FALSE(is_running(unique_seconds()));
}

TEST_P(Escapes, WhoFillsTheDiskIsEnded) {
  agent("head -c 3000000000 /dev/zero > big; echo filled", "[limits]\ndisk_mb = 20\n");
  const auto outcome = run({"--isolation", "weak", "--accept", "never"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("more disk than it may"), std::string::npos) << outcome.err;
}

TEST_P(Escapes, EndsNoOtherProgramOfTheUsers) {
  const pid_t victim = ::fork();
  if (victim == 0) {
    ::execlp("sleep", "sleep", "100", nullptr);
    ::_exit(127);
  }
  said(fmt::format("kill -9 {} ; echo tried", victim));
  const bool lives = ::waitpid(victim, nullptr, WNOHANG) == 0;
  EXPECT_TRUE(lives || is_open("can be ended"));
  if (lives) {
    ::kill(victim, SIGKILL);
    ::waitpid(victim, nullptr, 0);
  }
}

TEST_P(Escapes, LinksLeadNowhere) {
  outside_.write("kept", "kept\n");
  fs::create_directory_symlink(outside_.root(), skein_.workspace.path("there"));
  skein_.workspace.write("folder/file", "f\n");
  agent("echo x > there/kept; echo x > there/new; rm -r folder; ln -s " + outside_.root() +
        " folder; echo x > folder/through; echo tried");
  const auto outcome = run({"--isolation", "weak", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  if (!is_open("can be written")) {
    EXPECT_EQ(outside_.read("kept"), "kept\n");
    EXPECT_FALSE(fs::exists(outside_.path("new")));
    EXPECT_FALSE(fs::exists(outside_.path("through")));
  }
}

TEST_P(Escapes, PlantsNoHooksAndChangesNothingOfGits) {
  const auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-c", "user.name=a", "-c", "user.email=a@b"});
    return skein_.run_program(words);
  };
  ASSERT_EQ(git({"init", "-q"}).exit_code, 0);
  ASSERT_EQ(git({"add", "a.txt"}).exit_code, 0);
  ASSERT_EQ(git({"commit", "-qm", "first"}).exit_code, 0);
  const std::string config = skein_.workspace.read(".git/config"), head = git({"rev-parse", "HEAD"}).out;
  skein_.workspace.write("staged.txt", "s\n");
  ASSERT_EQ(git({"add", "staged.txt"}).exit_code, 0);
  const std::string planted = outside_.path("planted");
  agent("for h in pre-commit post-checkout post-merge; do printf '#!/bin/sh\\ntouch " + planted +
        "\\n' > .git/hooks/$h; chmod +x .git/hooks/$h; done; git config core.fsmonitor 'touch " + planted +
        "'; git config core.hooksPath hooks; mkdir -p sub/.git/hooks; echo x > sub/.git/config; echo n > sub/n.txt; "
        "git -c user.name=x -c user.email=x@y commit -qam mine; git stash -q; git branch theirs; "
        "chmod -R u+w .git/objects; find .git/objects -type f -exec truncate -s 0 {} +; echo new > made.txt");
  const auto outcome = run({"--isolation", "weak", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(skein_.workspace.read("made.txt"), "new\n");
  EXPECT_EQ(skein_.workspace.read(".git/config"), config);
  EXPECT_EQ(git({"rev-parse", "HEAD"}).out, head);
  EXPECT_EQ(git({"diff", "--cached", "--name-only"}).out, "staged.txt\n");
  EXPECT_EQ(git({"stash", "list"}).out, "");
  EXPECT_EQ(git({"branch", "--list", "theirs"}).out, "");
  EXPECT_TRUE(!fs::exists(planted) || is_open("can be written"));
  EXPECT_EQ(git({"fsck"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(skein_.workspace.path("sub/.git")));
  fs::remove(planted);  // Where writes are not held the agent's own git may have run it.
  EXPECT_EQ(git({"commit", "-qm", "second"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(planted));
}

TEST_P(Escapes, LeavesNoSandboxBehindAlsoWhenSkeinIsKilled) {
  const std::string seconds = unique_seconds();
  agent("sleep " + seconds);
  ::setenv("SKEIN_ISOLATION_PATH", std::string(to_string(GetParam())).c_str(), 1);
  const pid_t program = ::fork();
  if (program == 0) {
    ::setenv("HOME", skein_.home.root().c_str(), 1);
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"}) ::unsetenv(name);
    if (::chdir(skein_.workspace.root().c_str()) != 0) ::_exit(127);
    ::execl(SKEIN_PROGRAM, "skein", "run", "x", "--agent", "out", "--isolation", "weak", "--quiet", nullptr);
    ::_exit(127);
  }
  ::unsetenv("SKEIN_ISOLATION_PATH");
  for (int i = 0; i < 500 && !is_running(seconds); ++i) ::usleep(20'000);
  ASSERT_TRUE(is_running(seconds));
  ::kill(program, SIGKILL);
  ::waitpid(program, nullptr, 0);
  for (int i = 0; i < 250 && is_running(seconds); ++i) ::usleep(20'000);
  EXPECT_FALSE(is_running(seconds));
  agent("echo x > made.txt");
  EXPECT_EQ(run({"--isolation", "weak", "--accept", "never"}).exit_code, 0);
  const std::string sandboxes = skein_.home.path(".local/state/skein/sandboxes");
  EXPECT_TRUE(fs::is_empty(sandboxes));
}

INSTANTIATE_TEST_SUITE_P(Paths, Escapes,
                         ::testing::Values(IsolationPath::overlay, IsolationPath::copy, IsolationPath::landlock,
                                           IsolationPath::plain),
                         [](const auto& path) { return std::string(to_string(path.param)); });

}  // namespace
}  // namespace skein
