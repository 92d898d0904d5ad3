// The client's side of the Agent Client Protocol, version 1 (JSON-RPC 2.0, one message a line): one session, one
// prompt. Knows no process: what came in goes in, what is to be sent comes out. (https://agentclientprotocol.com)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/agent_output.h"
#include "engine/schema.h"

namespace skein::agents {

/// What a session is asked, and what it may do.
struct AcpTask {
  std::string folder;  ///< Absolute path of the folder to work in.
  std::string prompt;
  std::vector<std::string> allow;  ///< Kinds of tool calls that are allowed when the agent asks; "*": every kind.
  std::vector<std::string> ask{};  ///< Kinds that a person is asked about, whatever `allow` says; "*": every kind.
  /// Asks one, by kind and title, and waits for the answer. Empty: nobody is there, and it is no.
  std::function<bool(const std::string& kind, const std::string& title)> may{};
};

class AcpTalk {
 public:
  explicit AcpTalk(AcpTask task) : task_(std::move(task)) {}

  /// The first message.
  [[nodiscard]] std::string begin();
  /// Takes bytes of the agent's output, in any pieces; what is to be sent for them, maybe nothing. Lines that are no
  /// message are left out, and of one above 16 MB nothing is kept.
  [[nodiscard]] std::string heard(std::string_view bytes);

  /// Nothing more is to be said: the prompt was answered, or it cannot be.
  [[nodiscard]] bool is_over() const { return state_ == State::over; }
  /// Why it went wrong; nothing where the agent ended its turn by itself.
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }
  /// True if it went wrong because somebody must log in.
  [[nodiscard]] bool needs_login() const { return needs_login_; }
  [[nodiscard]] const std::string& said() const { return said_; }
  [[nodiscard]] const AgentUsage& usage() const { return usage_; }

 private:
  enum class State : std::uint8_t { initializing, opening, prompting, over };
  std::string message(const engine::Json& json);
  std::string request(std::string_view method, engine::Json params);
  std::string answer(const engine::Json& request);
  std::string next(const engine::Json& result);
  void update(const engine::Json& params);
  engine::Json permission(const engine::Json& params) const;
  void fail_with(std::string error);

  AcpTask task_;
  State state_ = State::initializing;
  std::int64_t last_id_ = 0;
  std::string open_;  // Of a line that is not complete.
  bool is_skipping_ = false;
  std::string said_;
  std::optional<std::string> error_;
  bool needs_login_ = false;
  AgentUsage usage_;
};

}  // namespace skein::agents
