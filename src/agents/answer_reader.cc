#include "agents/answer_reader.h"

#include <algorithm>
#include <array>

namespace skein::agents {
namespace {

using engine::Json;

constexpr std::size_t kMostHeld = 64'000'000;  // A larger answer passes unread: it counts as one without usage.
constexpr std::int64_t kMostTokens = 1'000'000'000;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

const Json* member(const Json& json, const char* key) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(key);
  return found == json.end() ? nullptr : &*found;
}

std::string text_of(const Json& json, const char* key) {
  const Json* found = member(json, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number_of(const Json& json, const char* key) {
  const Json* found = member(json, key);
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : -1;
}

/// The data of a server-sent event: its "data:" lines.
std::string data_of(std::string_view event) {
  std::string data;
  while (!event.empty()) {
    auto line = event.substr(0, event.find('\n'));
    event.remove_prefix(std::min(event.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with("data:")) continue;
    line.remove_prefix(5);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (!data.empty()) data += '\n';
    data += line;
  }
  return data;
}

/// True where an event cannot say what it used or that it is the last: most of a stream's events need no closer look.
/// A usage of null says nothing.
bool says_nothing(std::string_view event) {
  constexpr std::string_view kUsage = "\"usage\"";
  for (auto at = event.find(kUsage); at != std::string_view::npos; at = event.find(kUsage, at)) {
    at += kUsage.size();
    auto rest = event.substr(at);
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" :")));
    if (!rest.starts_with("null")) return false;
  }
  static constexpr std::array<std::string_view, 6> kMarks{
      "message_stop", "response.completed", "response.incomplete", "response.failed", "[DONE]", "\\u"};
  return std::ranges::none_of(kMarks, [&](std::string_view mark) { return event.contains(mark); });
}

/// The event with other data, its other lines as they are.
std::string with_data(std::string_view event, const Json& data) {
  std::string made;
  while (!event.empty()) {
    const auto line = event.substr(0, event.find('\n'));
    event.remove_prefix(std::min(event.size(), line.size() + 1));
    if (!line.starts_with("data:") && !line.empty() && line != "\r") made.append(line).append("\n");
  }
  return made + "data: " + dumped(data) + "\n\n";
}

/// Where the first event of `text` ends, behind its empty line; npos: it is not there yet.
std::size_t event_end(std::string_view text, std::size_t from) {
  for (auto at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] == '\n') return at + 2;
    if (at + 2 < text.size() && text[at + 1] == '\r' && text[at + 2] == '\n') return at + 3;
  }
  return std::string_view::npos;
}

}  // namespace

void AnswerReader::feed(std::string_view bytes, std::string& out) {
  if (too_large_) {
    out += bytes;
    return;
  }
  if (passes_) out += bytes;
  const std::size_t from = buffer_.size() < 2 ? 0 : buffer_.size() - 2;
  buffer_ += bytes;
  if (buffer_.size() > kMostHeld) {
    if (!passes_) out += buffer_;
    buffer_.clear();
    too_large_ = true;
    broken_usage_ = true;
    return;
  }
  if (!stream_) return;
  std::string changed;
  std::size_t begin = 0;
  for (auto end = event_end(buffer_, from); end != std::string::npos; end = event_end(buffer_, begin)) {
    take_event(std::string_view(buffer_).substr(begin, end - begin), changed);
    begin = end;
  }
  buffer_.erase(0, begin);
  if (!passes_) out += changed;
}

void AnswerReader::finish(std::string& out) {
  if (too_large_) return;
  if (stream_) {
    std::string changed;
    if (!buffer_.empty()) take_event(buffer_, changed);
    if (!passes_) out += changed;
    buffer_.clear();
    return;
  }
  Json body = Json::parse(buffer_, nullptr, false);
  whole_ = body.is_object() && !is_too_deep(body);
  if (whole_) note(body);
  if (!passes_) {
    if (whole_) secrets_.restore(body);
    out += whole_ ? dumped(body) : buffer_;
  }
  buffer_.clear();
}

void AnswerReader::take_event(std::string_view event, std::string& out) {
  if (secrets_.empty() && says_nothing(event)) {
    out += event;
    return;
  }
  const std::string text = data_of(event);
  if (text.empty() || text == "[DONE]") {
    if (text == "[DONE]") whole_ = true;
    out += event;
    return;
  }
  Json data = Json::parse(text, nullptr, false);
  if (!data.is_object() || is_too_deep(data)) {
    out += event;
    return;
  }
  note(data);
  if (drop_usage_ && data.contains("usage") && data["usage"].is_object() && data.contains("choices") &&
      data["choices"].is_array() && data["choices"].empty())
    return;
  std::string before;
  const bool changed = !secrets_.empty() && restore_deltas(data, before);
  out += before;
  if (changed)
    out += with_data(event, data);
  else
    out += event;
}

void AnswerReader::note(const Json& data) {
  if (const Json* usage = member(data, "usage"); usage != nullptr && usage->is_object()) note_usage(*usage);
  if (dialect_ == Dialect::messages) {
    if (const Json* message = member(data, "message"))
      if (const Json* usage = member(*message, "usage"); usage != nullptr && usage->is_object()) note_usage(*usage);
    if (text_of(data, "type") == "message_stop") whole_ = true;
  }
  if (dialect_ == Dialect::responses) {
    if (const Json* response = member(data, "response"))
      if (const Json* usage = member(*response, "usage"); usage != nullptr && usage->is_object()) note_usage(*usage);
    const std::string type = text_of(data, "type");
    if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") whole_ = true;
  }
}

void AnswerReader::note_usage(const Json& usage) {
  const auto set = [&](std::int64_t& into, std::int64_t number) {
    if (number >= 0) into = number;
  };
  for (const auto& [key, value] : usage.items())
    if (value.is_number() && key.ends_with("_tokens") &&
        !(value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() <= kMostTokens))
      broken_usage_ = true;
  if (dialect_ == Dialect::messages) {
    set(input_, number_of(usage, "input_tokens"));
    set(cached_, number_of(usage, "cache_read_input_tokens"));
    set(write_, number_of(usage, "cache_creation_input_tokens"));
    if (const Json* detail = member(usage, "cache_creation"))
      set(write_hour_, number_of(*detail, "ephemeral_1h_input_tokens"));
    set(output_, number_of(usage, "output_tokens"));
    return;
  }
  const bool chat = dialect_ == Dialect::chat;
  set(input_, number_of(usage, chat ? "prompt_tokens" : "input_tokens"));
  set(output_, number_of(usage, chat ? "completion_tokens" : "output_tokens"));
  if (const Json* detail = member(usage, chat ? "prompt_tokens_details" : "input_tokens_details"))
    set(cached_, number_of(*detail, "cached_tokens"));
  set(cached_, number_of(usage, "prompt_cache_hit_tokens"));  // DeepSeek.
  if (const Json* detail = member(usage, chat ? "completion_tokens_details" : "output_tokens_details"))
    set(reasoning_, number_of(*detail, "reasoning_tokens"));
}

std::optional<TokenUsage> AnswerReader::usage() const {
  if (broken_usage_ || input_ < 0 || output_ < 0) return {};
  TokenUsage made;
  if (dialect_ == Dialect::messages) {
    made.input = {input_};
    made.cached = {cached_};
    made.cache_write_hour = {std::min(write_hour_, write_)};
    made.cache_write = {write_ - made.cache_write_hour.value};
  } else {
    made.cached = {std::min(cached_, input_)};
    made.input = {input_ - made.cached.value};
  }
  made.output = {output_};
  made.reasoning = {std::min(reasoning_, output_)};
  return made;
}

// --- Secrets that are split over events: the end of a text that may become a placeholder waits for the next piece.

void AnswerReader::restore_delta(Json& text, const std::string& place, bool in_json) {
  std::string& held = held_[place];
  std::string whole = held + text.get<std::string>();
  const std::size_t open = secrets_.open_end(whole);
  held = whole.substr(whole.size() - open);
  whole.resize(whole.size() - open);
  text = secrets_.restored(whole, in_json);
}

std::string AnswerReader::rest_of(const std::string& place, bool in_json) {
  const auto found = held_.find(place);
  if (found == held_.end()) return {};
  std::string rest = secrets_.restored(found->second, in_json);
  held_.erase(found);
  return rest;
}

bool AnswerReader::restore_deltas(Json& data, std::string& before) {
  switch (dialect_) {
    case Dialect::chat:
      return restore_chat(data);
    case Dialect::responses:
      return restore_responses(data, before);
    case Dialect::messages:
      return restore_messages(data, before);
  }
  return false;
}

bool AnswerReader::restore_chat(Json& data) {
  const auto choices = data.find("choices");
  if (choices == data.end() || !choices->is_array()) return false;
  for (Json& choice : *choices) {
    if (!choice.is_object() || !choice.contains("delta") || !choice["delta"].is_object()) continue;
    const std::string index = std::to_string(number_of(choice, "index"));
    Json& delta = choice["delta"];
    for (const char* field : {"content", "reasoning_content", "reasoning", "refusal"})
      if (delta.contains(field) && delta[field].is_string()) restore_delta(delta[field], index + field, false);
    if (delta.contains("tool_calls") && delta["tool_calls"].is_array())
      for (Json& call : delta["tool_calls"]) {
        if (!call.is_object() || !call.contains("function") || !call["function"].is_object()) continue;
        Json& function = call["function"];
        if (function.contains("arguments") && function["arguments"].is_string())
          restore_delta(function["arguments"], index + "call" + std::to_string(number_of(call, "index")), true);
      }
    if (!choice.contains("finish_reason") || choice["finish_reason"].is_null()) continue;
    for (const char* field : {"content", "reasoning_content", "reasoning", "refusal"})
      if (const std::string rest = rest_of(index + field, false); !rest.empty())
        delta[field] =
            (delta.contains(field) && delta[field].is_string() ? delta[field].get<std::string>() : "") + rest;
    const std::string calls = index + "call";
    for (auto held = held_.lower_bound(calls); held != held_.end() && held->first.starts_with(calls);) {
      const std::string place = held->first;
      ++held;
      if (const std::string rest = rest_of(place, true); !rest.empty())
        delta["tool_calls"].push_back(
            {{"index", std::stoll(place.substr(calls.size()))}, {"function", {{"arguments", rest}}}});
    }
  }
  return true;
}

bool AnswerReader::restore_messages(Json& data, std::string& before) {
  const std::string type = text_of(data, "type");
  const std::string index = std::to_string(number_of(data, "index"));
  if (type == "content_block_delta" && data.contains("delta") && data["delta"].is_object()) {
    for (const char* field : {"text", "thinking", "partial_json"})
      if (data["delta"].contains(field) && data["delta"][field].is_string())
        restore_delta(data["delta"][field], index + field, holds_json(field));
    return true;
  }
  if (type == "content_block_stop")
    for (const auto& [field, kind] : {std::pair{"text", "text_delta"}, std::pair{"thinking", "thinking_delta"},
                                      std::pair{"partial_json", "input_json_delta"}})
      if (const std::string rest = rest_of(index + field, holds_json(field)); !rest.empty())
        before += "event: content_block_delta\ndata: " +
                  dumped({{"type", "content_block_delta"},
                          {"index", number_of(data, "index")},
                          {"delta", {{"type", kind}, {field, rest}}}}) +
                  "\n\n";
  return false;
}

bool AnswerReader::restore_responses(Json& data, std::string& before) {
  const std::string type = text_of(data, "type");
  const bool is_call = type.starts_with("response.function_call_arguments");
  const std::string place =
      type.substr(0, type.rfind('.')) + text_of(data, "item_id") + std::to_string(number_of(data, "content_index"));
  if (type.ends_with(".delta") && data.contains("delta") && data["delta"].is_string()) {
    restore_delta(data["delta"], place, is_call);
    return true;
  }
  if (type.ends_with(".done"))
    if (const std::string rest = rest_of(place, is_call); !rest.empty()) {
      Json delta = data;
      delta["type"] = type.substr(0, type.rfind('.')) + ".delta";
      for (const char* field : {"text", "arguments", "refusal"}) delta.erase(field);
      delta["delta"] = rest;
      before += "event: " + text_of(delta, "type") + "\ndata: " + dumped(delta) + "\n\n";
    }
  secrets_.restore(data);
  return true;
}

}  // namespace skein::agents
