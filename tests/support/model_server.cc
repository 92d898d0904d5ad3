#include "support/model_server.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <utility>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

namespace skein::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kBytesPerToken = 4;

/// Everything that an answer is made of.
struct Answer {
  Reply reply;
  std::string model;
  bool stream = false;
  bool tells_usage = true;  // OpenAI chat tells it in a stream only where it was asked to.
  bool cut_short = false;
  ScriptedUsage usage;
};

std::vector<std::string> pieces(const std::string& text, int size) {
  std::vector<std::string> made;
  const auto step = static_cast<std::size_t>(std::max(size, 1));
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(at + step, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;  // Whole characters.
    made.push_back(text.substr(at, end - at));
    at = end;
  }
  return made;
}

std::string event(const Json& data, std::string_view name = {}) {
  return (name.empty() ? "" : "event: " + std::string(name) + "\n") + "data: " + data.dump() + "\n\n";
}

std::string call_id(std::size_t i) { return "call_" + std::to_string(i); }

// --- OpenAI chat completions

Json chat_usage(const ScriptedUsage& usage) {
  return {{"prompt_tokens", usage.input},
          {"completion_tokens", usage.output},
          {"total_tokens", usage.input + usage.output},
          {"prompt_tokens_details", {{"cached_tokens", usage.cached}}},
          {"completion_tokens_details", {{"reasoning_tokens", usage.reasoning}}}};
}

std::string chat_finish(const Answer& answer) {
  return answer.cut_short ? "length" : answer.reply.calls.empty() ? "stop" : "tool_calls";
}

std::vector<std::string> chat(const Answer& answer) {
  const Reply& reply = answer.reply;
  if (!answer.stream) {
    Json message{{"role", "assistant"}, {"content", reply.text}};
    for (std::size_t i = 0; i < reply.calls.size(); ++i)
      message["tool_calls"].push_back(
          {{"id", call_id(i)},
           {"type", "function"},
           {"function", {{"name", reply.calls[i].name}, {"arguments", reply.calls[i].arguments}}}});
    Json body{{"id", "chatcmpl-1"},
              {"object", "chat.completion"},
              {"created", 1},
              {"model", answer.model},
              {"choices", {{{"index", 0}, {"message", message}, {"finish_reason", chat_finish(answer)}}}}};
    if (!reply.no_usage) body["usage"] = chat_usage(answer.usage);
    return {body.dump()};
  }
  std::vector<std::string> out;
  const auto chunk = [&](Json delta, const Json& finish) {
    Json body{{"id", "chatcmpl-1"}, {"object", "chat.completion.chunk"}, {"created", 1}, {"model", answer.model}};
    body["choices"] = {{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", finish}}};
    if (answer.tells_usage) body["usage"] = nullptr;
    out.push_back(event(body));
  };
  chunk({{"role", "assistant"}, {"content", ""}}, nullptr);
  for (const std::string& piece : pieces(reply.text, reply.piece)) chunk({{"content", piece}}, nullptr);
  for (std::size_t i = 0; i < reply.calls.size(); ++i) {
    const auto call = [&](Json function, bool first) {
      Json one{{"index", i}};
      if (first) one["id"] = call_id(i), one["type"] = "function";
      one["function"] = std::move(function);
      chunk({{"tool_calls", {one}}}, nullptr);
    };
    call({{"name", reply.calls[i].name}, {"arguments", ""}}, true);
    for (const std::string& piece : pieces(reply.calls[i].arguments, reply.piece)) call({{"arguments", piece}}, false);
  }
  chunk(Json::object(), chat_finish(answer));
  if (answer.tells_usage && !reply.no_usage)
    out.push_back(event({{"id", "chatcmpl-1"},
                         {"object", "chat.completion.chunk"},
                         {"created", 1},
                         {"model", answer.model},
                         {"choices", Json::array()},
                         {"usage", chat_usage(answer.usage)}}));
  out.push_back("data: [DONE]\n\n");
  return out;
}

// --- OpenAI responses

Json responses_item(const Reply& reply, std::size_t i) {
  if (i == 0 && !reply.text.empty())
    return {{"type", "message"},
            {"id", "msg_1"},
            {"status", "completed"},
            {"role", "assistant"},
            {"content", {{{"type", "output_text"}, {"text", reply.text}, {"annotations", Json::array()}}}}};
  const std::size_t n = i - (reply.text.empty() ? 0 : 1);
  return {{"type", "function_call"},     {"id", "fc_" + std::to_string(n)},       {"call_id", call_id(n)},
          {"name", reply.calls[n].name}, {"arguments", reply.calls[n].arguments}, {"status", "completed"}};
}

Json responses_body(const Answer& answer, std::string_view status) {
  const Reply& reply = answer.reply;
  Json body{{"id", "resp_1"}, {"object", "response"}, {"status", status}, {"model", answer.model}};
  body["output"] = Json::array();
  if (status == "in_progress") return body;
  const std::size_t count = reply.calls.size() + (reply.text.empty() ? 0 : 1);
  for (std::size_t i = 0; i < count; ++i) body["output"].push_back(responses_item(reply, i));
  if (answer.cut_short) body["incomplete_details"] = {{"reason", "max_output_tokens"}};
  if (!reply.no_usage)
    body["usage"] = {{"input_tokens", answer.usage.input},
                     {"input_tokens_details", {{"cached_tokens", answer.usage.cached}}},
                     {"output_tokens", answer.usage.output},
                     {"output_tokens_details", {{"reasoning_tokens", answer.usage.reasoning}}},
                     {"total_tokens", answer.usage.input + answer.usage.output}};
  return body;
}

std::vector<std::string> responses(const Answer& answer) {
  const Reply& reply = answer.reply;
  const std::string_view status = answer.cut_short ? "incomplete" : "completed";
  if (!answer.stream) return {responses_body(answer, status).dump()};
  std::vector<std::string> out;
  int number = 0;
  const auto tell = [&](std::string_view type, Json data) {
    Json whole{{"type", type}, {"sequence_number", number++}};
    whole.update(data);
    out.push_back(event(whole, type));
  };
  tell("response.created", {{"response", responses_body(answer, "in_progress")}});
  const std::size_t count = reply.calls.size() + (reply.text.empty() ? 0 : 1);
  for (std::size_t i = 0; i < count; ++i) {
    const Json item = responses_item(reply, i);
    const bool is_text = item["type"] == "message";
    Json begun = item;
    begun["status"] = "in_progress";
    begun[is_text ? "content" : "arguments"] = is_text ? Json::array() : Json("");
    tell("response.output_item.added", {{"output_index", i}, {"item", begun}});
    const std::string whole = is_text ? reply.text : item["arguments"].get<std::string>();
    const std::string kind = is_text ? "response.output_text" : "response.function_call_arguments";
    Json place{{"item_id", item["id"]}, {"output_index", i}};
    if (is_text) place["content_index"] = 0;
    if (is_text)
      tell("response.content_part.added",
           {{"item_id", item["id"]},
            {"output_index", i},
            {"content_index", 0},
            {"part", {{"type", "output_text"}, {"text", ""}, {"annotations", Json::array()}}}});
    for (const std::string& piece : pieces(whole, reply.piece)) {
      Json delta = place;
      delta["delta"] = piece;
      tell(kind + ".delta", delta);
    }
    Json done = place;
    done[is_text ? "text" : "arguments"] = whole;
    tell(kind + ".done", done);
    if (is_text)
      tell("response.content_part.done",
           {{"item_id", item["id"]}, {"output_index", i}, {"content_index", 0}, {"part", item["content"][0]}});
    tell("response.output_item.done", {{"output_index", i}, {"item", item}});
  }
  tell("response." + std::string(status), {{"response", responses_body(answer, status)}});
  return out;
}

// --- Anthropic messages

Json messages_usage(const ScriptedUsage& usage) {
  return {{"input_tokens", usage.input - usage.cached - usage.cache_write},
          {"cache_creation_input_tokens", usage.cache_write},
          {"cache_read_input_tokens", usage.cached},
          {"output_tokens", usage.output}};
}

std::string messages_stop(const Answer& answer) {
  return answer.cut_short ? "max_tokens" : answer.reply.calls.empty() ? "end_turn" : "tool_use";
}

Json parsed_or_empty(const std::string& text) {
  Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? Json::object() : parsed;
}

std::vector<std::string> messages(const Answer& answer) {
  const Reply& reply = answer.reply;
  Json body{{"id", "msg_1"}, {"type", "message"}, {"role", "assistant"}, {"model", answer.model}};
  body["content"] = Json::array();
  if (!answer.stream) {
    if (!reply.text.empty()) body["content"].push_back({{"type", "text"}, {"text", reply.text}});
    for (std::size_t i = 0; i < reply.calls.size(); ++i)
      body["content"].push_back({{"type", "tool_use"},
                                 {"id", call_id(i)},
                                 {"name", reply.calls[i].name},
                                 {"input", parsed_or_empty(reply.calls[i].arguments)}});
    body["stop_reason"] = messages_stop(answer);
    body["stop_sequence"] = nullptr;
    if (!reply.no_usage) body["usage"] = messages_usage(answer.usage);
    return {body.dump()};
  }
  std::vector<std::string> out;
  const auto tell = [&](std::string_view type, const Json& data) {
    Json whole{{"type", type}};
    whole.update(data);
    out.push_back(event(whole, type));
  };
  body["stop_reason"] = nullptr;
  if (!reply.no_usage) {
    body["usage"] = messages_usage(answer.usage);
    body["usage"]["output_tokens"] = 1;
  }
  tell("message_start", {{"message", body}});
  std::size_t index = 0;
  const auto block = [&](const Json& start, std::string_view kind, std::string_view field, const std::string& whole) {
    tell("content_block_start", {{"index", index}, {"content_block", start}});
    for (const std::string& piece : pieces(whole, reply.piece))
      tell("content_block_delta", {{"index", index}, {"delta", {{"type", kind}, {std::string(field), piece}}}});
    tell("content_block_stop", {{"index", index}});
    ++index;
  };
  if (!reply.text.empty()) block({{"type", "text"}, {"text", ""}}, "text_delta", "text", reply.text);
  for (std::size_t i = 0; i < reply.calls.size(); ++i)
    block({{"type", "tool_use"}, {"id", call_id(i)}, {"name", reply.calls[i].name}, {"input", Json::object()}},
          "input_json_delta", "partial_json", reply.calls[i].arguments);
  Json end{{"delta", {{"stop_reason", messages_stop(answer)}, {"stop_sequence", nullptr}}}};
  if (!reply.no_usage) end["usage"] = {{"output_tokens", answer.usage.output}};
  tell("message_delta", end);
  tell("message_stop", Json::object());
  return out;
}

std::string error_body(const std::string& path, const Reply& reply) {
  const std::string message = reply.text.empty() ? "scripted error" : reply.text;
  if (path == "/v1/messages") {
    const char* type = reply.status == 429   ? "rate_limit_error"
                       : reply.status == 401 ? "authentication_error"
                       : reply.status < 500  ? "invalid_request_error"
                                             : "api_error";
    return Json{{"type", "error"}, {"error", {{"type", type}, {"message", message}}}}.dump();
  }
  return Json{{"error",
               {{"message", message},
                {"type", reply.status == 429 ? "rate_limit_exceeded" : "server_error"},
                {"code", reply.status}}}}
      .dump();
}

/// The output limit of a request in any dialect; negative: none.
std::int64_t limit_of(const Json& request) {
  for (const char* name : {"max_completion_tokens", "max_output_tokens", "max_tokens"})
    if (request.contains(name) && request[name].is_number_integer()) return request[name].get<std::int64_t>();
  return -1;
}

Answer made_answer(Reply reply, const Json& request, std::size_t request_bytes) {
  Answer answer;
  answer.stream = request.value("stream", false);
  answer.model = request.value("model", "scripted");
  answer.tells_usage = request.contains("stream_options") && request["stream_options"].value("include_usage", false);
  std::size_t said = reply.text.size();
  for (const ScriptedCall& call : reply.calls) said += call.arguments.size();
  answer.usage.input = static_cast<std::int64_t>(request_bytes) / kBytesPerToken + 1;
  answer.usage.output = static_cast<std::int64_t>(said) / kBytesPerToken + 1;
  const std::int64_t limit = limit_of(request);
  if (!reply.usage && limit >= 0 && answer.usage.output > limit) {
    answer.usage.output = limit;
    answer.cut_short = true;
    reply.calls.clear();
    reply.text.resize(std::min(reply.text.size(), static_cast<std::size_t>(limit * kBytesPerToken)));
  }
  if (reply.usage) answer.usage = *reply.usage;
  answer.reply = std::move(reply);
  return answer;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

/// True when the other side is gone, or `ms` are over without that.
bool gone_within(int socket, int ms) {
  pollfd polled{socket, POLLRDHUP, 0};
  return ::poll(&polled, 1, ms) > 0;
}

std::string chunk_of(std::string_view bytes) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return std::string(size.data()) + std::string(bytes) + "\r\n";
}

/// Reads one request. False at the end of the connection.
bool read_request(int socket, std::string& buffer, Asked& asked) {
  std::array<char, 65536> bytes;
  const auto more = [&] {
    const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (got > 0) buffer.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0;
  };
  std::size_t head = 0;
  while ((head = buffer.find("\r\n\r\n")) == std::string::npos)
    if (!more()) return false;
  asked = {};
  std::size_t at = buffer.find("\r\n");
  const std::string first = buffer.substr(0, at);
  asked.method = first.substr(0, first.find(' '));
  const auto path = first.find(' ') + 1;
  asked.path = first.substr(path, first.find(' ', path) - path);
  asked.path = asked.path.substr(0, asked.path.find('?'));
  while (at < head) {
    const auto end = buffer.find("\r\n", at + 2);
    const std::string line = buffer.substr(at + 2, end - at - 2);
    std::string name = line.substr(0, line.find(':'));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto value = line.find_first_not_of(" :", name.size());
    asked.headers[name] = value == std::string::npos ? "" : line.substr(value);
    at = end;
  }
  const auto length = asked.headers.find("content-length");
  const std::size_t size = length == asked.headers.end() ? 0 : std::stoul(length->second);
  while (buffer.size() < head + 4 + size)
    if (!more()) return false;
  asked.body = buffer.substr(head + 4, size);
  buffer.erase(0, head + 4 + size);
  return true;
}

struct Told {
  bool keeps = false;  // The connection.
  bool left = false;   // The client went.
};

Told tell(int socket, const std::string& path, const Answer& answer) {
  const Reply& reply = answer.reply;
  if (reply.delay_ms > 0 && gone_within(socket, reply.delay_ms)) return {false, true};
  if (reply.fault == Fault::hang) {
    gone_within(socket, -1);
    return {false, true};
  }
  if (reply.status != 200) {
    const std::string body = error_body(path, reply);
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " scripted\r\nContent-Type: application/json\r\n";
    if (reply.retry_after >= 0) head += "Retry-After: " + std::to_string(reply.retry_after) + "\r\n";
    return {send_all(socket, head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body), false};
  }
  std::vector<std::string> parts = path == "/v1/messages"    ? messages(answer)
                                   : path == "/v1/responses" ? responses(answer)
                                                             : chat(answer);
  const std::size_t half = parts.size() / 2;
  if (reply.fault == Fault::malformed) parts[half] = answer.stream ? "data: {\"broken\": \n\n" : "{\"broken\": ";
  if (!answer.stream) {
    const std::string& body = parts[0];
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n";
    const bool broken = reply.fault == Fault::cut || reply.fault == Fault::stall;
    const bool sent = send_all(socket, head + (broken ? body.substr(0, body.size() / 2) : body));
    if (reply.fault == Fault::stall) return {false, gone_within(socket, -1)};
    return {sent && !broken, !sent};
  }
  if (!send_all(socket,
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: "
                "chunked\r\n\r\n"))
    return {false, true};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == half && reply.fault == Fault::cut) return {false, false};
    if (i == half && reply.fault == Fault::stall) return {false, gone_within(socket, -1)};
    if (i > 0 && reply.drip_ms > 0 && gone_within(socket, reply.drip_ms)) return {false, true};
    if (!send_all(socket, chunk_of(parts[i]))) return {false, true};
  }
  return {send_all(socket, "0\r\n\r\n"), false};
}

}  // namespace

ModelServer::ModelServer(std::vector<Reply> script, std::uint16_t port) : script_(std::move(script)) {
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = sizeof address;
  if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listening_, 512) != 0 ||
      ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return;
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

ModelServer::~ModelServer() {
  if (accepting_.joinable()) {
    accepting_.request_stop();
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
  }
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  ::close(listening_);
}

void ModelServer::accept_all(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      if (stop.stop_requested()) return;
      continue;
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    sockets_.insert(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void ModelServer::serve(int socket) {
  std::string buffer;
  Asked asked;
  while (read_request(socket, buffer, asked)) {
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(asked);
    }
    came_.notify_all();
    Told told;
    if (asked.path == "/v1/models") {
      const std::string body = R"({"object":"list","data":[{"id":"scripted","object":"model"}]})";
      told.keeps = send_all(socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                        std::to_string(body.size()) + "\r\n\r\n" + body);
    } else {
      const Json request = Json::parse(asked.body, nullptr, false);
      Reply reply;
      if (request.is_object() &&
          (asked.path == "/v1/chat/completions" || asked.path == "/v1/responses" || asked.path == "/v1/messages")) {
        reply = reply_for(asked.body);
      } else {
        reply.status = request.is_object() ? 404 : 400;
        reply.text = "no such thing: " + asked.path;
      }
      told = tell(socket, asked.path,
                  made_answer(std::move(reply), request.is_object() ? request : Json::object(), asked.body.size()));
    }
    const std::lock_guard lock(mutex_);
    if (told.left && !ending_) ++left_;
    if (!told.keeps) break;
  }
  const std::lock_guard lock(mutex_);
  sockets_.erase(socket);
  ::close(socket);
}

Reply ModelServer::reply_for(const std::string& body) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(
      script_, [&](const Reply& one) { return body.contains(one.match) && body.contains(one.match_also); });
  if (found == script_.end()) return {.text = "done"};
  Reply reply = *found;
  if (!reply.again) script_.erase(found);
  return reply;
}

void ModelServer::add(Reply reply) {
  const std::lock_guard lock(mutex_);
  script_.push_back(std::move(reply));
}

std::vector<Asked> ModelServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

bool ModelServer::wait_for(std::size_t count, int wait_ms) const {
  std::unique_lock lock(mutex_);
  return came_.wait_for(lock, std::chrono::milliseconds(wait_ms), [&] { return asked_.size() >= count; });
}

std::optional<std::vector<Reply>> parse_script(std::string_view json, std::string& why) {
  static const std::map<std::string, Fault> kFaults{{"none", Fault::none},
                                                    {"hang", Fault::hang},
                                                    {"stall", Fault::stall},
                                                    {"cut", Fault::cut},
                                                    {"malformed", Fault::malformed}};
  try {
    std::vector<Reply> script;
    const Json parsed = Json::parse(json);
    for (const auto& [index, one] : parsed.items()) {
      Reply reply;
      for (const auto& [key, value] : one.items()) {
        if (key == "match")
          value.get_to(reply.match);
        else if (key == "match_also")
          value.get_to(reply.match_also);
        else if (key == "text")
          value.get_to(reply.text);
        else if (key == "calls")
          for (const Json& call : value) reply.calls.push_back({call.at("name"), call.at("arguments").dump()});
        else if (key == "usage")
          reply.usage =
              ScriptedUsage{value.value("input", std::int64_t{0}), value.value("cached", std::int64_t{0}),
                            value.value("cache_write", std::int64_t{0}), value.value("output", std::int64_t{0}),
                            value.value("reasoning", std::int64_t{0})};
        else if (key == "no_usage")
          value.get_to(reply.no_usage);
        else if (key == "status")
          value.get_to(reply.status);
        else if (key == "retry_after")
          value.get_to(reply.retry_after);
        else if (key == "fault")
          reply.fault = kFaults.at(value.get<std::string>());
        else if (key == "delay_ms")
          value.get_to(reply.delay_ms);
        else if (key == "drip_ms")
          value.get_to(reply.drip_ms);
        else if (key == "piece")
          value.get_to(reply.piece);
        else if (key == "again")
          value.get_to(reply.again);
        else {
          why = "reply " + index + ": unknown member \"" + key + "\"";
          return {};
        }
      }
      script.push_back(std::move(reply));
    }
    return script;
  } catch (const std::exception& error) {
    why = error.what();
    return {};
  }
}

}  // namespace skein::test
