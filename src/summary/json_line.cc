#include "summary/json_line.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/schema.h"

namespace skein::summary {
namespace {

using engine::Json;

constexpr std::size_t kMostJsonLine = 1 << 16;
constexpr std::array<std::string_view, 3> kBeginnings{R"({"reason":")", R"({"$message_type":")", R"({"Time":")"};

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string_view text_of(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_ref<const std::string&>())
                                                : std::string_view();
}

std::uint64_t number_of(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

bool diagnostic(const Json& message, std::string& out) {
  const std::string_view level = text_of(message, "level"), text = text_of(message, "message");
  if (level.empty() || text.empty()) return false;
  out.clear();
  if (const Json* spans = member(message, "spans"); spans != nullptr && spans->is_array())
    for (const Json& span : *spans) {
      const Json* primary = member(span, "is_primary");
      if (primary == nullptr || *primary != true) continue;
      out = fmt::format("{}:{}:{}: ", text_of(span, "file_name"), number_of(span, "line_start"),
                        number_of(span, "column_start"));
      break;
    }
  out += level == "failure-note" ? "note" : level;
  out.append(": ").append(text);
  if (const Json* code = member(message, "code"); code != nullptr)
    if (const std::string_view name = text_of(*code, "code"); !name.empty()) out += fmt::format(" [{}]", name);
  std::ranges::replace(out, '\n', ' ');
  return true;
}

}  // namespace

bool may_be_json_line(std::string_view raw) {
  return raw.starts_with('{') &&
         std::ranges::any_of(kBeginnings, [&](std::string_view beginning) { return raw.starts_with(beginning); });
}

bool told_in_json(std::string_view raw, std::string& out) {
  if (!may_be_json_line(raw) || raw.size() > kMostJsonLine) return false;
  const Json line = Json::parse(raw, nullptr, false);
  if (line.is_discarded()) return false;
  if (text_of(line, "reason") == "compiler-message") {
    const Json* message = member(line, "message");
    return message != nullptr && diagnostic(*message, out);
  }
  if (text_of(line, "$message_type") == "diagnostic") return diagnostic(line, out);
  if (text_of(line, "Action") == "output") {
    std::string_view text = text_of(line, "Output");
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.find('\n') != std::string_view::npos) return false;
    out = text;
    return true;
  }
  return false;
}

}  // namespace skein::summary
