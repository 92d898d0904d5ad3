#include "repo/yaml_document.h"

#include <yaml.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace skein::repo {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kNodeBytes = 16;  // What an empty value is counted as.

/// Depth is bounded by kMaxDepth times the aliases in a chain, which the budget bounds: see `Builder::alias`.
std::size_t weight(const json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) return kNodeBytes + text->size();
  std::size_t sum = kNodeBytes;
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) sum += key.size() + weight(inner);
  } else if (value.is_array()) {
    for (const auto& inner : value) sum += weight(inner);
  }
  return sum;
}

std::size_t depth_of(const json& value) {
  std::size_t deepest = 0;
  if (value.is_structured())
    for (const auto& inner : value) deepest = std::max(deepest, depth_of(inner));
  return deepest + 1;
}

std::string_view text_of(const yaml_char_t* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}
std::string name_of(const yaml_char_t* name) {
  return name == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(name));
}

void merge(json& object, const json& other) {
  if (other.is_object()) {
    for (const auto& [key, value] : other.items())
      if (!object.contains(key)) object[key] = value;
  } else if (other.is_array()) {
    for (const auto& one : other)
      if (one.is_object()) merge(object, one);
  }
}

/// Takes the events of one stream and keeps its last document.
class Builder {
 public:
  Status take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event.data.scalar;
        const auto text = text_of(scalar.value, scalar.length);
        const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
        json value = plain && (text.empty() || text == "~" || text == "null") ? json() : json(std::string(text));
        return put(std::move(value), name_of(scalar.anchor), kNodeBytes + text.size());
      }
      case YAML_ALIAS_EVENT:
        return alias(name_of(event.data.alias.anchor));
      case YAML_SEQUENCE_START_EVENT:
        return open(json::array(), name_of(event.data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        return open(json::object(), name_of(event.data.mapping_start.anchor));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: {
        Frame frame = std::move(open_.back());
        open_.pop_back();
        return put(std::move(frame.value), frame.anchor, 0);
      }
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        break;
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return {};
  }

  json finish() { return std::move(document_); }

 private:
  struct Frame {
    json value;
    std::string anchor;
    std::string key;
    bool has_key = false;
  };

  Status spend(std::size_t bytes) {
    spent_ += bytes;
    if (spent_ > kYamlBudget) return fail(Code::invalid_argument, "it is too large with all its aliases");
    return {};
  }

  Status open(json value, std::string anchor) {
    if (open_.size() >= kMaxDepth) return fail(Code::invalid_argument, "it is nested more than {} levels", kMaxDepth);
    SKEIN_DO(spend(kNodeBytes));
    open_.push_back({std::move(value), std::move(anchor), {}, false});
    return {};
  }

  Status alias(const std::string& name) {
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) return fail(Code::invalid_argument, "no anchor is called {}", name);
    const std::size_t bytes = weight(found->second);
    SKEIN_DO(spend(bytes));
    if (open_.size() + depth_of(found->second) > kMaxDepth)
      return fail(Code::invalid_argument, "it is nested more than {} levels", kMaxDepth);
    return put(json(found->second), {}, 0);
  }

  Status put(json value, const std::string& anchor, std::size_t bytes) {
    SKEIN_DO(spend(bytes));
    if (!anchor.empty()) {
      SKEIN_DO(spend(weight(value)));
      anchors_[anchor] = value;
    }
    if (open_.empty()) {
      document_ = std::move(value);
      return {};
    }
    Frame& frame = open_.back();
    if (frame.value.is_array()) {
      frame.value.push_back(std::move(value));
    } else if (!frame.has_key) {
      frame.key = value.is_string() ? value.get<std::string>() : std::string();
      frame.has_key = true;
    } else {
      frame.has_key = false;
      if (frame.key == "<<") {
        merge(frame.value, value);
      } else {
        frame.value[frame.key] = std::move(value);
      }
    }
    return {};
  }

  std::vector<Frame> open_;
  std::map<std::string, json> anchors_;
  json document_;
  std::size_t spent_ = 0;
};

struct EndParser {
  void operator()(yaml_parser_t* parser) const { yaml_parser_delete(parser); }
};
struct EndEvent {
  void operator()(yaml_event_t* event) const { yaml_event_delete(event); }
};

}  // namespace

Result<json> parse_yaml(std::string_view text) {
  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) == 0) return fail(Code::resource_exhausted, "there is no memory for YAML");
  const std::unique_ptr<yaml_parser_t, EndParser> parser_ends(&parser);
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  Builder builder;
  for (;;) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0)
      return fail(Code::invalid_argument, "line {}: {}", parser.problem_mark.line + 1,
                  parser.problem == nullptr ? "not YAML" : parser.problem);
    const std::unique_ptr<yaml_event_t, EndEvent> event_ends(&event);
    if (auto taken = builder.take(event); !taken)
      return fail(Code::invalid_argument, "line {}: {}", event.start_mark.line + 1, taken.error().message());
    if (event.type == YAML_STREAM_END_EVENT) return builder.finish();
  }
}

}  // namespace skein::repo
