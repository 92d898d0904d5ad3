// The program: the real world is put together here, and nowhere else.
#include <csignal>

#include "base/clock.h"
#include "base/platform/interrupts.h"
#include "base/platform/mount.h"
#include "cli/run.h"

int main(int argc, char** argv) {
  using namespace skein;
  // A reader that went away is an error of the write, not the end of a run that must save.
  std::signal(SIGPIPE, SIG_IGN);
  const auto files = make_system_file_system();
  const SystemClock clock;
  // Never freed, and reachable to the end.
  static auto& remains = *new std::vector<std::shared_ptr<void>>;
  const app::Services services{*files, clock, system_environment(), &mount_of, &remains};
  cli::SystemConsole console;
  std::unique_ptr<InterruptWatch> watch;
  cli::Surroundings surroundings{services, console, {}, {}};
  if (cli::SystemConsole::can_ask())
    surroundings.confirm = [&](std::string_view question) {
      return console.ask(question, watch ? watch->token() : std::stop_token());
    };
  surroundings.watch_interrupts = [&]() -> std::stop_token {
    auto started = InterruptWatch::start([] {
      constexpr std::string_view kText = "\nskein: finishing what runs; Ctrl-C again stops at once\n";
      cli::SystemConsole().err(kText);
    });
    if (!started) return {};
    watch = std::move(*started);
    return watch->token();
  };
  const std::vector<std::string> words(argv + 1, argv + argc);
  const cli::Exit exit = cli::run(words, surroundings);
  // Its thread must be gone before what it uses.
  watch.reset();
  return static_cast<int>(exit);
}
