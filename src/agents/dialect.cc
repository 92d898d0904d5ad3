#include "agents/dialect.h"

#include <algorithm>
#include <array>

namespace skein::agents {
namespace {

using engine::Json;

struct Name {
  Dialect dialect;
  std::string_view name, path;
};
constexpr std::array<Name, 3> kNames{{{Dialect::chat, "openai-chat", "/v1/chat/completions"},
                                      {Dialect::responses, "openai-responses", "/v1/responses"},
                                      {Dialect::messages, "anthropic-messages", "/v1/messages"}}};

// A token has one byte at least, so a body has no more tokens than bytes; beside it, what providers add for tools, and
// what a picture may count whatever its bytes.
constexpr std::int64_t kAddedTokens = 1'024;
constexpr std::int64_t kPictureTokens = 20'000;
constexpr std::int64_t kMostOutput = 1'000'000'000;
constexpr int kDeepest = 64;

struct Content {
  std::int64_t pictures = 0;
  std::string unbounded;
};

/// REQUIRES that it is not too deep.
void look_at(const Json& node, Content& content) {
  if (node.is_object()) {
    if (const auto type = node.find("type"); type != node.end() && type->is_string()) {
      const auto& name = type->get_ref<const std::string&>();
      if (name == "image_url" || name == "input_image" || name == "image") ++content.pictures;
      if (name == "file" || name == "input_file" || name == "document" || name == "input_audio" ||
          name == "item_reference" || name == "container_upload")
        content.unbounded = "a part of type \"" + name + "\"";
    }
  }
  if (node.is_structured())
    for (const Json& child : node) look_at(child, content);
}

/// Tools that the provider runs cost by the call, or read what has no bound.
void look_at_tools(const Json& body, Content& content) {
  const auto tools = body.find("tools");
  if (tools == body.end() || !tools->is_array()) return;
  for (const Json& tool : *tools) {
    if (!tool.is_object() || !tool.contains("type") || !tool["type"].is_string()) continue;
    const auto& type = tool["type"].get_ref<const std::string&>();
    static constexpr std::array<std::string_view, 6> kHosted{"web_search",       "file_search",    "code_interpreter",
                                                             "image_generation", "code_execution", "web_fetch"};
    if (type == "mcp" || std::ranges::any_of(kHosted, [&](std::string_view one) { return type.starts_with(one); }))
      content.unbounded = "the provider's tool \"" + type + "\"";
  }
}

std::optional<std::int64_t> number(const Json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || !found->is_number_integer()) return {};
  return found->get<std::int64_t>();
}

std::vector<const char*> limit_fields(Dialect dialect) {
  switch (dialect) {
    case Dialect::chat:
      return {"max_completion_tokens", "max_tokens"};
    case Dialect::responses:
      return {"max_output_tokens"};
    case Dialect::messages:
      return {"max_tokens"};
  }
  return {};
}

bool is_deeper(const Json& node, int levels) {
  if (!node.is_structured()) return false;
  if (levels == 0) return true;
  for (const Json& child : node)
    if (is_deeper(child, levels - 1)) return true;
  return false;
}

bool is_set(const Json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && !found->is_null() && !(found->is_boolean() && !found->get<bool>());
}

void find_unbounded(const Json& body, Content& content) {
  for (const char* key : {"previous_response_id", "conversation", "prompt", "background", "web_search_options",
                          "mcp_servers", "container", "audio"})
    if (is_set(body, key)) content.unbounded = fmt::format("\"{}\"", key);
  if (const auto tier = body.find("service_tier"); tier != body.end() && tier->is_string()) {
    const auto& name = tier->get_ref<const std::string&>();
    if (name != "auto" && name != "default" && name != "flex" && name != "standard_only")
      content.unbounded = "the service tier \"" + name + "\"";
  }
}

}  // namespace

std::string_view to_string(Dialect dialect) { return kNames.at(static_cast<std::size_t>(dialect)).name; }

std::optional<Dialect> parse_dialect(std::string_view name) {
  for (const Name& one : kNames)
    if (one.name == name) return one.dialect;
  return {};
}

std::optional<Dialect> dialect_of_path(std::string_view path) {
  for (const Name& one : kNames)
    if (one.path == path) return one.dialect;
  return {};
}

bool is_too_deep(const Json& json) { return is_deeper(json, kDeepest); }

Result<ModelRequest> read_request(Dialect dialect, std::string_view body) {
  ModelRequest request;
  request.dialect = dialect;
  request.body = Json::parse(body, nullptr, false);
  if (!request.body.is_object()) return fail(Code::invalid_argument, "the request's body is no JSON object");
  if (is_too_deep(request.body)) return fail(Code::invalid_argument, "the request's body is nested too deep");
  const auto model = request.body.find("model");
  if (model == request.body.end() || !model->is_string())
    return fail(Code::invalid_argument, "the request names no model");
  request.model = model->get<std::string>();
  request.stream = is_set(request.body, "stream");
  Content content;
  look_at(request.body, content);
  look_at_tools(request.body, content);
  find_unbounded(request.body, content);
  request.unbounded = std::move(content.unbounded);
  request.most_input = {static_cast<std::int64_t>(body.size()) + kAddedTokens + content.pictures * kPictureTokens};
  // Only what the dialect knows limits: another field is one that the provider does not read.
  std::optional<std::int64_t> limit;
  for (const char* key : limit_fields(dialect)) {
    const auto one = number(request.body, key);
    if (one && *one < 0) return fail(Code::invalid_argument, "\"{}\" is negative", key);
    if (one) limit = std::max(limit.value_or(0), *one);
  }
  if (limit) request.output = Tokens{std::min(*limit, kMostOutput)};
  if (is_set(request.body, "n") && !request.body["n"].is_number_integer())
    return fail(Code::invalid_argument, "\"n\" is no whole number");
  if (const auto answers = number(request.body, "n"); dialect == Dialect::chat && answers)
    request.answers = std::clamp<std::int64_t>(*answers, 1, 1'000);
  if (dialect == Dialect::chat && request.stream) {
    const auto options = request.body.find("stream_options");
    request.told_usage = options != request.body.end() && options->is_object() && is_set(*options, "include_usage");
  }
  return request;
}

Status set_output_limit(ModelRequest& request, Tokens limit, const std::string& field) {
  Json& body = request.body;
  switch (request.dialect) {
    case Dialect::chat: {
      // One field, and the one that the provider reads: it may refuse both, and may ignore the other.
      for (const char* key : limit_fields(Dialect::chat)) body.erase(key);
      body[field] = limit.value;
      break;
    }
    case Dialect::responses:
      body["max_output_tokens"] = limit.value;
      break;
    case Dialect::messages: {
      body["max_tokens"] = limit.value;
      const auto thinking = body.find("thinking");
      if (thinking == body.end() || !thinking->is_object()) break;
      constexpr std::int64_t kLeastThinking = 1'024;  // Anthropic refuses less, and thinking that fills the limit.
      if (const auto wanted = number(*thinking, "budget_tokens"); wanted && *wanted >= limit.value) {
        if (limit.value <= kLeastThinking)
          return fail(Code::budget, "what is left of the budget leaves no room for thinking");
        (*thinking)["budget_tokens"] = std::max(kLeastThinking, limit.value / 2);
      }
      break;
    }
  }
  request.output = limit;
  return {};
}

void ask_for_usage(ModelRequest& request) {
  if (request.dialect != Dialect::chat || !request.stream || request.told_usage) return;
  Json& options = request.body["stream_options"];
  if (!options.is_object()) options = Json::object();
  options["include_usage"] = true;
}

std::string error_body(Dialect dialect, std::string_view kind, std::string_view message) {
  Json body;
  if (dialect == Dialect::messages) {
    const std::string_view type = kind == "budget"           ? "billing_error"
                                  : kind == "authentication" ? "authentication_error"
                                  : kind == "busy"           ? "rate_limit_error"
                                  : kind == "permission"     ? "permission_error"
                                  : kind == "unavailable"    ? "api_error"
                                                             : "invalid_request_error";
    body = {{"type", "error"}, {"error", {{"type", type}, {"message", message}}}};
  } else {
    const std::string_view type = kind == "budget"        ? "insufficient_quota"
                                  : kind == "busy"        ? "rate_limit_exceeded"
                                  : kind == "unavailable" ? "server_error"
                                                          : "invalid_request_error";
    body = {
        {"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", "skein_" + std::string(kind)}}}};
  }
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace skein::agents
