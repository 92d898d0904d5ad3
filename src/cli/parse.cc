#include "cli/parse.h"

#include <algorithm>

#include "base/platform/surroundings.h"
#include "text/nearest.h"

namespace skein::cli {
namespace {

using engine::FieldSpec;
using engine::Json;
using engine::Kind;
using engine::Operation;
using engine::OperationTable;
using engine::TypeSpec;

/// Reads the words one after the other; what it has read so far is its state.
class Parser {
 public:
  Parser(const OperationTable& table, std::span<const std::string> words)
      : table_(table), words_(words), globals_(engine::type_spec<GlobalOptions>()) {}

  Result<CommandLine> parse() {
    bool options_end = false;
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (!options_end && word == "--") {
        options_end = true;
      } else if (!options_end && word.starts_with("--")) {
        SKEIN_DO(long_option(word));
      } else if (!options_end && word.size() > 1 && word.front() == '-') {
        SKEIN_DO(short_options(word));
      } else if (operation_ == nullptr && !helping_) {
        SKEIN_DO(command(word));
      } else if (helping_) {
        topic_ += (topic_.empty() ? "" : " ") + word;
      } else {
        SKEIN_DO(positional(word));
      }
    }
    return finish();
  }

 private:
  std::string command_name() const {
    return operation_ == nullptr ? "skein" : fmt::format("skein {}", operation_->info().name);
  }
  std::string see_help() const { return fmt::format("see `{} --help`", command_name()); }

  std::unexpected<Error> wrong(std::string what) const {
    return std::unexpected(Error(Code::invalid_argument, std::move(what)).or_do(see_help()));
  }

  Status command(const std::string& word) {
    if (word == "help") {
      helping_ = true;
      return {};
    }
    if (table_.is_group(word)) {
      // `runs list`: the next word that is no option.
      if (next_ < words_.size() && !words_[next_].starts_with('-'))
        if (const Operation* found = table_.find(word + " " + words_[next_])) {
          ++next_;
          return use(found);
        }
    }
    if (const Operation* found = table_.find(word)) return use(found);
    if (table_.is_group(word)) {
      // Its help may still be asked for: `skein runs --help`.
      if (std::ranges::find(words_.begin() + static_cast<std::ptrdiff_t>(next_), words_.end(), "--help") !=
          words_.end()) {
        helping_ = true;
        topic_ = word;
        return {};
      }
      return unknown_member(word);
    }
    return unknown_command(word);
  }

  Status use(const Operation* operation) {
    operation_ = operation;
    spec_ = operation->input();
    return {};
  }

  std::unexpected<Error> unknown_member(const std::string& group) const {
    std::vector<std::string> members;
    for (const Operation& operation : table_.all()) {
      const std::string_view name = operation.info().name;
      if (name.starts_with(group + " ")) members.emplace_back(name.substr(group.size() + 1));
    }
    std::string what = fmt::format("`skein {}` needs one of: {}", group, fmt::join(members, ", "));
    if (next_ < words_.size() && !words_[next_].starts_with('-'))
      what = fmt::format("there is no command \"{} {}\"{}", group, words_[next_],
                         text::did_you_mean(words_[next_], members));
    return std::unexpected(
        Error(Code::invalid_argument, std::move(what)).or_do(fmt::format("see `skein {} --help`", group)));
  }

  std::unexpected<Error> unknown_command(const std::string& word) const {
    std::vector<std::string> names{"help"};
    for (const Operation& operation : table_.all()) {
      const std::string_view name = operation.info().name;
      std::string first(name.substr(0, name.find(' ')));
      if (std::ranges::find(names, first) == names.end()) names.push_back(std::move(first));
    }
    Error error(Code::invalid_argument,
                fmt::format("there is no command \"{}\"{}", word, text::did_you_mean(word, names)));
    if (is_directory(word))
      return std::unexpected(
          std::move(error).or_do(fmt::format("a folder comes after a command: `skein docs {}`", word)));
    return std::unexpected(std::move(error).or_do("see `skein --help` for all commands"));
  }

  static const FieldSpec* find(const TypeSpec& spec, std::string_view flag) {
    for (const FieldSpec& field : spec.fields)
      if (!field.traits.positional && flag_of(field.name) == flag) return &field;
    return nullptr;
  }
  static const FieldSpec* find_short(const TypeSpec& spec, char name) {
    for (const FieldSpec& field : spec.fields)
      if (field.traits.short_name == name) return &field;
    return nullptr;
  }
  static bool takes_value(const FieldSpec& field) { return field.type.kind != Kind::boolean; }

  Status long_option(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    const FieldSpec* own = operation_ == nullptr ? nullptr : find(spec_, name);
    const FieldSpec* global = find(globals_, name);
    if (own != nullptr && global != nullptr && value && !takes_value(*own)) own = nullptr;
    if (own == nullptr && global == nullptr) return unknown_option("--" + name, true);
    return set(own != nullptr ? input_ : global_input_, own != nullptr ? *own : *global, "--" + name, std::move(value));
  }

  Status short_options(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const FieldSpec* own = operation_ == nullptr ? nullptr : find_short(spec_, word[i]);
      const FieldSpec* field = own != nullptr ? own : find_short(globals_, word[i]);
      const std::string flag = fmt::format("-{}", word[i]);
      if (field == nullptr) return unknown_option(i == 1 ? word : flag, false);
      Json& into = own != nullptr ? input_ : global_input_;
      if (!takes_value(*field)) {
        SKEIN_DO(set(into, *field, flag, std::nullopt));
        continue;
      }
      // The rest of the word is its value: -j4.
      std::optional<std::string> value;
      if (i + 1 < word.size()) value = word.substr(i + 1);
      return set(into, *field, flag, std::move(value));
    }
    return {};
  }

  std::unexpected<Error> unknown_option(const std::string& flag, bool is_long) const {
    std::vector<std::string> flags;
    for (const TypeSpec* spec : {&spec_, &globals_})
      for (const FieldSpec& field : spec->fields)
        if (!field.traits.positional) flags.push_back("--" + flag_of(field.name));
    return wrong(fmt::format("{} has no option \"{}\"{}", command_name(), flag,
                             is_long ? text::did_you_mean(flag, flags) : std::string()));
  }

  Status set(Json& into, const FieldSpec& field, const std::string& flag, std::optional<std::string> value) {
    const bool alone = next_ >= words_.size() || words_[next_].starts_with('-');
    if (field.traits.optional_value && !value && alone) value = "";
    if (takes_value(field) && !value) {
      if (next_ >= words_.size())
        return wrong(fmt::format("{} needs a value: {} {}", flag, flag, engine::value_name_of(field)));
      value = words_[next_++];
    }
    const std::string name(field.name);
    if (field.type.kind == Kind::list) {
      SKEIN_TRY(Json item, convert(field.type.item.front(), flag, *value));
      into[name].push_back(std::move(item));
      return {};
    }
    SKEIN_TRY(into[name], convert(field.type, flag, value.value_or("true")));
    return {};
  }

  /// The value in its type; choices are checked here, so that the error names the flag.
  Result<Json> convert(const TypeSpec& type, const std::string& flag, const std::string& text) const {
    auto json = engine::json_of_text(type, text);
    if (!json) return wrong(fmt::format("{}: {}", flag, json.error().message()));
    if (type.kind == Kind::choice) {
      std::vector<std::string> names;
      for (const auto& choice : type.choices) names.emplace_back(choice.name);
      if (std::ranges::find(names, text) == names.end())
        return wrong(fmt::format("{} must be one of {}, not \"{}\"{}", flag, fmt::join(names, ", "), text,
                                 text::did_you_mean(text, names)));
    }
    return json;
  }

  Status positional(const std::string& word) {
    std::size_t index = 0;
    for (const FieldSpec& field : spec_.fields) {
      if (!field.traits.positional) continue;
      const std::string name(field.name);
      if (field.type.kind == Kind::list) {
        SKEIN_TRY(Json item, convert(field.type.item.front(), engine::value_name_of(field), word));
        input_[name].push_back(std::move(item));
        return {};
      }
      if (index++ < positionals_) continue;
      ++positionals_;
      SKEIN_TRY(input_[name], convert(field.type, engine::value_name_of(field), word));
      return {};
    }
    return wrong(fmt::format("{} takes {}, and \"{}\" is one too many", command_name(),
                             positionals_ == 0
                                 ? std::string("no arguments")
                                 : fmt::format("{} argument{}", positionals_, positionals_ == 1 ? "" : "s"),
                             word));
  }

  Result<CommandLine> finish() {
    CommandLine line;
    if (Status status = engine::read_json(global_input_, line.globals); !status)
      return std::unexpected(std::move(status).error().or_do(see_help()));
    line.operation = operation_;
    line.input = std::move(input_);
    line.help_topic = topic_;
    if (operation_ != nullptr && line.globals.help) line.help_topic = operation_->info().name;
    if (helping_ || (operation_ == nullptr && words_.empty())) line.globals.help = true;
    if (line.globals.help) return line;
    if (operation_ == nullptr)
      return std::unexpected(
          Error(Code::invalid_argument, "no command is given").or_do("see `skein --help` for all commands"));
    for (const FieldSpec& field : spec_.fields) {
      if (!field.traits.required || line.input.contains(std::string(field.name))) continue;
      if (field.traits.positional)
        return wrong(fmt::format("{} needs {}: {}", command_name(), engine::value_name_of(field), field.doc));
      return wrong(fmt::format("{} needs --{}: {}", command_name(), flag_of(field.name), field.doc));
    }
    return line;
  }

  const OperationTable& table_;
  std::span<const std::string> words_;
  TypeSpec globals_;
  TypeSpec spec_;  // Of operation_'s input; empty without one.
  const Operation* operation_ = nullptr;
  std::size_t next_ = 0;         // The first word that is not read yet.
  std::size_t positionals_ = 0;  // Filled so far, lists not counted.
  Json input_ = Json::object();
  Json global_input_ = Json::object();
  bool helping_ = false;
  std::string topic_;
};

}  // namespace

Result<CommandLine> parse(const OperationTable& table, std::span<const std::string> words) {
  return Parser(table, words).parse();
}

}  // namespace skein::cli
