#include "cli/completion.h"

#include <algorithm>
#include <array>

#include "cli/options.h"
#include "text/shell_quote.h"

namespace skein::cli {
namespace {

using engine::Context;
using engine::FieldSpec;
using engine::Kind;
using engine::Operation;
using engine::OperationTable;
using engine::TypeSpec;

const TypeSpec& value_type(const FieldSpec& field) {
  return field.type.kind == Kind::list ? field.type.item.front() : field.type;
}

/// What may follow: a list of words, or files.
std::string words_of(const FieldSpec& field) {
  std::string words;
  for (const auto& choice : value_type(field).choices)
    words += fmt::format("{}{}", words.empty() ? "" : " ", choice.name);
  return words;
}

std::string first_word(std::string_view name) { return std::string(name.substr(0, name.find(' '))); }
std::string second_word(std::string_view name) {
  const std::size_t space = name.find(' ');
  return space == std::string_view::npos ? std::string() : std::string(name.substr(space + 1));
}

/// The commands in their order, each once: "runs", "docs".
std::vector<std::string> commands(const OperationTable& table) {
  std::vector<std::string> all;
  for (const Operation& operation : table.all()) {
    const std::string word = first_word(operation.info().name);
    if (std::ranges::find(all, word) == all.end()) all.push_back(word);
  }
  all.emplace_back("help");
  return all;
}

std::vector<std::string> members(const OperationTable& table, std::string_view group) {
  std::vector<std::string> all;
  for (const Operation& operation : table.all())
    if (first_word(operation.info().name) == group && operation.info().name.size() > group.size())
      all.push_back(second_word(operation.info().name));
  return all;
}

std::string flags_of(const TypeSpec& spec) {
  std::string flags;
  for (const FieldSpec& field : spec.fields)
    if (!field.traits.positional) flags += fmt::format("{}--{}", flags.empty() ? "" : " ", flag_of(field.name));
  return flags;
}

/// Cases `--flag) what to offer ;;` of all flags of these descriptions that take a value.
std::string bash_value_cases(const TypeSpec& spec, std::string_view indent) {
  std::string out;
  for (const FieldSpec& field : spec.fields) {
    if (field.traits.positional || field.type.kind == Kind::boolean) continue;
    std::string names = "--" + flag_of(field.name);
    if (field.traits.short_name != 0) names += fmt::format("|-{}", field.traits.short_name);
    const std::string words = words_of(field);
    const std::string offer = !words.empty() ? fmt::format("COMPREPLY=($(compgen -W \"{}\" -- \"$cur\"))", words)
                              : field.traits.is_path ? std::string("COMPREPLY=($(compgen -f -- \"$cur\"))")
                                                     : std::string("COMPREPLY=()");
    out += fmt::format("{}{}) {}; return ;;\n", indent, names, offer);
  }
  return out;
}

std::string bash(const OperationTable& table) {
  const TypeSpec globals = engine::type_spec<GlobalOptions>();
  std::string out =
      "# bash completion of skein; made by `skein completion bash`.\n"
      "# Use: source <(skein completion bash)\n"
      "_skein() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' words=() i word\n"
      "  compopt -o filenames 2>/dev/null\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    case $word in\n";
  std::string valued;
  for (const FieldSpec& field : globals.fields) {
    if (field.type.kind == Kind::boolean) continue;
    valued += fmt::format("{}--{}", valued.empty() ? "" : "|", flag_of(field.name));
    if (field.traits.short_name != 0) valued += fmt::format("|-{}", field.traits.short_name);
  }
  out += fmt::format("      {}) ((i++)) ;;\n", valued);
  out += "      -*) ;;\n      *) words+=(\"$word\") ;;\n    esac\n  done\n";
  out += "  case \"${words[0]} ${words[1]}\" in\n";
  for (const Operation& operation : table.all()) {
    const std::string_view name = operation.info().name;
    const std::string pattern = second_word(name).empty() ? fmt::format("'{} '*", name) : fmt::format("'{}'", name);
    out += fmt::format("    {}) command={} ;;\n", pattern, text::shell_quoted(name));
  }
  out += "  esac\n  case $command in\n";
  for (const Operation& operation : table.all()) {
    const std::string cases = bash_value_cases(operation.input(), "      ");
    if (cases.empty()) continue;
    out += fmt::format("    {}) case $prev in\n{}    esac ;;\n", text::shell_quoted(operation.info().name), cases);
  }
  out += "  esac\n";
  // An own flag without a value hides the global one of its name.
  std::string hidden;
  for (const Operation& operation : table.all())
    for (const FieldSpec& field : operation.input().fields)
      for (const FieldSpec& global : globals.fields)
        if (field.name == global.name && field.type.kind == Kind::boolean && global.type.kind != Kind::boolean)
          hidden += fmt::format("    {}) ;;\n",
                                text::shell_quoted(fmt::format("{} --{}", operation.info().name, flag_of(field.name))));
  out += "  case \"$command $prev\" in\n" + hidden + "    *) case $prev in\n" + bash_value_cases(globals, "      ") +
         "    esac ;;\n  esac\n";
  out += "  if [[ $cur == -* ]]; then\n    local flags=" + text::shell_quoted(flags_of(globals)) +
         "\n    case $command in\n";
  for (const Operation& operation : table.all()) {
    const std::string flags = flags_of(operation.input());
    if (!flags.empty())
      out += fmt::format("      {}) flags=\"$flags {}\" ;;\n", text::shell_quoted(operation.info().name), flags);
  }
  out += "    esac\n    COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n    return\n  fi\n";
  out += "  if [[ -z $command ]]; then\n    case ${words[0]} in\n";
  out += fmt::format("      '') COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")) ;;\n", fmt::join(commands(table), " "));
  for (const std::string& command : commands(table)) {
    const auto inner = members(table, command);
    if (!inner.empty() && table.is_group(command))
      out += fmt::format("      {}) COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")) ;;\n", command, fmt::join(inner, " "));
  }
  out += fmt::format("      help) COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")) ;;\n", fmt::join(commands(table), " "));
  out += "    esac\n    return\n  fi\n  case $command in\n";
  for (const Operation& operation : table.all()) {
    for (const FieldSpec& field : operation.input().fields) {
      if (!field.traits.positional) continue;
      const std::string words = words_of(field);
      if (!words.empty())
        out += fmt::format("    {}) COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")) ;;\n",
                           text::shell_quoted(operation.info().name), words);
      else if (field.traits.is_path)
        out += fmt::format("    {}) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n",
                           text::shell_quoted(operation.info().name));
      break;
    }
  }
  return out + "  esac\n}\ncomplete -F _skein skein\n";
}

/// For the descriptions inside zsh's `_arguments`: brackets and colons have a meaning there.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const FieldSpec& field) {
  const std::string words = words_of(field);
  if (!words.empty()) return "(" + words + ")";
  return field.traits.is_path ? "_files" : " ";
}

std::string zsh_flags(const TypeSpec& spec, std::string_view indent) {
  std::string out;
  for (const FieldSpec& field : spec.fields) {
    if (field.traits.positional) continue;
    std::string tail = fmt::format("[{}]", zsh_text(field.doc));
    if (field.type.kind != Kind::boolean)
      tail += fmt::format(":{}:{}", zsh_text(engine::value_name_of(field)), zsh_action(field));
    out += fmt::format(
        " \\\n{}{}", indent,
        text::shell_quoted("--" + flag_of(field.name) + (field.type.kind == Kind::boolean ? "" : "=") + tail));
    if (field.traits.short_name != 0)
      out += fmt::format(" \\\n{}{}", indent, text::shell_quoted(fmt::format("-{}{}", field.traits.short_name, tail)));
  }
  return out;
}

std::string zsh(const OperationTable& table) {
  const TypeSpec globals = engine::type_spec<GlobalOptions>();
  std::string out =
      "#compdef skein\n# zsh completion of skein; made by `skein completion zsh`.\n"
      "_skein() {\n  local curcontext=$curcontext state line\n  typeset -A opt_args\n"
      "  _arguments -C" +
      zsh_flags(globals, "    ") +
      " \\\n    '1: :->command' '*:: :->rest'\n"
      "  case $state in\n    command)\n      local -a commands=(\n";
  for (const std::string& command : commands(table)) {
    const Operation* operation = table.find(command);
    const std::string_view summary = operation != nullptr ? operation->info().summary
                                     : command == "help"  ? "Print help"
                                                          : "More commands";
    out += fmt::format("        {}\n", text::shell_quoted(fmt::format("{}:{}", command, zsh_text(summary))));
  }
  out += "      )\n      _describe command commands ;;\n    rest)\n      case $line[1] in\n";
  for (const std::string& command : commands(table)) {
    const auto inner = members(table, command);
    if (const Operation* operation = table.find(command)) {
      std::string arguments;
      int index = 1;
      const TypeSpec input = operation->input();
      for (const FieldSpec& field : input.fields)
        if (field.traits.positional)
          arguments += " " + text::shell_quoted(fmt::format(
                                 "{}:{}:{}", field.type.kind == Kind::list ? std::string("*") : std::to_string(index++),
                                 zsh_text(engine::value_name_of(field)), zsh_action(field)));
      out += fmt::format("        {}) _arguments{}{} ;;\n", command, zsh_flags(input, "          "), arguments);
    } else if (!inner.empty()) {
      out += fmt::format("        {}) _values command {} ;;\n", command, fmt::join(inner, " "));
    }
  }
  return out + "      esac ;;\n  esac\n}\n_skein \"$@\"\n";
}

std::string fish(const OperationTable& table) {
  std::string out =
      "# fish completion of skein; made by `skein completion fish`.\n"
      "complete -c skein -f\n";
  const auto put_flags = [&](const TypeSpec& spec, const std::string& condition) {
    for (const FieldSpec& field : spec.fields) {
      if (field.traits.positional) continue;
      out += fmt::format("complete -c skein{} -l {}", condition, flag_of(field.name));
      if (field.traits.short_name != 0) out += fmt::format(" -s {}", field.traits.short_name);
      if (field.type.kind != Kind::boolean) out += field.traits.is_path ? " -r -F" : " -x";
      if (const std::string words = words_of(field); !words.empty()) out += " -a " + text::shell_quoted(words);
      out += " -d " + text::shell_quoted(field.doc) + "\n";
    }
  };
  put_flags(engine::type_spec<GlobalOptions>(), "");
  for (const std::string& command : commands(table)) {
    const Operation* operation = table.find(command);
    out += fmt::format("complete -c skein -n __fish_use_subcommand -a {}", command);
    if (operation != nullptr) out += " -d " + text::shell_quoted(operation->info().summary);
    out += "\n";
  }
  for (const Operation& operation : table.all()) {
    const std::string first = first_word(operation.info().name);
    const std::string second = second_word(operation.info().name);
    std::string condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", first);
    if (!second.empty()) {
      out += fmt::format("complete -c skein{} -a {} -d {}\n", condition, second,
                         text::shell_quoted(operation.info().summary));
      condition =
          fmt::format(" -n '__fish_seen_subcommand_from {}; and __fish_seen_subcommand_from {}'", first, second);
    }
    const TypeSpec input = operation.input();
    put_flags(input, condition);
    for (const FieldSpec& field : input.fields) {
      if (!field.traits.positional) continue;
      if (const std::string words = words_of(field); !words.empty())
        out += fmt::format("complete -c skein{} -a {}\n", condition, text::shell_quoted(words));
      else if (field.traits.is_path)
        out += fmt::format("complete -c skein{} -F\n", condition);
    }
  }
  return out;
}

struct CompletionInput {
  Shell shell = Shell::bash;

  template <class V>
  static void describe(V& v) {
    v.field("shell", &CompletionInput::shell, "The shell.", {.required = true, .positional = true});
  }
};

struct CompletionOutput {
  std::string script;

  template <class V>
  static void describe(V& v) {
    v.field("script", &CompletionOutput::script, "The script.");
  }
};

std::string render(const CompletionOutput& output, const engine::Style&) { return output.script; }

}  // namespace

std::span<const engine::Choice<Shell>> choices_of(Shell) {
  static constexpr std::array<engine::Choice<Shell>, 3> kChoices{
      {{Shell::bash, "bash"}, {Shell::zsh, "zsh"}, {Shell::fish, "fish"}}};
  return kChoices;
}

std::string completion_script(const OperationTable& table, Shell shell) {
  switch (shell) {
    case Shell::bash:
      return bash(table);
    case Shell::zsh:
      return zsh(table);
    case Shell::fish:
      return fish(table);
  }
  return {};
}

void register_completion(OperationTable& table) {
  table.add(Operation::make<CompletionInput, CompletionOutput>(
      {.name = "completion",
       .summary = "Print a completion script for a shell",
       .description = "Prints a script that completes every command, option and choice.",
       .examples = {{"source <(skein completion bash)", "for this bash"},
                    {"skein completion zsh > ~/.zfunc/_skein", "for zsh, with ~/.zfunc in fpath"},
                    {"skein completion fish | source", "for this fish"}},
       .surfaces = {engine::Surface::cli},
       .uses_workspace = false},
      [&table](const Context&, const CompletionInput& input) -> Result<CompletionOutput> {
        return CompletionOutput{completion_script(table, input.shell)};
      },
      render));
}

}  // namespace skein::cli
