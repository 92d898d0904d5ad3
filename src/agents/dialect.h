// The three ways in which programs ask models: OpenAI's chat completions and responses, Anthropic's messages. What a
// request says of its size, how its output is limited, and how errors look in each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "engine/schema.h"

namespace skein::agents {

enum class Dialect : std::uint8_t { chat, responses, messages };
/// "openai-chat", "openai-responses", "anthropic-messages".
[[nodiscard]] std::string_view to_string(Dialect dialect);
[[nodiscard]] std::optional<Dialect> parse_dialect(std::string_view name);
/// Of a path without its query: "/v1/chat/completions".
[[nodiscard]] std::optional<Dialect> dialect_of_path(std::string_view path);

/// A request, read.
struct ModelRequest {
  Dialect dialect{};
  engine::Json body;
  std::string model;
  bool stream = false;
  bool told_usage = true;  ///< The client asked to be told the usage, or is told anyway.
  std::int64_t answers = 1;
  Tokens most_input;             ///< No tokenizer makes more of it.
  std::optional<Tokens> output;  ///< The output limit of one answer, where it has one.
  std::string unbounded;         ///< What of it costs what nobody can foresee; empty: nothing.
};

/// True for JSON that is nested deeper than any request or answer is: writing it again could exhaust the stack.
[[nodiscard]] bool is_too_deep(const engine::Json& json);

/// Errors: `invalid_argument` for what is no request of this dialect.
[[nodiscard]] Result<ModelRequest> read_request(Dialect dialect, std::string_view body);
/// Sets the limit of one answer. `field`: the field of OpenAI chat requests that the provider reads, "max_tokens" or
/// "max_completion_tokens". Errors: `budget` where so few leave no room for the thinking that the request asks for.
Status set_output_limit(ModelRequest& request, Tokens limit, const std::string& field);
/// Makes a streamed chat completion tell its usage.
void ask_for_usage(ModelRequest& request);

/// The body of an error, as clients of the dialect expect it. `kind`: what went wrong, "budget", "authentication".
[[nodiscard]] std::string error_body(Dialect dialect, std::string_view kind, std::string_view message);

}  // namespace skein::agents
