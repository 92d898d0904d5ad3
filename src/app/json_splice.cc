#include "app/json_splice.h"

#include <array>
#include <optional>

#include "engine/schema.h"

namespace skein::app {
namespace {

/// Walks over a text that is known to be JSON.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t skip_blanks(std::size_t at) const {
    while (at < text_.size() && std::string_view(" \t\r\n").contains(text_[at])) ++at;
    return at;
  }
  [[nodiscard]] std::size_t skip_string(std::size_t at) const {
    for (++at; at < text_.size() && text_[at] != '"'; ++at)
      if (text_[at] == '\\') ++at;
    return at + 1;
  }
  [[nodiscard]] std::size_t skip_value(std::size_t at) const {
    int depth = 0;
    do {
      const char c = text_[at];
      if (c == '"') {
        at = skip_string(at);
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at;
      // A number or a word ends before what follows it.
    } while (at < text_.size() && (depth > 0 || !std::string_view(",]} \t\r\n").contains(text_[at])));
    return at;
  }
  /// Where the value of `key` begins in the object that begins at `at`.
  [[nodiscard]] std::optional<std::size_t> member(std::size_t at, std::string_view key) const {
    at = skip_blanks(at + 1);
    while (at < text_.size() && text_[at] == '"') {
      const std::size_t end = skip_string(at);
      const bool found = text_.substr(at + 1, end - at - 2) == key;
      at = skip_blanks(skip_blanks(end) + 1);
      if (found) return at;
      at = skip_blanks(skip_value(at));
      if (at < text_.size() && text_[at] == ',') at = skip_blanks(at + 1);
    }
    return std::nullopt;
  }
  [[nodiscard]] bool is_empty(std::size_t at) const {
    const std::size_t next = skip_blanks(at + 1);
    return next < text_.size() && (text_[next] == '}' || text_[next] == ']');
  }

 private:
  std::string_view text_;
};

struct Forms {
  std::string object, list;  // What is added where the object is missing, and where only the list is.
};

Forms forms_of(std::string_view object, std::string_view list, std::string_view entry) {
  Forms forms;
  forms.list = fmt::format("\"{}\": [{}]", list, entry);
  forms.object = fmt::format("\n  \"{}\": {{{}}}", object, forms.list);
  return forms;
}

}  // namespace

Result<std::string> add_to_list(const std::string& text, std::string_view object, std::string_view list,
                                std::string_view entry) {
  SKEIN_TRY(const engine::Json json, engine::parse_json(text));
  if (!json.is_object()) return fail(Code::invalid_argument, "it holds no object");
  const auto holder = json.find(object);
  if (holder != json.end() && !holder->is_object())
    return fail(Code::invalid_argument, "\"{}\" in it is no object", object);
  if (holder != json.end() && holder->contains(list) && !(*holder)[std::string(list)].is_array())
    return fail(Code::invalid_argument, "\"{}\" in it is no list", list);
  const Walk walk(text);
  const Forms forms = forms_of(object, list, entry);
  const std::size_t root = walk.skip_blanks(0);
  const auto inserted = [&](std::size_t open, const std::string& what, std::string_view separator) {
    std::string changed = text;
    return changed.insert(open + 1, walk.is_empty(open) ? what : what + std::string(separator));
  };
  const auto object_at = walk.member(root, object);
  if (!object_at) return inserted(root, forms.object, ",");
  const auto list_at = walk.member(*object_at, list);
  if (!list_at) return inserted(*object_at, forms.list, ", ");
  return inserted(*list_at, std::string(entry), ", ");
}

std::string without_list_entry(const std::string& text, std::string_view object, std::string_view list,
                               std::string_view entry) {
  const Forms forms = forms_of(object, list, entry);
  const std::array<std::string, 6> added{forms.object + ",",        forms.object,      forms.list + ", ", forms.list,
                                         std::string(entry) + ", ", std::string(entry)};
  for (const std::string& form : added)
    if (const std::size_t at = text.find(form); at != std::string::npos)
      return std::string(text).erase(at, form.size());
  return text;
}

}  // namespace skein::app
