// A conversation with a model, and how each dialect writes it: one form for us, three on the wire. What stays the same
// from turn to turn comes first, so that a provider's cache holds it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agents/dialect.h"

namespace skein::agents {

struct ToolSpec {
  std::string name, description;
  engine::Json parameters;  ///< JSON schema of an object.
};

struct ToolCall {
  std::string id, name;
  std::string arguments;  ///< JSON as the model wrote it.
};

struct ToolAnswer {
  std::string id, text;
  bool failed = false;
};

/// One message: of the user, of the model (text, calls), or the answers to its calls.
struct Turn {
  enum class From { user, model, tools } from = From::user;
  std::string text{};
  std::vector<ToolCall> calls{};
  std::vector<ToolAnswer> answers{};
};

struct Conversation {
  std::string model, system;
  std::vector<ToolSpec> tools;
  std::vector<Turn> turns;
  Tokens output{8'192};  ///< The limit of each answer.
};

/// The body of the next request, streamed.
[[nodiscard]] std::string request_body(Dialect dialect, const Conversation& conversation,
                                       const std::string& limit_field);
/// Where it goes: "/v1/messages".
[[nodiscard]] std::string_view request_path(Dialect dialect);

/// Puts a streamed answer together.
class ReplyReader {
 public:
  explicit ReplyReader(Dialect dialect) : dialect_(dialect) {}
  /// Takes bytes of the body; gives the text that came with them.
  std::string feed(std::string_view bytes);
  /// The whole answer. Errors: `unavailable` where it broke off, holds what is no JSON, or the provider says that it
  /// failed; `resource_exhausted` where it was cut at the output limit.
  [[nodiscard]] Result<Turn> finish();

 private:
  void take(const engine::Json& data);
  void take_chat(const engine::Json& data);
  void take_responses(const engine::Json& data);
  void take_messages(const engine::Json& data);

  Dialect dialect_;
  std::string buffer_, text_, said_, error_;
  std::map<std::int64_t, ToolCall> calls_;  // By their place in the answer.
  bool ended_ = false, cut_ = false;
};

/// What a refusal's body says, in words: the message of an error in any dialect, or the body's beginning.
[[nodiscard]] std::string error_message(std::string_view body);

}  // namespace skein::agents
