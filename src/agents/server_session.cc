#include "agents/server_session.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "agents/people.h"

namespace skein::agents {
namespace {

using engine::Json;
using Clock = std::chrono::steady_clock;

constexpr Millis kAnswerLimit{60'000};  // Of a request that starts nothing long.
constexpr Millis kSilence{45'000};      // Of the events: a heartbeat comes every ten seconds.
constexpr Millis kAbortLimit{2'000};

std::string base64(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string made;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, text.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < count ? static_cast<unsigned char>(text[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) made += k <= count ? kLetters[bits >> (18 - 6 * k) & 63] : '=';
  }
  return made;
}

std::string encoded(std::string_view path) {
  std::string made;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    made += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return made;
}

class Session {
 public:
  Session(const ServerTask& task, const std::stop_token& stop)
      : task_(task),
        stop_(stop),
        client_(net::HttpClient::make(task.port, task.socket)),
        until_(Clock::now() + task.time_limit),
        wake_(stop, [this] { changed_.notify_all(); }) {
    listener_ = std::jthread([this](const std::stop_token& end) { listen(end); });
  }

  Result<SessionMessages> run() {
    SKEIN_DO(wait_for([this] { return events_.is_connected() || broke_.has_value(); }));
    SKEIN_TRY(const Json made, call("POST", "/session", Json{{"title", "skein"}}));
    id_ = made.is_object() && made.contains("id") && made["id"].is_string() ? made["id"].get<std::string>() : "";
    if (id_.empty()) return fail(Code::unavailable, "the agent's server opened no session");
    {
      const std::lock_guard lock(mutex_);
      events_.follow(id_);
    }
    Json ask{{"parts", Json::array({Json{{"type", "text"}, {"text", task_.prompt}}})}};
    if (!task_.model.empty() && !task_.provider.empty())
      ask["model"] = {{"providerID", task_.provider}, {"modelID", task_.model}};
    SKEIN_TRY([[maybe_unused]] const Json accepted, call("POST", "/session/" + id_ + "/prompt_async", ask));
    auto ended = watch();
    if (!ended) {
      abort();
      return std::unexpected(std::move(ended).error());
    }
    SKEIN_TRY(const Json messages, call("GET", "/session/" + id_ + "/message", {}));
    SessionMessages read = read_session_messages(messages);
    std::optional<std::string> error;
    {
      const std::lock_guard lock(mutex_);
      error = events_.error();
    }
    if (!error) error = read.error;
    if (!error && read.finish != "stop")
      error = read.finish.empty() ? "its turn ended without an answer" : "its turn ended with \"" + read.finish + "\"";
    if (error) return fail(Code::failed_check, "{}", *error);
    return read;
  }

 private:
  /// The events' own thread.
  void listen(const std::stop_token& end) {
    net::ClientRequest request;
    request.method = "GET";
    request.target = "/event";
    request.headers = headers();
    request.silence = kSilence;
    request.on_body = [this](std::string_view bytes) {
      const std::lock_guard lock(mutex_);
      events_.heard(bytes);
      changed_.notify_all();
    };
    const auto answer = net::HttpClient::make(task_.port, task_.socket)->send(std::move(request), end);
    const std::lock_guard lock(mutex_);
    broke_ = !answer                 ? answer.error().message()
             : answer->status != 200 ? fmt::format("its events answer {}", answer->status)
                                     : std::string("its events ended");
    changed_.notify_all();
  }

  std::vector<net::Header> headers() const {
    return {{"Authorization", "Basic " + base64("opencode:" + task_.password)},
            {"Content-Type", "application/json"},
            {"x-opencode-directory", encoded(task_.folder)}};
  }

  Result<Json> call(std::string method, std::string target, const Json& body) {
    return call(std::move(method), std::move(target), body, kAnswerLimit, stop_);
  }
  Result<Json> call(std::string method, std::string target, const Json& body, Millis limit,
                    const std::stop_token& stop) {
    std::string text;
    net::ClientRequest request;
    request.method = std::move(method);
    request.target = target;
    request.headers = headers();
    if (!body.is_null()) request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    request.silence = limit;
    request.on_body = [&](std::string_view bytes) { text += bytes; };
    const auto answer = client_->send(std::move(request), stop);
    if (!answer) return pass(Error(answer.error()), "while asking the agent's server for " + target);
    if (answer->status >= 300)
      return fail(Code::unavailable, "the agent's server answers {} to {}: {}", answer->status, target,
                  text.substr(0, 300));
    if (text.empty()) return Json();
    auto json = engine::parse_json(text);
    if (!json) return pass(std::move(json).error(), "while reading what the agent's server says to " + target);
    return json;
  }

  /// Waits until `holds`, under the lock. Errors: as `run_server_session`.
  template <class Holds>
  Status wait_for(Holds holds) {
    std::unique_lock lock(mutex_);
    while (!holds()) {
      if (stop_.stop_requested()) return fail(Code::cancelled, "the session was stopped");
      if (Clock::now() >= until_)
        return fail(Code::timed_out, "took longer than {} s", task_.time_limit.count() / 1000);
      changed_.wait_until(lock, std::min(until_, Clock::now() + std::chrono::seconds(1)));
    }
    return {};
  }

  Status watch() {
    while (true) {
      std::vector<ServerRequest> requests;
      bool over = false;
      SKEIN_DO(wait_for([&] {
        requests = events_.take_requests();
        over = events_.is_idle();
        return over || broke_ || !requests.empty();
      }));
      for (const ServerRequest& one : requests) SKEIN_DO(reply(one));
      if (over) return {};
      const std::lock_guard lock(mutex_);
      if (broke_ && !events_.is_idle())
        return fail(Code::unavailable, "the agent's server is gone in the middle of its session: {}", *broke_);
    }
  }

  Status reply(const ServerRequest& request) {
    const auto among = [&](const std::vector<std::string>& kinds) {
      return std::ranges::any_of(kinds, [&](const std::string& one) { return one == "*" || one == request.kind; });
    };
    if (request.question) return reply_questions(request);
    const bool ask = among(task_.ask);
    std::optional<std::string> answer;
    if (ask) {
      SKEIN_TRY(answer, ask_person(request.kind, request.what));
    }
    const bool may = ask ? answer && is_yes(*answer) : among(task_.allow);
    Json body{{"reply", may ? "once" : "reject"}};
    if (!may && answer) body["message"] = *answer;
    return status_of(call("POST", "/permission/" + request.id + "/reply", body));
  }
  /// Each is asked by itself; without an answer to one of them nothing is answered.
  Status reply_questions(const ServerRequest& request) {
    Json answers = Json::array();
    for (const ServerQuestion& question : request.questions) {
      SKEIN_TRY(const auto answer, ask_person("question", question.shown()));
      const auto chosen = answer ? question.chosen(*answer) : std::vector<std::string>();
      if (chosen.empty()) return status_of(call("POST", "/question/" + request.id + "/reject", Json::object()));
      answers.push_back(chosen);
    }
    return status_of(call("POST", "/question/" + request.id + "/reply", Json{{"answers", std::move(answers)}}));
  }

  /// Nothing: nobody is there, or nobody answered. Errors: `cancelled`.
  Result<std::optional<std::string>> ask_person(const std::string& kind, const std::string& what) {
    if (!task_.person) return std::nullopt;
    const auto asked = Clock::now();
    auto said = task_.person(kind, what);
    until_ += Clock::now() - asked;
    if (said) return std::move(*said);
    if (said.error().code() == Code::cancelled) return std::unexpected(std::move(said).error());
    return std::nullopt;
  }
  static Status status_of(Result<Json> answer) {
    if (!answer) return std::unexpected(std::move(answer).error());
    return {};
  }

  /// Its commands end with it; whoever started the server ends the rest.
  void abort() {
    [[maybe_unused]] const auto told = call("POST", "/session/" + id_ + "/abort", Json::object(), kAbortLimit, {});
  }

  const ServerTask& task_;
  std::stop_token stop_;
  std::unique_ptr<net::HttpClient> client_;
  Clock::time_point until_;
  std::string id_;
  std::mutex mutex_;  // Guards events_ and broke_.
  std::condition_variable changed_;
  OpenCodeEvents events_;
  std::optional<std::string> broke_;  // Why no more events come.
  std::stop_callback<std::function<void()>> wake_;
  std::jthread listener_;  // The last: it uses the rest until it ends.
};

}  // namespace

Result<SessionMessages> run_server_session(const ServerTask& task, const std::stop_token& stop) {
  return Session(task, stop).run();
}

}  // namespace skein::agents
