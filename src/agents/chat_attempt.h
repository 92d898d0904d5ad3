// A bare model does a task: a conversation through the relay, with skein's own tools, until it calls none any more.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "agents/chat_tools.h"
#include "agents/manifest.h"
#include "agents/relay.h"
#include "base/clock.h"
#include "engine/key.h"
#include "net/http_client.h"

namespace skein::agents {

/// Waits between tries, so that tests need not.
using Pause = std::function<Status(Millis, std::stop_token)>;

/// One model behind the relay.
class ChatModel {
 public:
  /// `access` outlives it.
  ChatModel(Relay& relay, const RelayAccess& access, Millis silence);

  /// Asks for the next turn; `on_text` gets what the model says as it comes. Transient failures (429, 5xx, a broken
  /// answer) are tried again, 4 times in all, `Retry-After` obeyed up to a minute. Errors: `budget`, `cancelled`,
  /// `timed_out`, `resource_exhausted` for an answer cut at its limit, `unavailable` after the last try, `failed_check`
  /// for a request that the provider refuses.
  [[nodiscard]] Result<Turn> next(const Conversation& talk, const std::function<void(std::string_view)>& on_text,
                                  std::stop_token stop, const Pause& pause);

 private:
  struct Answered {
    Result<Turn> turn;
    Millis wait{-1};  // Before another try; negative: none helps.
  };
  Answered ask(const Conversation& talk, const std::function<void(std::string_view)>& on_text, std::stop_token stop,
               int attempt);

  Dialect dialect_;
  std::string limit_field_, key_;
  Millis silence_;
  std::unique_ptr<net::HttpClient> client_;
};

/// Sleeps until the time is over or a stop is asked for. Errors: `cancelled`.
[[nodiscard]] Status pause_for(Millis time, std::stop_token stop);

/// What of a chat step can change its result, beside what all steps of agents have.
[[nodiscard]] std::vector<engine::KeyPart> chat_parts();

/// The conversation of a step. `print` gets what the model says and does. Errors: as `ChatModel::next` and
/// `ChatTools::call`; `timed_out` above the manifest's time; `failed_check` after its last turn.
[[nodiscard]] Status run_chat(const AgentManifest& manifest, ChatModel& model, ChatTools& tools,
                              const std::string& prompt, const std::function<void(std::string_view)>& print,
                              std::stop_token stop);

}  // namespace skein::agents
