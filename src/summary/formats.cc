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
    {"failure", RuleIs::failure}, {"warning", RuleIs::warning}, {"counts", RuleIs::counts},
    {"start", RuleIs::start},     {"passed", RuleIs::passed},   {"failed", RuleIs::failed},
    {"change", RuleIs::change},   {"timing", RuleIs::timing},   {"state", RuleIs::state}};

const std::vector<std::string> kRuleKeys{"with",  "match",   "is",    "kind",  "rank",        "before",  "after",
                                         "until", "only_in", "enter", "cause", "consequence", "to_blank"};
const std::set<std::string, std::less<>> kGroups{"file",   "line",   "column",  "name",   "message",
                                                 "passed", "failed", "skipped", "errors", "warnings"};

/// Reads one file's rules into tables.
class Reader {
 public:
  Reader(const FormatFile& file, Formats::Tables& tables) : file_(file), tables_(tables) {}

  Status read() {
    toml::table root;
    try {
      root = toml::parse(file_.bytes, file_.path);
    } catch (const toml::parse_error& error) {
      return fail(Code::invalid_argument, "{}:{}: {}", file_.path, error.source().begin.line,
                  std::string(error.description()));
    }
    for (const auto& [key, value] : root)
      if (key != "name" && key != "description" && key != "rule")
        return wrong(value, fmt::format("unknown key \"{}\"", key.str()));
    const auto name = root["name"].value<std::string>();
    if (!name || name->empty()) return fail(Code::invalid_argument, "{}: \"name\" is missing", file_.path);
    std::erase_if(tables_.rules, [&](const FormatRule& rule) { return tables_.tools[rule.tool].name == *name; });
    tool_ = static_cast<std::uint32_t>(tables_.tools.size());
    tables_.tools.push_back({*name, root["description"].value_or(std::string())});
    const toml::array* rules = root["rule"].as_array();
    if (rules == nullptr || rules->empty()) return fail(Code::invalid_argument, "{}: has no [[rule]]", file_.path);
    for (const auto& node : *rules) {
      const toml::table* table = node.as_table();
      if (table == nullptr) return wrong(node, "a rule is a table: [[rule]]");
      SKEIN_DO(rule(*table));
    }
    return {};
  }

 private:
  [[nodiscard]] std::unexpected<Error> wrong(const toml::node& node, std::string what) const {
    return fail(Code::invalid_argument, "{}:{}: {}", file_.path, node.source().begin.line, what);
  }

  Result<std::unique_ptr<re2::RE2>> compile(const toml::node& node, const std::string& text) const {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(2 << 20);
    auto pattern = std::make_unique<re2::RE2>(text, options);
    if (!pattern->ok()) return wrong(node, fmt::format("\"{}\" is no pattern: {}", text, pattern->error()));
    return pattern;
  }

  Status rule(const toml::table& table) {
    for (const auto& [key, value] : table)
      if (std::ranges::find(kRuleKeys, key.str()) == kRuleKeys.end())
        return wrong(value, fmt::format("unknown key \"{}\"{}", key.str(), text::did_you_mean(key.str(), kRuleKeys)));
    FormatRule rule;
    rule.tool = tool_;
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
    rule.pattern_text = *match;
    SKEIN_TRY(rule.pattern, compile(*table.get("match"), *match));
    rule.groups = rule.pattern->NamedCapturingGroups();
    for (const auto& [name, number] : rule.groups)
      if (!kGroups.contains(name)) return wrong(*table.get("match"), fmt::format("unknown group \"{}\"", name));
    if (const auto until = table["until"].value<std::string>()) {
      SKEIN_TRY(rule.until, compile(*table.get("until"), *until));
      rule.until_text = *until;
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
  std::uint32_t tool_ = 0;
};

}  // namespace

Formats::Formats() : tables_(std::make_unique<Tables>()) {}
Formats::~Formats() = default;

Result<std::unique_ptr<Formats>> Formats::with(std::span<const FormatFile> own) {
  std::unique_ptr<Formats> formats(new Formats);
  Tables& tables = *formats->tables_;
  for (const EmbeddedFile& file : summary_formats::data::files()) {
    const FormatFile builtin{std::string(file.path), std::string(file.bytes)};
    SKEIN_DO(Reader(builtin, tables).read());
  }
  for (const FormatFile& file : own) SKEIN_DO(Reader(file, tables).read());
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
