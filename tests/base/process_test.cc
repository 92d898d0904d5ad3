#include "base/process.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/platform/confinement.h"
#include "base/platform/process_tree.h"
#include "support/scratch_tree.h"

namespace skein {
namespace {

namespace fs = std::filesystem;

struct Ran {
  Result<ProcessOutcome> outcome;
  std::string out, err;
};

Ran run(Command command, std::stop_token stop = {}) {
  Ran ran{ProcessOutcome{}, {}, {}};
  if (command.environment.empty()) command.environment = {"PATH=/usr/bin:/bin"};
  command.on_output = [&](bool is_error, std::string_view bytes) { (is_error ? ran.err : ran.out) += bytes; };
  ran.outcome = make_system_process_runner()->run(command, std::move(stop));
  return ran;
}

Command shell(std::string script) {
  Command command;
  command.argv = {"sh", "-c", std::move(script)};
  return command;
}

TEST(ProcessRunner, GivesInputEnvironmentAndFolderAndTellsTheEnd) {
  const test::ScratchTree tree;
  Command command = shell("cat; echo $WHO in $(pwd) >&2; env | wc -l; exit 7");
  command.input = std::string(300'000, 'x');
  command.environment = {"WHO=me", "PATH=/usr/bin:/bin"};
  command.directory = tree.root();
  const Ran ran = run(std::move(command));
  ASSERT_TRUE(ran.outcome) << ran.outcome.error().to_string();
  EXPECT_EQ(ran.outcome->exit_code, 7);
  EXPECT_EQ(ran.out.substr(0, 300'000), std::string(300'000, 'x'));
  EXPECT_EQ(ran.out.substr(300'000), "3\n");  // And PWD, which the shell makes.
  EXPECT_EQ(ran.err, "me in " + tree.root() + "\n");
}

TEST(ProcessRunner, TalksWithAProgramUntilAllIsSaid) {
  Command command = shell("while read word; do echo \"heard $word\"; done; echo closed");
  command.input = "one\n";
  std::string heard;
  int words = 1;
  command.converse = [&](std::string_view bytes) {
    heard += bytes;
    ProcessReply reply;
    if (!bytes.ends_with('\n')) return reply;
    if (words < 3)
      reply.more = fmt::format("word{}\n", ++words);
    else
      reply.over = true;
    return reply;
  };
  const Ran ran = run(std::move(command));
  ASSERT_TRUE(ran.outcome) << ran.outcome.error().to_string();
  EXPECT_EQ(ran.outcome->exit_code, 0);
  EXPECT_EQ(heard, "heard one\nheard word2\nheard word3\nclosed\n");
}

TEST(ProcessRunner, AProgramThatDoesNotReadItsInputIsNoFault) {
  Command command = shell("exec 0<&-; echo done");
  command.input = std::string(1 << 20, 'x');
  const Ran ran = run(std::move(command));
  ASSERT_TRUE(ran.outcome);
  EXPECT_EQ(ran.out, "done\n");
}

TEST(ProcessRunner, WhatCannotBeStartedIsAnError) {
  Command command;
  command.argv = {"no-such-program"};
  const Ran ran = run(std::move(command));
  ASSERT_FALSE(ran.outcome);
  EXPECT_EQ(ran.outcome.error().code(), Code::not_found);
  EXPECT_NE(ran.outcome.error().to_string().find("no-such-program"), std::string::npos);
}

TEST(ProcessRunner, EndsWhatTakesTooLongAndWhatIsStopped) {
  Command slow = shell("sleep 60");
  slow.time_limit = Millis(100);
  const Ran late = run(std::move(slow));
  ASSERT_TRUE(late.outcome);
  EXPECT_TRUE(late.outcome->timed_out);

  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    source.request_stop();
  });
  const Ran stopped = run(shell("sleep 60"), source.get_token());
  ASSERT_FALSE(stopped.outcome);
  EXPECT_EQ(stopped.outcome.error().code(), Code::cancelled);
}

/// A base folder that is seen through, and where writes go.
class Confined : public ::testing::Test {
 protected:
  void SetUp() override {
    // A kernel may forbid user namespaces: then skein runs no agents and `skein doctor` says so, so nothing is to be
    // tried.
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    tree_.write("base/kept.txt", "kept\n");
    tree_.write("base/gone.txt", "gone\n");
    for (const char* folder : {"upper", "work", "tmp"}) fs::create_directories(tree_.path(folder));
    walls_.layers = {{tree_.path("base"), {tree_.path("base")}, tree_.path("upper"), tree_.path("work")}};
  }
  Ran within(std::string script, std::optional<Millis> limit = Millis(20'000)) {
    Command command = shell(std::move(script));
    command.confinement = &walls_;
    command.directory = tree_.path("base");
    command.time_limit = limit;
    Ran ran = run(std::move(command));
    EXPECT_TRUE(ran.outcome) << ran.outcome.error().to_string();
    return ran;
  }

  test::ScratchTree tree_;
  Confinement walls_;
};

TEST_F(Confined, WritesGoToTheLayerAndTheBaseStaysAsItWas) {
  const Ran ran = within("echo new > new.txt; echo more >> kept.txt; rm gone.txt; ls; cat kept.txt");
  EXPECT_EQ(ran.out, "kept.txt\nnew.txt\nkept\nmore\n") << ran.err;
  EXPECT_EQ(tree_.read("base/kept.txt"), "kept\n");
  EXPECT_TRUE(fs::exists(tree_.path("base/gone.txt")));
  EXPECT_FALSE(fs::exists(tree_.path("base/new.txt")));
  EXPECT_EQ(tree_.read("upper/new.txt"), "new\n");
  EXPECT_EQ(tree_.read("upper/kept.txt"), "kept\nmore\n");
  EXPECT_TRUE(fs::is_character_file(tree_.path("upper/gone.txt")));
}

TEST_F(Confined, NothingElseOfTheDiskCanBeWritten) {
  const Ran ran = within(
      "echo x > ../escaped; echo x > /var/tmp/skein-escaped; chmod 777 ..; "
      "ln -s .. up; echo x > up/escaped; mount -o remount,rw / ; umount . ; "
      "mount -t tmpfs none /mnt; mv ../upper ../elsewhere; echo still here");
  EXPECT_EQ(ran.out, "still here\n");
  EXPECT_FALSE(fs::exists(tree_.path("escaped")));
  EXPECT_FALSE(fs::exists("/var/tmp/skein-escaped"));
  EXPECT_TRUE(fs::exists(tree_.path("upper")));
}

TEST_F(Confined, ASpaceOfItsOwnDoesNotGiveItsWallsBack) {
  // A program may make namespaces, in which it has capabilities; the mounts that it got stay read-only there.
  const Ran ran = within(
      "unshare -Urm sh -c 'mount -o remount,rw /; mount -o remount,bind,rw /; echo x > ../escaped'; "
      "echo still here");
  EXPECT_EQ(ran.out, "still here\n");
  EXPECT_FALSE(fs::exists(tree_.path("escaped")));
}

TEST_F(Confined, ShownFoldersAreWritableAndHiddenOnesEmpty) {
  tree_.write("secret/key", "k");
  tree_.make_folder("place");
  walls_.shown = {{tree_.path("tmp"), tree_.path("place")}};
  tree_.write("netrc", "password");
  walls_.hidden = {tree_.path("secret"), tree_.path("not-there"), tree_.path("netrc")};
  const Ran ran = within("echo x > ../place/own; ls ../place; ls -A ../secret | wc -l; cat ../secret/key ../netrc");
  EXPECT_EQ(ran.out, "own\n0\n");
  EXPECT_EQ(tree_.read("tmp/own"), "x\n");
  EXPECT_EQ(tree_.read("secret/key"), "k");
}

int listening(std::uint16_t& port) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(server, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(server, 1);
  ::getsockname(server, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return server;
}

TEST_F(Confined, ReachesNobodyByNetworkNorBySocketFile) {
  std::uint16_t port = 0;
  const int server = listening(port);
  const int local = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = tree_.path("daemon");
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(local, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(local, 1), 0);
  const std::string tries = fmt::format(
      "python3 -c \"\nimport socket\n"
      "def attempt(name, family, address):\n"
      "  try:\n    s = socket.socket(family); s.settimeout(2); s.connect(address); print(name, 'reached')\n"
      "  except OSError: print(name, 'refused')\n"
      "attempt('tcp', socket.AF_INET, ('127.0.0.1', {}))\n"
      "attempt('unix', socket.AF_UNIX, '{}')\n"
      "s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname()); print('own "
      "reached')\n"
      "a, b = socket.socketpair(); print('pair made')\n\"",
      port, path);
  const Ran ran = within(tries);
  EXPECT_EQ(ran.out, "tcp refused\nunix refused\nown reached\npair made\n") << ran.err;
  walls_.network = true;
  const Ran open = within(tries);
  EXPECT_EQ(open.out, "tcp reached\nunix reached\nown reached\npair made\n") << open.err;
  ::close(server);
  ::close(local);
}

TEST_F(Confined, NothingThatItStartedOutlivesIt) {
  const auto before = std::chrono::steady_clock::now();
  const Ran ran =
      within("setsid sh -c 'trap \"\" TERM HUP INT; sleep 1; echo x > late.txt' >/dev/null 2>&1 & echo begun");
  EXPECT_EQ(ran.out, "begun\n");
  std::this_thread::sleep_until(before + std::chrono::milliseconds(1500));
  EXPECT_FALSE(fs::exists(tree_.path("upper/late.txt")));
}

TEST_F(Confined, WhoIgnoresSignalsIsEndedAfterItsGrace) {
  const Ran ran = within("trap '' TERM INT HUP; while :; do sleep 0.1; done", Millis(100));
  EXPECT_TRUE(ran.outcome->timed_out);
  EXPECT_LT(ran.outcome->wall, std::chrono::seconds(6));
}

TEST_F(Confined, AForkBombIsEnded) {
  walls_.limits.processes = 50;
  const Ran ran = within("b() { b | b & }; b; sleep 30");
  EXPECT_EQ(ran.outcome->limit, "processes");
}

TEST_F(Confined, WhoTakesTooMuchMemoryOrDiskIsEnded) {
  walls_.limits.memory = {100 << 20};
  const Ran memory = within("python3 -c \"x = bytearray(400 << 20); import time; time.sleep(20)\"");
  EXPECT_EQ(memory.outcome->limit, "memory");
  walls_.limits = {};
  walls_.limits.disk = {8 << 20};
  walls_.limits.disk_folders = {tree_.path("upper")};
  const Ran disk = within("head -c 40000000 /dev/zero > big; sleep 20");
  EXPECT_EQ(disk.outcome->limit, "disk");
}

TEST_F(Confined, WhoFillsTheDiskFastIsEndedBeforeMuchIsLost) {
  constexpr std::int64_t kLimit = 64 << 20, kMostBeyond = 256 << 20;
  walls_.limits.disk = {kLimit};
  walls_.limits.disk_folders = {tree_.path("upper")};
  const Ran ran = within("for i in 1 2 3 4; do head -c 2000000000 /dev/zero > big$i & done; wait; sleep 20");
  EXPECT_EQ(ran.outcome->limit, "disk");
  EXPECT_LE(disk_usage(tree_.path("upper")).value, kLimit + kMostBeyond);
}

TEST_F(Confined, WhoLeavesTheDiskTooLittleRoomIsEnded) {
  constexpr std::int64_t kRoom = 200 << 20;
  walls_.limits.disk_folders = {tree_.path("upper")};
  walls_.limits.least_free = {free_space(tree_.path("upper")).value - kRoom};
  const Ran ran = within("head -c 4000000000 /dev/zero > big; sleep 20");
  EXPECT_EQ(ran.outcome->limit, "disk");
  EXPECT_LT(disk_usage(tree_.path("upper")).value, 4'000'000'000);
}

TEST_F(Confined, WhereTheKernelHoldsMemoryNobodyTakesMoreInAMoment) {
  constexpr Bytes kMost{100 << 20};
  const auto group = ControlGroup::make(kMost, 0);
  // Most machines give a user no control group; where one is to be had, it must hold.
  if (!group || !group->limits_memory()) GTEST_SKIP() << "no group of control can be made here";
  walls_.limits.memory = kMost;
  const Ran ran = within("python3 -c \"x = b'x' * (2 << 30)\"; echo went on; sleep 20");
  EXPECT_EQ(ran.outcome->limit, "memory");
  EXPECT_LE(ran.outcome->peak_memory.value, 2 * kMost.value);
}

TEST_F(Confined, WhoTakesTooMuchProcessorTimeIsEnded) {
  walls_.limits.cpu = Millis(1'000);
  const Ran ran = within("exec sh -c 'while :; do :; done'");
  EXPECT_EQ(ran.outcome->limit, "processor time");
  EXPECT_LT(ran.outcome->user + ran.outcome->system, std::chrono::seconds(3));
}

TEST_F(Confined, ManyShortProcessesTakeProcessorTimeTogether) {
  walls_.limits.cpu = Millis(1'000);
  // None of them takes half a second, and each is gone before the next begins.
  const Ran ran =
      within("for i in $(seq 1000); do sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; done; echo all done");
  EXPECT_EQ(ran.outcome->limit, "processor time");
  EXPECT_EQ(ran.out, "");
}

/// Takes so much processor time.
void spin(Micros time) {
  timespec now{}, until{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &until);
  until.tv_nsec += time.count() * 1'000;
  until.tv_sec += until.tv_nsec / 1'000'000'000;
  until.tv_nsec %= 1'000'000'000;
  while (now.tv_sec < until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec < until.tv_nsec))
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
}

TEST(ControlGroup, CountsTheProcessorTimeOfWhatWasInIt) {
  const auto group = ControlGroup::make({}, 0, true);
  if (!group || !group->processor_time()) GTEST_SKIP() << "no group of control can be made here";
  const pid_t child = ::fork();
  if (child == 0) {
    group->enter();
    spin(std::chrono::milliseconds(30));
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_GT(*group->processor_time(), Millis(10));
}

TEST_F(Confined, HasLessPriorityThanWhoStartedIt) {
  const Ran ran = within("nice; ionice");
  EXPECT_EQ(ran.out, "10\nbest-effort: prio 7\n");
}

TEST_F(Confined, ASymbolicLinkInTheBaseLeadsNowhereToWrite) {
  fs::create_directories(tree_.path("outside"));
  fs::create_directory_symlink(tree_.path("outside"), tree_.path("base/link"));
  const Ran ran = within("echo x > link/file; echo still here");
  EXPECT_EQ(ran.out, "still here\n");
  EXPECT_FALSE(fs::exists(tree_.path("outside/file")));
}

TEST(ProcessTree, CountsAProcessAndItsChildren) {
  const TreeUsage own = usage_of_tree(::getpid());
  EXPECT_GE(own.processes, 1);
  EXPECT_GT(own.memory.value, 1 << 20);
  EXPECT_EQ(own.processor, Micros(0)) << "nobody asked";
  spin(std::chrono::milliseconds(50));
  EXPECT_GE(usage_of_tree(::getpid(), 0, true).processor, Millis(30));
  const test::ScratchTree tree;
  tree.write("a/file", std::string(100'000, 'x'));
  EXPECT_GE(disk_usage(tree.root()).value, 100'000);
  EXPECT_GT(free_space(tree.root()).value, 0);
}

}  // namespace
}  // namespace skein
