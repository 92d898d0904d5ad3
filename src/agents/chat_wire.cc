#include "agents/chat_wire.h"

#include <algorithm>

namespace skein::agents {
namespace {

using engine::Json;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// The value at a path of names; null where there is none.
const Json& at(const Json& json, std::initializer_list<const char*> path) {
  static const Json kNothing;
  const Json* here = &json;
  for (const char* name : path) {
    if (!here->is_object()) return kNothing;
    const auto found = here->find(name);
    if (found == here->end()) return kNothing;
    here = &*found;
  }
  return *here;
}

std::string text_at(const Json& json, std::initializer_list<const char*> path) {
  const Json& found = at(json, path);
  return found.is_string() ? found.get<std::string>() : std::string();
}

std::int64_t number_at(const Json& json, std::initializer_list<const char*> path) {
  const Json& found = at(json, path);
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

Json arguments_of(const ToolCall& call) {
  Json parsed = Json::parse(call.arguments, nullptr, false);
  return parsed.is_object() ? parsed : Json::object();
}

Json chat_body(const Conversation& talk, const std::string& limit_field) {
  Json messages = Json::array({{{"role", "system"}, {"content", talk.system}}});
  for (const Turn& turn : talk.turns) {
    if (turn.from == Turn::From::user) messages.push_back({{"role", "user"}, {"content", turn.text}});
    if (turn.from == Turn::From::model) {
      Json message{{"role", "assistant"}, {"content", turn.text}};
      for (const ToolCall& call : turn.calls)
        message["tool_calls"].push_back({{"id", call.id},
                                         {"type", "function"},
                                         {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
      messages.push_back(std::move(message));
    }
    for (const ToolAnswer& answer : turn.answers)
      messages.push_back({{"role", "tool"}, {"tool_call_id", answer.id}, {"content", answer.text}});
  }
  Json tools = Json::array();
  for (const ToolSpec& tool : talk.tools)
    tools.push_back(
        {{"type", "function"},
         {"function", {{"name", tool.name}, {"description", tool.description}, {"parameters", tool.parameters}}}});
  Json body{{"model", talk.model}, {"messages", messages}, {"stream", true}};
  body["stream_options"] = {{"include_usage", true}};
  body[limit_field] = talk.output.value;
  if (!tools.empty()) body["tools"] = tools;
  return body;
}

Json responses_body(const Conversation& talk) {
  Json input = Json::array();
  for (const Turn& turn : talk.turns) {
    if (turn.from == Turn::From::user)
      input.push_back({{"role", "user"}, {"content", {{{"type", "input_text"}, {"text", turn.text}}}}});
    if (turn.from == Turn::From::model) {
      if (!turn.text.empty())
        input.push_back({{"role", "assistant"}, {"content", {{{"type", "output_text"}, {"text", turn.text}}}}});
      for (const ToolCall& call : turn.calls)
        input.push_back(
            {{"type", "function_call"}, {"call_id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
    }
    for (const ToolAnswer& answer : turn.answers)
      input.push_back({{"type", "function_call_output"}, {"call_id", answer.id}, {"output", answer.text}});
  }
  Json tools = Json::array();
  for (const ToolSpec& tool : talk.tools)
    tools.push_back({{"type", "function"},
                     {"name", tool.name},
                     {"description", tool.description},
                     {"parameters", tool.parameters}});
  Json body{{"model", talk.model}, {"instructions", talk.system}, {"input", input}, {"stream", true}};
  body["store"] = false;
  body["max_output_tokens"] = talk.output.value;
  if (!tools.empty()) body["tools"] = tools;
  return body;
}

Json messages_body(const Conversation& talk) {
  const Json marker{{"type", "ephemeral"}};
  Json messages = Json::array();
  for (const Turn& turn : talk.turns) {
    Json content = Json::array();
    if (!turn.text.empty()) content.push_back({{"type", "text"}, {"text", turn.text}});
    for (const ToolCall& call : turn.calls)
      content.push_back({{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", arguments_of(call)}});
    for (const ToolAnswer& answer : turn.answers)
      content.push_back(
          {{"type", "tool_result"}, {"tool_use_id", answer.id}, {"content", answer.text}, {"is_error", answer.failed}});
    messages.push_back({{"role", turn.from == Turn::From::model ? "assistant" : "user"}, {"content", content}});
  }
  // The cache holds what stands before a marker: tools and system for all steps, and the turns so far for the next.
  if (!messages.empty() && !messages.back()["content"].empty())
    messages.back()["content"].back()["cache_control"] = marker;
  Json tools = Json::array();
  for (const ToolSpec& tool : talk.tools)
    tools.push_back({{"name", tool.name}, {"description", tool.description}, {"input_schema", tool.parameters}});
  Json body{{"model", talk.model}, {"max_tokens", talk.output.value}};
  if (!tools.empty()) body["tools"] = tools;
  body["system"] = {{{"type", "text"}, {"text", talk.system}, {"cache_control", marker}}};
  body["messages"] = messages;
  body["stream"] = true;
  return body;
}

}  // namespace

std::string request_body(Dialect dialect, const Conversation& conversation, const std::string& limit_field) {
  switch (dialect) {
    case Dialect::chat:
      return dumped(chat_body(conversation, limit_field));
    case Dialect::responses:
      return dumped(responses_body(conversation));
    case Dialect::messages:
      return dumped(messages_body(conversation));
  }
  return {};
}

std::string_view request_path(Dialect dialect) {
  switch (dialect) {
    case Dialect::chat:
      return "/v1/chat/completions";
    case Dialect::responses:
      return "/v1/responses";
    case Dialect::messages:
      return "/v1/messages";
  }
  return {};
}

std::string ReplyReader::feed(std::string_view bytes) {
  buffer_ += bytes;
  said_.clear();
  std::size_t begin = 0;
  for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n', begin)) {
    std::string_view line = std::string_view(buffer_).substr(begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with("data:")) continue;
    line.remove_prefix(line.starts_with("data: ") ? 6 : 5);
    if (line == "[DONE]") {
      ended_ = true;
      continue;
    }
    const Json data = Json::parse(line, nullptr, false);
    if (!data.is_object())
      error_ = "a part of its answer is no JSON";
    else
      take(data);
  }
  buffer_.erase(0, begin);
  return said_;
}

void ReplyReader::take(const Json& data) {
  const Json& error = at(data, {"error"});
  if (error.is_object()) {
    error_ = text_at(error, {"message"});
    return;
  }
  switch (dialect_) {
    case Dialect::chat:
      return take_chat(data);
    case Dialect::responses:
      return take_responses(data);
    case Dialect::messages:
      return take_messages(data);
  }
}

void ReplyReader::take_chat(const Json& data) {
  const Json& choices = at(data, {"choices"});
  if (!choices.is_array() || choices.empty()) return;
  const Json& choice = choices.front();
  said_ += text_at(choice, {"delta", "content"});
  text_ += text_at(choice, {"delta", "content"});
  if (const Json& calls = at(choice, {"delta", "tool_calls"}); calls.is_array())
    for (const Json& part : calls) {
      ToolCall& call = calls_[number_at(part, {"index"})];
      if (const auto id = text_at(part, {"id"}); !id.empty()) call.id = id;
      call.name += text_at(part, {"function", "name"});
      call.arguments += text_at(part, {"function", "arguments"});
    }
  const std::string finish = text_at(choice, {"finish_reason"});
  if (!finish.empty()) ended_ = true;
  if (finish == "length") cut_ = true;
}

void ReplyReader::take_responses(const Json& data) {
  const std::string type = text_at(data, {"type"});
  if (type == "response.output_text.delta") {
    said_ += text_at(data, {"delta"});
    text_ += text_at(data, {"delta"});
  }
  if (type == "response.output_item.done" && text_at(data, {"item", "type"}) == "function_call")
    calls_[number_at(data, {"output_index"})] = {text_at(data, {"item", "call_id"}), text_at(data, {"item", "name"}),
                                                 text_at(data, {"item", "arguments"})};
  if (type == "response.failed") error_ = text_at(data, {"response", "error", "message"});
  if (type == "response.incomplete") cut_ = true;
  if (type == "response.completed" || type == "response.incomplete") ended_ = true;
}

void ReplyReader::take_messages(const Json& data) {
  const std::string type = text_at(data, {"type"});
  if (type == "content_block_start" && text_at(data, {"content_block", "type"}) == "tool_use")
    calls_[number_at(data, {"index"})] = {
        text_at(data, {"content_block", "id"}), text_at(data, {"content_block", "name"}), {}};
  if (type == "content_block_delta") {
    said_ += text_at(data, {"delta", "text"});
    text_ += text_at(data, {"delta", "text"});
    if (const auto found = calls_.find(number_at(data, {"index"})); found != calls_.end())
      found->second.arguments += text_at(data, {"delta", "partial_json"});
  }
  if (type == "message_delta" && text_at(data, {"delta", "stop_reason"}) == "max_tokens") cut_ = true;
  if (type == "message_stop") ended_ = true;
}

Result<Turn> ReplyReader::finish() {
  if (!error_.empty()) return fail(Code::unavailable, "the model's provider failed: {}", error_);
  if (!ended_) return fail(Code::unavailable, "the model's answer broke off");
  if (cut_)
    return fail(Code::resource_exhausted,
                "the model's answer was cut at its output limit (or at what the budget left)");
  Turn turn{.from = Turn::From::model, .text = std::move(text_)};
  for (auto& [index, call] : calls_) turn.calls.push_back(std::move(call));
  return turn;
}

std::string error_message(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (auto message = text_at(json, {"error", "message"}); !message.empty()) return message;
  return std::string(body.substr(0, 200));
}

}  // namespace skein::agents
