#include "app/questions.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/file_lock.h"
#include "base/platform/inotify_watch.h"
#include "base/process.h"
#include "base/random.h"
#include "engine/schema.h"
#include "net/http_client.h"

namespace skein::app {
namespace {

using engine::Json;

constexpr Millis kTellLimit{10'000};
constexpr std::string_view kEnd = ".json", kAnswer = ".answer", kLock = ".lock";

std::string time_of(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

Status run_command(const Services& services, const std::vector<std::string>& argv, const std::string& event) {
  Command command;
  command.argv = argv;
  command.input = event + "\n";
  command.time_limit = kTellLimit;
  for (const auto& [name, value] : services.environment) command.environment.push_back(name + "=" + value);
  SKEIN_TRY(const ProcessOutcome outcome, make_system_process_runner()->run(command, {}));
  if (outcome.exit_code == 0) return {};
  return fail(Code::failed_check, "it ended with exit code {}", outcome.exit_code);
}

Status call_webhook(const engine::Context& context, const std::string& url, const std::string& event) {
  if (context.mode == engine::Mode::airgapped)
    return fail(Code::permission_denied, "the mode airgapped allows no connection");
  const auto parts = net::parse_url(url);
  if (!parts || parts->tls || !net::is_this_machine(parts->host))
    return fail(Code::invalid_argument, "it is no http:// address of this machine; a command can reach others");
  std::uint16_t port = 80;
  std::from_chars(parts->port.data(), parts->port.data() + parts->port.size(), port);
  net::ClientRequest request;
  request.target = parts->target;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = event;
  request.silence = kTellLimit;
  SKEIN_TRY(const net::ClientAnswer answer, net::HttpClient::make(port)->send(std::move(request), {}));
  if (answer.status < 300) return {};
  return fail(Code::unavailable, "it answered {}", answer.status);
}

}  // namespace

void Questions::tell(const OpenQuestion& question, engine::StepContext& context) const {
  const auto& settings = settings_of(context_).values().agents;
  Json event = engine::write_json(question);
  event["schema"] = "skein.question/1";
  event["workspace"] = context_.workspace;
  const std::string text = event.dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto note = [&](const Status& told, std::string_view by) {
    if (!told)
      context.print(
          fmt::format("\nskein: nobody was told of {} by the {}: {}\n", question.id, by, told.error().message()));
  };
  if (!settings.person_command.empty()) note(run_command(services_, settings.person_command, text), "command");
  if (settings.person_webhook) note(call_webhook(context_, *settings.person_webhook, text), "webhook");
}

Result<std::string> Questions::wait(const std::string& id, const agents::Question& question,
                                    const std::stop_token& stop) const {
  const Instant begun = std::chrono::steady_clock::now();
  const Millis allowed = settings_of(context_).values().agents.person_wait;
  const bool settles = question.settles && *question.settles < allowed;
  const Instant until = begun + (settles ? *question.settles : allowed);
  const std::string answer = join_path(folder_, id + std::string(kAnswer));
  SKEIN_TRY(const auto watch, watch_folder(folder_));
  while (true) {
    auto text = read_file(services_.files, answer);
    if (text) return text;
    if (text.error().code() != Code::not_found) return text;
    if (stop.stop_requested()) return fail(Code::cancelled, "stopped while a person was asked");
    if (watch->now() >= until) {
      if (settles) return std::string();
      return std::unexpected(
          Error(Code::timed_out, fmt::format("nobody answered for {} minutes", allowed.count() / 60'000))
              .or_do("agents.person_wait is how long skein waits"));
    }
    SKEIN_TRY([[maybe_unused]] const auto changes, watch->wait(until, stop));
  }
}

Result<std::string> Questions::ask(engine::StepContext& context, const agents::Question& question) {
  SKEIN_DO(services_.files.make_directories(folder_));
  SystemRandom random;
  OpenQuestion open{.id = fmt::format("{:08x}", random.next() & 0xffffffff),
                    .step = context.step().name,
                    .kind = question.kind,
                    .what = question.what,
                    .asked = time_of(services_.clock.wall())};
  const std::string path = join_path(folder_, open.id);
  SKEIN_TRY(const FileLock lives, FileLock::try_acquire(path + std::string(kLock)));
  SKEIN_DO(write_file_atomically(services_.files, path + std::string(kEnd), engine::write_json(open).dump(), false));
  Result<std::string> answer = std::string();
  context.while_waiting({open.id, open.kind, open.what}, [&] {
    tell(open, context);
    answer = wait(open.id, question, context.stop());
  });
  for (const std::string_view end : {kEnd, kAnswer, kLock}) [[maybe_unused]]
    const auto removed = services_.files.remove(path + std::string(end));
  context.print(fmt::format("\nskein: asked ({}): {}\nskein: the answer: {}\n", open.kind, open.what,
                            answer ? *answer : answer.error().message()));
  return answer;
}

Result<std::vector<OpenQuestion>> open_questions(const Services& services, const std::string& state) {
  std::vector<OpenQuestion> open;
  const std::string folder = join_path(state, "questions");
  const auto entries = services.files.list(folder);
  if (!entries) {
    if (entries.error().code() == Code::not_found) return open;
    return std::unexpected(entries.error());
  }
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.name.ends_with(kEnd)) continue;
    const std::string path = join_path(folder, entry.name.substr(0, entry.name.size() - kEnd.size()));
    if (!FileLock::is_held(path + std::string(kLock))) {  // Its run is gone.
      for (const std::string_view end : {kEnd, kAnswer, kLock}) [[maybe_unused]]
        const auto removed = services.files.remove(path + std::string(end));
      continue;
    }
    const auto text = read_file(services.files, path + std::string(kEnd));
    const auto json = text ? engine::parse_json(*text) : std::unexpected(text.error());
    OpenQuestion one;
    if (json && engine::read_json(*json, one)) open.push_back(std::move(one));
  }
  std::ranges::sort(open, {}, &OpenQuestion::asked);
  return open;
}

Status answer_question(const Services& services, const std::string& state, const std::string& id,
                       const std::string& answer) {
  SKEIN_TRY(const auto open, open_questions(services, state));
  if (std::ranges::find(open, id, &OpenQuestion::id) == open.end())
    return std::unexpected(Error(Code::not_found, fmt::format("no step waits for an answer to \"{}\"", id))
                               .or_do("`skein answer` shows those that wait"));
  return write_file_atomically(services.files, join_path(join_path(state, "questions"), id + std::string(kAnswer)),
                               answer, false);
}

}  // namespace skein::app
