#include "repo/xml_document.h"

#include <expat.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "repo/manifest_parsers.h"

namespace skein::repo {
namespace {

constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kMaxElements = 200'000;

struct State {
  XML_Parser parser = nullptr;
  XmlElement root;                // Holds the document's element as its only child.
  std::vector<XmlElement*> open;  // A parent gets no other child while one of its children is open, so these stay.
  std::size_t elements = 0;
  const char* refused = nullptr;

  void refuse(const char* why) {
    if (refused == nullptr) refused = why;
    XML_StopParser(parser, XML_FALSE);
  }
};

std::string_view without_prefix(std::string_view name) { return name.substr(name.rfind(':') + 1); }  // npos + 1 is 0.

void XMLCALL start_element(void* data, const char* name, const char** attributes) {
  auto& state = *static_cast<State*>(data);
  if (state.refused != nullptr) return;
  if (state.open.size() > kMaxDepth) return state.refuse("it is nested too deep");
  if (++state.elements > kMaxElements) return state.refuse("it has too many elements");
  XmlElement& element = state.open.back()->children.emplace_back();
  element.name = without_prefix(name);
  for (; attributes[0] != nullptr; attributes += 2)
    element.attributes.emplace_back(without_prefix(attributes[0]), attributes[1]);
  state.open.push_back(&element);
}

void XMLCALL end_element(void* data, const char* /*name*/) {
  auto& state = *static_cast<State*>(data);
  if (state.refused != nullptr) return;
  state.open.back()->text = std::string(trimmed(state.open.back()->text));
  state.open.pop_back();
}

void XMLCALL characters(void* data, const char* text, int size) {
  auto& state = *static_cast<State*>(data);
  if (state.refused == nullptr) state.open.back()->text.append(text, static_cast<std::size_t>(size));
}

void XMLCALL entity(void* data, const char*, int, const char*, int, const char*, const char*, const char*,
                    const char*) {
  static_cast<State*>(data)->refuse("it declares entities, which are not read");
}

struct FreeParser {
  void operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }
};

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
  const auto found = std::ranges::find(children, child_name, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

std::string XmlElement::child_text(std::string_view child_name) const {
  const auto* found = child(child_name);
  return found == nullptr ? std::string() : found->text;
}

std::string XmlElement::attribute(std::string_view attribute_name) const {
  for (const auto& [key, value] : attributes)
    if (same_word(key, attribute_name)) return value;
  return {};
}

Result<XmlElement> parse_xml(std::string_view text) {
  if (text.size() > INT_MAX) return fail(Code::invalid_argument, "it is too large");
  const std::unique_ptr<XML_ParserStruct, FreeParser> parser(XML_ParserCreate(nullptr));
  if (parser == nullptr) return fail(Code::resource_exhausted, "there is no memory for XML");
  State state;
  state.parser = parser.get();
  state.open.push_back(&state.root);
  XML_SetUserData(parser.get(), &state);
  XML_SetElementHandler(parser.get(), start_element, end_element);
  XML_SetCharacterDataHandler(parser.get(), characters);
  XML_SetEntityDeclHandler(parser.get(), entity);
  const auto status = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
  if (status != XML_STATUS_OK || state.refused != nullptr)
    return fail(Code::invalid_argument, "line {}: {}", XML_GetCurrentLineNumber(parser.get()),
                state.refused != nullptr ? state.refused : XML_ErrorString(XML_GetErrorCode(parser.get())));
  return std::move(state.root.children.front());
}

}  // namespace skein::repo
