#include "agents/agent_output.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <re2/re2.h>

namespace skein::agents {
namespace {

constexpr std::size_t kMostBytes = 16'000'000;
constexpr double kMostNumber = 1e15;

using engine::Json;

/// The value at a JSON pointer; null where there is none.
const Json* at(const Json& document, std::string_view pointer) {
  const Json* here = &document;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // "/"
    const auto slash = pointer.find('/');
    std::string name(pointer.substr(0, slash));
    pointer = slash == std::string_view::npos ? std::string_view() : pointer.substr(slash);
    for (const auto& [escape, plain] : {std::pair("~1", "/"), std::pair("~0", "~")})
      for (auto place = name.find(escape); place != std::string::npos; place = name.find(escape, place + 1))
        name.replace(place, 2, plain);
    if (here->is_object()) {
      const auto found = here->find(name);
      if (found == here->end()) return nullptr;
      here = &*found;
    } else if (here->is_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
      if (error != std::errc() || end != name.data() + name.size() || index >= here->size()) return nullptr;
      here = &(*here)[index];
    } else {
      return nullptr;
    }
  }
  return here;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// What a selector finds in a document; null where it finds nothing or a condition does not hold.
const Json* selected(const Json& document, std::string_view selector) {
  while (true) {
    const auto space = selector.find(' ');
    if (space == std::string_view::npos) break;
    const std::string_view condition = selector.substr(0, space);
    const auto equals = condition.find('=');
    const Json* value = at(document, condition.substr(0, equals));
    if (value == nullptr || text_of(*value) != condition.substr(equals + 1)) return nullptr;
    selector.remove_prefix(space + 1);
  }
  const Json* found = at(document, selector);
  return found == nullptr || found->is_null() ? nullptr : found;
}

double number_of(const Json& value) {
  double number = 0;
  if (value.is_number())
    number = value.get<double>();
  else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return std::isfinite(number) && number > 0 && number < kMostNumber ? number : 0;
}

/// Each number of the usage and its selectors.
struct Counted {
  const std::vector<std::string> OutputSpec::* selectors;
  void (*add)(AgentUsage&, double);
};
const std::array<Counted, 5> kCounted{{
    {&OutputSpec::input_tokens, [](AgentUsage& usage, double n) { usage.input.value += std::llround(n); }},
    {&OutputSpec::cached_tokens, [](AgentUsage& usage, double n) { usage.cached.value += std::llround(n); }},
    {&OutputSpec::output_tokens, [](AgentUsage& usage, double n) { usage.output.value += std::llround(n); }},
    {&OutputSpec::reasoning_tokens, [](AgentUsage& usage, double n) { usage.reasoning.value += std::llround(n); }},
    {&OutputSpec::cost_usd, [](AgentUsage& usage, double n) { usage.money.value += std::llround(n * 1e6); }},
}};

bool is_pointer(std::string_view text) { return text.empty() || text.front() == '/'; }

bool is_json_selector(std::string_view selector) {
  while (true) {
    const auto space = selector.find(' ');
    const std::string_view word = selector.substr(0, space);
    if (space == std::string_view::npos) return !word.empty() && is_pointer(word);
    if (!is_pointer(word) || word.find('=') == std::string_view::npos) return false;
    selector.remove_prefix(space + 1);
  }
}

Status check_selectors(OutputFormat format, const std::vector<std::string>& selectors) {
  for (const std::string& selector : selectors) {
    if (format != OutputFormat::text) {
      if (!is_json_selector(selector))
        return fail(Code::invalid_argument, "\"{}\" is no JSON pointer, such as \"/usage/input_tokens\"", selector);
      continue;
    }
    const re2::RE2 expression(selector, re2::RE2::Quiet);
    if (!expression.ok())
      return fail(Code::invalid_argument, "\"{}\" is no regular expression: {}", selector, expression.error());
    if (expression.NumberOfCapturingGroups() != 1)
      return fail(Code::invalid_argument, "\"{}\" needs one group in parentheses", selector);
  }
  return {};
}

}  // namespace

std::span<const engine::Choice<OutputFormat>> choices_of(OutputFormat) {
  static constexpr std::array<engine::Choice<OutputFormat>, 3> kChoices{
      {{OutputFormat::text, "text"}, {OutputFormat::json, "json"}, {OutputFormat::json_lines, "json_lines"}}};
  return kChoices;
}

Status check(const OutputSpec& spec) {
  for (const auto* selectors : {&spec.said, &spec.error, &spec.done})
    SKEIN_DO(check_selectors(spec.format, *selectors));
  for (const Counted& one : kCounted) SKEIN_DO(check_selectors(spec.format, spec.*one.selectors));
  for (const std::string& pattern : spec.login)
    if (const re2::RE2 expression(pattern, re2::RE2::Quiet); !expression.ok())
      return fail(Code::invalid_argument, "\"{}\" is no regular expression: {}", pattern, expression.error());
  return {};
}

void AgentOutput::add(std::string_view bytes) {
  if (spec_.format != OutputFormat::json_lines) {
    open_ += bytes.substr(0, kMostBytes - std::min(kMostBytes, open_.size()));
    return;
  }
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (open_.size() + piece.size() > kMostBytes) is_skipping_ = true;
    if (!is_skipping_) open_ += piece;
    if (end == std::string_view::npos) return;
    if (!is_skipping_) read(open_);
    open_.clear();
    is_skipping_ = false;
    bytes.remove_prefix(end + 1);
  }
}

void AgentOutput::finish() {
  if (spec_.format == OutputFormat::text)
    read_text();
  else if (!is_skipping_)
    read(open_);
  open_.clear();
}

void AgentOutput::count(const AgentUsage& found, bool any) {
  if (!any) return;
  if (!spec_.sum) usage_ = {};
  usage_.input += found.input;
  usage_.cached += found.cached;
  usage_.output += found.output;
  usage_.reasoning += found.reasoning;
  usage_.money += found.money;
}

void AgentOutput::read(std::string_view document) {
  const auto json = engine::parse_json(document);
  if (!json || !json->is_structured()) return;
  for (const std::string& selector : spec_.said)
    if (const Json* found = selected(*json, selector)) {
      if (!said_.empty() && !said_.ends_with('\n')) said_ += '\n';
      said_ += text_of(*found);
    }
  for (const std::string& selector : spec_.error)
    if (const Json* found = selected(*json, selector); found != nullptr && !error_) error_ = text_of(*found);
  for (const std::string& selector : spec_.done) done_ = done_ || selected(*json, selector) != nullptr;
  AgentUsage usage;
  bool any = false;
  for (const Counted& one : kCounted)
    for (const std::string& selector : spec_.*one.selectors)
      if (const Json* found = selected(*json, selector)) {
        one.add(usage, number_of(*found));
        any = true;
      }
  count(usage, any);
}

void AgentOutput::read_text() {
  const auto each = [this](const std::vector<std::string>& selectors, const auto& take) {
    for (const std::string& selector : selectors) {
      const re2::RE2 expression(selector, re2::RE2::Quiet);
      re2::StringPiece rest(open_);
      std::string found;
      while (re2::RE2::FindAndConsume(&rest, expression, &found)) {
        take(found);
        if (rest.empty() || found.empty()) break;  // An empty match would be found for ever.
      }
    }
  };
  if (spec_.said.empty()) said_ = open_;
  each(spec_.said, [this](const std::string& found) { said_ += found + "\n"; });
  each(spec_.error, [this](const std::string& found) {
    if (!error_) error_ = found;
  });
  each(spec_.done, [this](const std::string&) { done_ = true; });
  for (const Counted& one : kCounted) {
    AgentUsage sum, last;
    each(spec_.*one.selectors, [&](const std::string& found) {
      last = {};
      one.add(last, number_of(Json(found)));
      one.add(sum, number_of(Json(found)));
    });
    const AgentUsage& counted = spec_.sum ? sum : last;
    usage_.input += counted.input;
    usage_.cached += counted.cached;
    usage_.output += counted.output;
    usage_.reasoning += counted.reasoning;
    usage_.money += counted.money;
  }
}

}  // namespace skein::agents
