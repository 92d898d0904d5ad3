// A step by an agent's server: started in the sandbox for this one task, reached by sockets of its own network, and
// ended with the session.
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <sys/socket.h>

#include "agents/checks.h"
#include "agents/process_step.h"
#include "agents/server_session.h"
#include "base/platform/descriptor.h"
#include "base/random.h"

namespace skein::agents {
namespace {

constexpr std::string_view kListens = "listening on http://127.0.0.1:";

/// The server's process on a thread of its own, and what it tells.
class Server {
 public:
  Server(Sandbox& sandbox, Command command) : own_network_(sandbox.has_own_network()) {
    command.on_output = [this](bool, std::string_view bytes) {
      const std::lock_guard lock(mutex_);
      printed_ += bytes;
      const auto at = printed_.find(kListens);
      const auto line_end = printed_.find('\n', at);
      if (port_ == 0 && at != std::string::npos && line_end != std::string::npos)
        port_ = static_cast<std::uint16_t>(std::atoi(printed_.c_str() + at + kListens.size()));
      changed_.notify_all();
    };
    thread_ = std::jthread([this, &sandbox, command = std::move(command)](const std::stop_token& end) mutable {
      auto outcome = sandbox.run(std::move(command), end, [this](int descriptor) {
        const std::lock_guard lock(mutex_);
        sockets_.emplace_back().number = descriptor;
      });
      const std::lock_guard lock(mutex_);
      outcome_.emplace(std::move(outcome));
      gone_.request_stop();
      changed_.notify_all();
    });
  }

  /// The port that it listens on; 0 where it ended, or a stop came before.
  std::uint16_t port(const std::stop_token& stop, Millis limit) {
    const std::stop_callback wake(stop, [this] { changed_.notify_all(); });
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return port_ != 0 || outcome_ || stop.stop_requested(); });
    return port_;
  }
  int socket() {
    if (!own_network_) return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const std::lock_guard lock(mutex_);
    if (sockets_.empty()) return -1;
    const int given = std::exchange(sockets_.back().number, -1);
    sockets_.pop_back();
    return given;
  }
  [[nodiscard]] std::stop_token gone() const { return gone_.get_token(); }
  /// Ends it. What it took, and true if it had ended before.
  std::pair<Result<ProcessOutcome>, bool> end() {
    const bool before = gone_.stop_requested();
    thread_.request_stop();
    thread_.join();
    return {std::move(*outcome_), before};
  }
  [[nodiscard]] const std::string& printed() const { return printed_; }  ///< After `end`.

 private:
  const bool own_network_;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  std::string printed_;
  std::uint16_t port_ = 0;
  std::vector<Descriptor> sockets_;
  std::optional<Result<ProcessOutcome>> outcome_;
  std::stop_source gone_;
  std::jthread thread_;  // The last: it uses the rest until it ends.
};

}  // namespace

Status ProcessStepAgent::serve(engine::StepContext& context, Sandbox& sandbox, const RelayAccess* access,
                               const std::string& prompt, const std::stop_token& stop) const {
  SystemRandom random;
  ServerTask task;
  task.password = fmt::format("{:016x}{:016x}", random.next(), random.next());
  Command program = command(sandbox, access);
  const auto fill = [&](std::string& word) {
    constexpr std::string_view kPlace = "{session_password}";
    if (const auto at = word.find(kPlace); at != std::string::npos) word.replace(at, kPlace.size(), task.password);
  };
  if (access == nullptr)  // With a relay they are there.
    for (const std::string& one : manifest_.environment)
      if (one.contains("{session_")) program.environment.push_back(filled(one, nullptr));
  for (std::string& word : program.argv) fill(word);
  for (std::string& one : program.environment) fill(one);
  program.time_limit.reset();  // The session's own: what a person takes is no part of it.
  const auto begun = std::chrono::steady_clock::now();
  Server server(sandbox, std::move(program));
  task.port = server.port(stop, manifest_.time_limit);
  Result<SessionMessages> talked = fail(Code::unavailable, "{} did not say where it listens", manifest_.id);
  if (task.port != 0) {
    task.socket = [&server] { return server.socket(); };
    task.folder = sandbox.root();
    task.prompt = prompt;
    task.provider = manifest_.session_provider;
    task.model = manifest_.model;
    const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
    task.time_limit = std::max(Millis(1), manifest_.time_limit - took);
    task.allow = manifest_.allow;
    task.ask = manifest_.ask;
    if (options_.people != nullptr)
      task.person = [&](const std::string& kind, const std::string& what) {
        if (kind == "question") return options_.people->ask(context, {kind, what});
        return options_.people->ask(context,
                                    {"permission", fmt::format("{} would like to {}: {}", manifest_.id, kind, what)});
      };
    std::stop_source either;
    const std::stop_callback stopped(stop, [&either] { either.request_stop(); });
    const std::stop_callback gone(server.gone(), [&either] { either.request_stop(); });
    talked = run_server_session(task, either.get_token());
  }
  auto [outcome, ended_before] = server.end();
  context.print(server.printed());
  if (outcome) add_usage(context, *outcome);
  if (stop.stop_requested()) return fail(Code::cancelled, "{} was stopped", manifest_.id);
  if (!outcome && ended_before) return std::unexpected(std::move(outcome).error());
  if (outcome && ended_before) {
    SKEIN_DO(limit_error(manifest_.id, *outcome, manifest_.time_limit));
    return fail(Code::failed_check,
                "{} ended with exit code {} in the middle of its session: nothing of what it did is used", manifest_.id,
                outcome->exit_code);
  }
  if (!talked && (talked.error().code() == Code::timed_out || task.port == 0))
    return std::unexpected(Error(Code::timed_out, fmt::format("{} took longer than {} s", manifest_.id,
                                                              manifest_.time_limit.count() / 1000))
                               .or_do("a longer time stands in its manifest: limits.time_s"));
  if (!talked && talked.error().code() == Code::failed_check)
    return fail(Code::failed_check, "{} says: {}; nothing of what it did is used", manifest_.id,
                talked.error().message());
  if (!talked) return std::unexpected(std::move(talked).error());
  context.print(talked->said + "\n");
  if (options_.on_said) options_.on_said(talked->said);
  if (access == nullptr) {
    context.usage().input_tokens += talked->usage.input;
    context.usage().cached_tokens += talked->usage.cached;
    context.usage().output_tokens += talked->usage.output;
    context.usage().reasoning_tokens += talked->usage.reasoning;
    context.usage().money += talked->usage.money;
  }
  return says_or_changes(sandbox, !talked->said.empty());
}

}  // namespace skein::agents
