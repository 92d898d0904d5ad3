// What OpenCode's server tells of one session, as server-sent events. Knows no socket: bytes go in, the session's state
// comes out. (https://opencode.ai/docs/server/)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/agent_output.h"
#include "engine/schema.h"

namespace skein::agents {

/// One of those that a model asks at once.
struct ServerQuestion {
  std::string text;
  std::vector<std::string> labels;  ///< Of the answers that it offers.
  bool several = false;             ///< More than one of them may be chosen.
  bool own = true;                  ///< An answer in other words is taken, too.

  /// With its labels, for a person.
  [[nodiscard]] std::string shown() const;
  /// The chosen labels, as the server wants them: "a, b" are two where several may be chosen, case does not matter, and
  /// other words are an answer where they are taken. Empty: it is none.
  [[nodiscard]] std::vector<std::string> chosen(std::string_view answer) const;
};

/// A tool call that waits for an answer, or questions of the model's.
struct ServerRequest {
  bool question = false;  ///< Else a permission.
  std::string id, kind;   ///< "edit", "bash", "webfetch", …
  std::string what;       ///< For a person: of a permission.
  std::vector<ServerQuestion> questions{};
};

/// Follows one session. The server sends those of all sessions of a folder, and some twice.
class OpenCodeEvents {
 public:
  /// Takes bytes of the stream, in any pieces. An event above 16 MB is left out.
  void heard(std::string_view bytes);
  /// Whose events count from now on.
  void follow(std::string session) { session_ = std::move(session); }

  [[nodiscard]] bool is_connected() const { return connected_; }
  /// The turn began, and ended.
  [[nodiscard]] bool is_idle() const { return was_busy_ && idle_; }
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }
  /// Why it waits before another try at its model; empty where it does not.
  [[nodiscard]] const std::string& retry() const { return retry_; }
  /// Those that came since the last call.
  [[nodiscard]] std::vector<ServerRequest> take_requests() { return std::exchange(requests_, {}); }

 private:
  void take(std::string_view block);
  void take(const std::string& type, const engine::Json& properties);

  std::string session_, open_;
  bool connected_ = false, was_busy_ = false, idle_ = false;
  std::optional<std::string> error_;
  std::string retry_;
  std::vector<ServerRequest> requests_;
};

/// What a session's messages say: its words and usage, and how its last turn ended.
struct SessionMessages {
  std::string said;
  AgentUsage usage;
  std::string finish;                ///< Of the last answer: "stop".
  std::optional<std::string> error;  ///< Of the last answer.
};
/// Of the answer to GET /session/{id}/message.
[[nodiscard]] SessionMessages read_session_messages(const engine::Json& messages);

/// The message of an error as OpenCode words it; its name where it has none.
[[nodiscard]] std::string opencode_error(const engine::Json& error);

}  // namespace skein::agents
