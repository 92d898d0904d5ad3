#include "summary/formats.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/embedded.h"
#include "summary/format_tables.h"
#include "text/nearest.h"
#include "text/toml.h"

namespace skein::summary_formats::data {
std::span<const EmbeddedFile> files();
}

namespace skein::summary {
namespace {

template <class E>
struct Named {
  std::string_view name;
  E value;
};
constexpr Named<RuleIs> kRuleKinds[] = {
    {"failure", RuleIs::failure}, {"warning", RuleIs::warning}, {"counts", RuleIs::counts},  {"start", RuleIs::start},
    {"passed", RuleIs::passed},   {"failed", RuleIs::failed},   {"change", RuleIs::change},  {"timing", RuleIs::timing},
    {"state", RuleIs::state},     {"scope", RuleIs::scope},     {"section", RuleIs::section}};
constexpr Named<RuleRole> kRoles[] = {
    {"normal", RuleRole::normal}, {"head", RuleRole::head}, {"detail", RuleRole::detail}, {"repeat", RuleRole::repeat}};

const std::vector<std::string> kRuleKeys{"with",     "match", "is",      "kind",  "rank",  "before",
                                         "after",    "until", "only_in", "enter", "cause", "consequence",
                                         "to_blank", "role",  "wraps",   "alone", "last",  "closes"};

re2::RE2::Options pattern_options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(2 << 20);
  return options;
}

/// Reads one file's rules into tables.
class Reader {
 public:
  /// `trusted`: patterns are compiled when they are needed, not to see whether they can be.
  Reader(const FormatFile& file, Formats::Tables& tables, bool trusted)
      : file_(file), tables_(tables), trusted_(trusted) {}

  Status read() {
    const auto parsed = text::parse_toml(file_.bytes);
    if (!parsed)
      return fail(Code::invalid_argument, "{}:{}: {}", file_.path, parsed.error().line, parsed.error().reason);
    const toml::table& root = *parsed;
    for (const auto& [key, value] : root)
      if (key != "name" && key != "description" && key != "generic" && key != "rule")
        return wrong(value, fmt::format("unknown key \"{}\"", key.str()));
    const std::size_t first_rule = tables_.rules.size();
    const auto name = root["name"].value<std::string>();
    if (!name || name->empty()) return fail(Code::invalid_argument, "{}: \"name\" is missing", file_.path);
    std::erase_if(tables_.rules, [&](const FormatRule& rule) { return tables_.tools[rule.tool].name == *name; });
    tool_ = static_cast<std::uint32_t>(tables_.tools.size());
    tables_.tools.push_back({*name, root["description"].value_or(std::string())});
    generic_ = root["generic"].value_or(false);
    const toml::array* rules = root["rule"].as_array();
    if (rules == nullptr || rules->empty()) return fail(Code::invalid_argument, "{}: has no [[rule]]", file_.path);
    for (const auto& node : *rules) {
      const toml::table* table = node.as_table();
      if (table == nullptr) return wrong(node, "a rule is a table: [[rule]]");
      SKEIN_DO(rule(*table));
    }
    bool finds_message = false;
    for (std::size_t i = std::min(first_rule, tables_.rules.size()); i < tables_.rules.size(); ++i)
      finds_message =
          finds_message || (tables_.rules[i].tool == tool_ && tables_.rules[i].role == RuleRole::detail &&
                            tables_.rules[i].match_pattern->text().find("?P<message>") != std::string::npos);
    for (FormatRule& one : tables_.rules)
      if (one.tool == tool_) one.message_known = finds_message;
    return {};
  }

 private:
  [[nodiscard]] std::unexpected<Error> wrong(const toml::node& node, std::string what) const {
    return fail(Code::invalid_argument, "{}:{}: {}", file_.path, node.source().begin.line, what);
  }

  Result<std::unique_ptr<LazyPattern>> compile(const toml::node& node, const std::string& text) const {
    auto pattern = std::make_unique<LazyPattern>(text);
    if (trusted_) return pattern;
    const re2::RE2 compiled(text, pattern_options());
    if (!compiled.ok()) return wrong(node, fmt::format("\"{}\" is no pattern: {}", text, compiled.error()));
    for (const auto& [name, number] : compiled.NamedCapturingGroups())
      if (std::ranges::find(kGroupNames, std::string_view(name)) == kGroupNames.end())
        return wrong(node, fmt::format("unknown group \"{}\"", name));
    return pattern;
  }

  Status rule(const toml::table& table) {
    for (const auto& [key, value] : table)
      if (std::ranges::find(kRuleKeys, key.str()) == kRuleKeys.end())
        return wrong(value, fmt::format("unknown key \"{}\"{}", key.str(), text::did_you_mean(key.str(), kRuleKeys)));
    FormatRule rule;
    rule.tool = tool_;
    // Of two rules for one line the user's is tried first, and those of generic formats last.
    rule.turn = generic_ ? 2 : trusted_ ? 1 : 0;
    const auto is = table["is"].value<std::string>().value_or("failure");
    const auto found = std::ranges::find(kRuleKinds, std::string_view(is), &Named<RuleIs>::name);
    if (found == std::end(kRuleKinds)) return wrong(table, fmt::format("\"is\" cannot be \"{}\"", is));
    rule.is = found->value;
    if (const auto kind = table["kind"].value<std::string>()) {
      const auto choices = choices_of(FailureKind{});
      const auto choice = std::ranges::find(choices, std::string_view(*kind), &engine::Choice<FailureKind>::name);
      if (choice == choices.end()) return wrong(table, fmt::format("\"kind\" cannot be \"{}\"", *kind));
      rule.kind = choice->value;
    }
    if (const auto role = table["role"].value<std::string>()) {
      const auto choice = std::ranges::find(kRoles, std::string_view(*role), &Named<RuleRole>::name);
      if (choice == std::end(kRoles)) return wrong(table, fmt::format("\"role\" cannot be \"{}\"", *role));
      rule.role = choice->value;
    }
    rule.wraps = table["wraps"].value_or(false);
    rule.alone = table["alone"].value_or(false);
    rule.closes = table["closes"].value_or(false);
    rule.last = table["last"].value_or(false);
    rule.rank = table["rank"].value_or(50);
    rule.consequence = table["consequence"].value_or(false);
    rule.block_lines = table["to_blank"].value_or(false);
    rule.before = static_cast<std::uint32_t>(std::clamp(table["before"].value_or(0), 0, 50));
    rule.after = static_cast<std::uint32_t>(std::clamp(table["after"].value_or(0), 0, 400));
    rule.only_in = table["only_in"].value_or(std::string());
    rule.enter = table["enter"].value_or(std::string());
    rule.cause = table["cause"].value_or(std::string());
    const auto match = table["match"].value<std::string>();
    if (!match) return wrong(table, "a rule needs \"match\"");
    SKEIN_TRY(rule.match_pattern, compile(*table.get("match"), *match));
    if (const auto until = table["until"].value<std::string>()) {
      SKEIN_TRY(rule.until_pattern, compile(*table.get("until"), *until));
    }
    if (const toml::array* words = table["with"].as_array()) {
      for (const auto& word : *words) {
        const auto text = word.value<std::string>();
        if (!text || text->size() < 2) return wrong(word, "\"with\" holds texts of at least two letters");
        rule.words.push_back(*text);
      }
    } else if (const auto text = table["with"].value<std::string>(); text && text->size() >= 2) {
      rule.words.push_back(*text);
    }
    if (rule.words.empty()) return wrong(table, "a rule needs \"with\": a text that is in each line it matches");
    tables_.rules.push_back(std::move(rule));
    return {};
  }

  const FormatFile& file_;
  Formats::Tables& tables_;
  bool trusted_;
  bool generic_ = false;
  std::uint32_t tool_ = 0;
};

}  // namespace

const re2::RE2& LazyPattern::get() const {
  std::call_once(once_, [&] {
    pattern_ = std::make_unique<re2::RE2>(text_, pattern_options());
    SKEIN_CHECK(pattern_->ok());
    for (const auto& [name, number] : pattern_->NamedCapturingGroups()) {
      const auto found = std::ranges::find(kGroupNames, std::string_view(name));
      SKEIN_CHECK(found != kGroupNames.end());
      groups_[static_cast<std::size_t>(found - kGroupNames.begin())] = number;
    }
  });
  return *pattern_;
}

bool Formats::Tables::is_waited_for(std::uint32_t tool, std::string_view state) const {
  return std::ranges::any_of(rules, [&](const FormatRule& rule) { return rule.tool == tool && rule.only_in == state; });
}

std::vector<std::string> Formats::Tables::words_of_all_states() const {
  std::vector<std::string> always;
  for (const FormatRule& rule : rules)
    if (rule.only_in.empty()) always.insert(always.end(), rule.words.begin(), rule.words.end());
  return always;
}

Formats::Formats() : tables_(std::make_unique<Tables>()) {}
Formats::~Formats() = default;

Result<std::unique_ptr<Formats>> Formats::with(std::span<const FormatFile> own) { return make(true, own); }
Result<std::unique_ptr<Formats>> Formats::only(std::span<const FormatFile> own) { return make(false, own); }

Result<std::unique_ptr<Formats>> Formats::make(bool with_builtin, std::span<const FormatFile> own) {
  std::unique_ptr<Formats> formats(new Formats);
  Tables& tables = *formats->tables_;
  for (const EmbeddedFile& file : summary_formats::data::files()) {
    if (!with_builtin) break;
    const FormatFile builtin{std::string(file.path), std::string(file.bytes)};
    SKEIN_DO(Reader(builtin, tables, true).read());
  }
  for (const FormatFile& file : own) SKEIN_DO(Reader(file, tables, false).read());
  std::ranges::stable_sort(tables.rules, {}, &FormatRule::turn);
  std::map<std::string, std::uint32_t> numbers;
  for (std::uint32_t number = 0; number < tables.rules.size(); ++number) {
    for (const std::string& word : tables.rules[number].words) {
      const auto [place, is_new] = numbers.emplace(word, tables.words.size());
      if (is_new) {
        tables.words.push_back(word);
        tables.rules_of_word.emplace_back();
      }
      tables.rules_of_word[place->second].push_back(number);
    }
  }
  tables.finder.build(tables.words);
  return formats;
}

std::span<const Formats::Tool> Formats::tools() const { return tables_->tools; }

const Formats& builtin_formats() {
  static const std::unique_ptr<Formats> kFormats = [] {
    auto formats = Formats::with({});
    SKEIN_CHECK(formats.has_value());
    return std::move(*formats);
  }();
  return *kFormats;
}

}  // namespace skein::summary
