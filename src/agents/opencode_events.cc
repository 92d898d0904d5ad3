#include "agents/opencode_events.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace skein::agents {
namespace {

using engine::Json;

constexpr std::size_t kMostBytes = 16'000'000;

const Json& at(const Json& object, const char* name) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(name);
  return found == object.end() ? kNone : *found;
}
std::string text_at(const Json& object, const char* name) {
  const Json& found = at(object, name);
  return found.is_string() ? found.get<std::string>() : std::string();
}
double number_at(const Json& object, const char* name) {
  const Json& found = at(object, name);
  const double number = found.is_number() ? found.get<double>() : 0;
  return number > 0 && number < 1e12 ? number : 0;
}
Tokens tokens_at(const Json& object, const char* name) { return {std::llround(number_at(object, name))}; }

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

ServerQuestion question_of(const Json& json) {
  ServerQuestion question{.text = text_at(json, "question"), .labels = {}};
  const Json& options = at(json, "options");
  if (options.is_array())
    for (const Json& option : options)
      if (std::string label = text_at(option, "label"); !label.empty()) question.labels.push_back(std::move(label));
  question.several = at(json, "multiple") == Json(true);
  question.own = at(json, "custom") != Json(false);
  return question;
}

}  // namespace

std::string ServerQuestion::shown() const {
  std::string all;
  for (const std::string& label : labels) all += (all.empty() ? "" : ", ") + label;
  if (all.empty()) return text;
  return fmt::format("{} ({}: {}{})", text, several ? "any of" : "one of", all, own ? ", or your own words" : "");
}

std::vector<std::string> ServerQuestion::chosen(std::string_view answer) const {
  const std::string whole = trimmed(answer);
  const auto label_of = [&](const std::string& word) {
    return std::ranges::find_if(labels, [&](const std::string& label) { return same_but_for_case(label, word); });
  };
  if (const auto label = label_of(whole); label != labels.end()) return {*label};
  if (several) {
    std::vector<std::string> made;
    for (std::string_view rest = whole; !rest.empty();) {
      const auto word = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      const auto label = label_of(trimmed(word));
      if (label == labels.end()) {
        made.clear();
        break;
      }
      made.push_back(*label);
    }
    if (!made.empty()) return made;
  }
  if (whole.empty() || !own) return {};
  return {whole};
}

std::string opencode_error(const Json& error) {
  const std::string message = text_at(at(error, "data"), "message");
  if (!message.empty()) return message;
  const std::string name = text_at(error, "name");
  return name.empty() ? error.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 300) : name;
}

void OpenCodeEvents::heard(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\r') continue;
    if (open_.size() < kMostBytes) open_ += c;
    if (c != '\n' || !open_.ends_with("\n\n")) continue;
    take(open_);
    open_.clear();
  }
}

void OpenCodeEvents::take(std::string_view block) {
  std::string data;
  while (!block.empty()) {
    std::string_view line = block.substr(0, block.find('\n'));
    block.remove_prefix(std::min(block.size(), line.size() + 1));
    if (!line.starts_with("data:")) continue;
    line.remove_prefix(5);
    if (line.starts_with(' ')) line.remove_prefix(1);
    data += line;
  }
  const auto json = engine::parse_json(data);
  if (!json || !json->is_object()) return;
  take(text_at(*json, "type"), at(*json, "properties"));
}

void OpenCodeEvents::take(const std::string& type, const Json& properties) {
  if (type == "server.connected") connected_ = true;
  if (session_.empty() || text_at(properties, "sessionID") != session_) return;
  if (type == "session.status") {
    const Json& status = at(properties, "status");
    const std::string how = text_at(status, "type");
    if (how == "busy" || how == "retry") {
      was_busy_ = true;
      idle_ = false;
    }
    if (how == "idle") idle_ = true;
    retry_ = how == "retry" ? text_at(status, "message") : std::string();
  } else if (type == "session.idle") {
    idle_ = true;
  } else if (type == "session.error") {
    was_busy_ = true;  // Some errors come before the turn begins.
    if (!error_) error_ = opencode_error(at(properties, "error"));
  } else if (type == "permission.asked") {
    ServerRequest request{.id = text_at(properties, "id"), .kind = text_at(properties, "permission"), .what = {}};
    const Json& patterns = at(properties, "patterns");
    if (patterns.is_array())
      for (const Json& one : patterns)
        if (one.is_string()) request.what += (request.what.empty() ? "" : ", ") + one.get<std::string>();
    requests_.push_back(std::move(request));
  } else if (type == "question.asked") {
    ServerRequest request{.question = true, .id = text_at(properties, "id"), .kind = "question", .what = {}};
    const Json& questions = at(properties, "questions");
    if (questions.is_array())
      for (const Json& one : questions) request.questions.push_back(question_of(one));
    requests_.push_back(std::move(request));
  }
}

SessionMessages read_session_messages(const Json& messages) {
  SessionMessages read;
  if (!messages.is_array()) return read;
  for (const Json& message : messages) {
    const Json& info = at(message, "info");
    if (text_at(info, "role") != "assistant") continue;
    const Json& tokens = at(info, "tokens");
    const Json& cache = at(tokens, "cache");
    read.usage.input += tokens_at(tokens, "input") + tokens_at(cache, "read") + tokens_at(cache, "write");
    read.usage.cached += tokens_at(cache, "read");
    read.usage.output += tokens_at(tokens, "output") + tokens_at(tokens, "reasoning");
    read.usage.reasoning += tokens_at(tokens, "reasoning");
    read.usage.money += MicroDollars{std::llround(number_at(info, "cost") * 1e6)};
    read.finish = text_at(info, "finish");
    read.error.reset();
    if (const Json& error = at(info, "error"); error.is_object()) read.error = opencode_error(error);
    const Json& parts = at(message, "parts");
    if (!parts.is_array()) continue;
    for (const Json& part : parts) {
      if (text_at(part, "type") != "text") continue;
      if (!read.said.empty() && !read.said.ends_with('\n')) read.said += '\n';
      read.said += text_at(part, "text");
    }
  }
  return read;
}

}  // namespace skein::agents
