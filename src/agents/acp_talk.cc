#include "agents/acp_talk.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace skein::agents {
namespace {

using engine::Json;

constexpr std::size_t kMostBytes = 16'000'000;
constexpr int kProtocol = 1;
constexpr int kMethodNotFound = -32601;  // JSON-RPC 2.0.
constexpr int kAuthRequired = -32000;    // Of the protocol; other servers have it for errors of any kind.

/// A member, where there is one of that kind.
const Json* member(const Json& object, const char* name, bool (Json::*is)() const noexcept) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found != object.end() && ((*found).*is)() ? &*found : nullptr;
}
std::string text_at(const Json& object, const char* name) {
  const Json* found = member(object, name, &Json::is_string);
  return found == nullptr ? std::string() : found->get<std::string>();
}
const Json& object_at(const Json& object, const char* name) {
  static const Json kNone = Json::object();
  const Json* found = member(object, name, &Json::is_object);
  return found == nullptr ? kNone : *found;
}
std::int64_t count_at(const Json& object, const char* name) {
  const Json* found = member(object, name, &Json::is_number);
  const double number = found == nullptr ? 0 : found->get<double>();
  return number > 0 && number < 1e15 ? std::llround(number) : 0;
}

bool speaks_of_login(const std::string& text) {
  std::string lower;
  for (const char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.contains("auth") || lower.contains("login") || lower.contains("log in") || lower.contains("sign in");
}

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string AcpTalk::begin() {
  return request("initialize", {{"protocolVersion", kProtocol},
                                {"clientCapabilities",
                                 {{"fs", {{"readTextFile", false}, {"writeTextFile", false}}}, {"terminal", false}}}});
}

std::string AcpTalk::request(std::string_view method, Json params) {
  return line_of({{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", std::move(params)}});
}

std::string AcpTalk::heard(std::string_view bytes) {
  std::string send;
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (open_.size() + piece.size() > kMostBytes) is_skipping_ = true;
    if (!is_skipping_) open_ += piece;
    if (end == std::string_view::npos) break;
    if (!is_skipping_ && !is_over())
      if (const auto json = engine::parse_json(open_); json && json->is_object()) send += message(*json);
    open_.clear();
    is_skipping_ = false;
    bytes.remove_prefix(end + 1);
  }
  return send;
}

std::string AcpTalk::message(const Json& json) {
  // The agent numbers its own requests, which may be the numbers of ours: a message with a method is a request.
  if (member(json, "method", &Json::is_string) != nullptr) {
    if (json.contains("id")) return answer(json);
    if (text_at(json, "method") == "session/update") update(object_at(json, "params"));
    return {};
  }
  const Json* id = member(json, "id", &Json::is_number_integer);
  if (id == nullptr || id->get<std::int64_t>() != last_id_) return {};
  if (const Json* error = member(json, "error", &Json::is_object)) {
    const std::string text = text_at(*error, "message");
    needs_login_ = error->value("code", Json()) == kAuthRequired && speaks_of_login(text);
    fail_with(text.empty() ? error->dump() : text);
    return {};
  }
  return next(object_at(json, "result"));
}

/// The answer to our last request leads to the next one.
std::string AcpTalk::next(const Json& result) {
  switch (state_) {
    case State::initializing:
      if (count_at(result, "protocolVersion") != kProtocol) {
        fail_with(fmt::format("it speaks another version of the Agent Client Protocol than {}", kProtocol));
        return {};
      }
      state_ = State::opening;
      return request("session/new", {{"cwd", task_.folder}, {"mcpServers", Json::array()}});
    case State::opening: {
      const std::string session = text_at(result, "sessionId");
      if (session.empty()) {
        fail_with("it opened no session");
        return {};
      }
      state_ = State::prompting;
      return request("session/prompt", {{"sessionId", session},
                                        {"prompt", Json::array({Json{{"type", "text"}, {"text", task_.prompt}}})}});
    }
    case State::prompting: {
      const std::string reason = text_at(result, "stopReason");
      const Json& usage = object_at(result, "usage");
      usage_.input = {count_at(usage, "inputTokens")};
      usage_.output = {count_at(usage, "outputTokens")};
      usage_.cached = {count_at(usage, "cachedReadTokens")};
      if (reason != "end_turn") fail_with(fmt::format("its turn ended with \"{}\"", reason));
      state_ = State::over;
      return {};
    }
    case State::over:
      return {};
  }
  return {};
}

std::string AcpTalk::answer(const Json& request) {
  Json reply{{"jsonrpc", "2.0"}, {"id", request["id"]}};
  if (text_at(request, "method") == "session/request_permission")
    reply["result"] = {{"outcome", permission(object_at(request, "params"))}};
  else
    reply["error"] = {{"code", kMethodNotFound}, {"message", "this client offers no such method"}};
  return line_of(reply);
}

Json AcpTalk::permission(const Json& params) const {
  const std::string kind = text_at(object_at(params, "toolCall"), "kind");
  const auto among = [&](const std::vector<std::string>& kinds) {
    return std::ranges::any_of(kinds, [&](const std::string& one) { return one == "*" || one == kind; });
  };
  const bool may = among(task_.ask) ? task_.may && task_.may(kind, text_at(object_at(params, "toolCall"), "title"))
                                    : among(task_.allow);
  const Json* options = member(params, "options", &Json::is_array);
  if (options != nullptr)
    for (const char* wanted : {may ? "allow_once" : "reject_once", may ? "allow_always" : "reject_always"})
      for (const Json& option : *options)
        if (text_at(option, "kind") == wanted)
          return Json::object({{"outcome", "selected"}, {"optionId", text_at(option, "optionId")}});
  return Json::object({{"outcome", "cancelled"}});
}

void AcpTalk::update(const Json& params) {
  const Json& update = object_at(params, "update");
  const std::string kind = text_at(update, "sessionUpdate");
  if (kind == "agent_message_chunk") {
    said_ += text_at(object_at(update, "content"), "text");
  } else if (kind == "usage_update") {
    const Json& cost = object_at(update, "cost");
    if (const Json* amount = member(cost, "amount", &Json::is_number);
        amount != nullptr && text_at(cost, "currency") == "USD")
      if (const double dollars = amount->get<double>(); dollars > 0 && dollars < 1e9)
        usage_.money = {std::llround(dollars * 1e6)};
  }
}

void AcpTalk::fail_with(std::string error) {
  if (!error_) error_ = std::move(error);
  state_ = State::over;
}

}  // namespace skein::agents
