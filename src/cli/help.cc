#include "cli/help.h"

#include <algorithm>

#include "cli/options.h"
#include "text/nearest.h"
#include "text/quantity.h"
#include "text/wrap.h"

namespace skein::cli {
namespace {

using engine::FieldSpec;
using engine::Kind;
using engine::Operation;
using engine::OperationTable;
using engine::Style;

constexpr int kWidest = 80;

/// Names to the left, text to the right, both within the width.
class Columns {
 public:
  Columns(std::string& out, const Style& style, std::size_t left)
      : out_(out), width_(static_cast<std::size_t>(std::clamp(style.width, 40, kWidest))), left_(left) {}
  void row(const std::string& name, std::string_view text) {
    std::string wrapped = text::wrap(text, width_, std::string(left_, ' '));
    const std::size_t taken = 2 + text::columns_of(name);
    if (taken + 2 <= left_ && !wrapped.empty()) {
      out_ += "  " + name + std::string(left_ - taken, ' ') + wrapped.substr(left_);
    } else {
      out_ += "  " + name + "\n" + wrapped;
    }
  }

 private:
  std::string& out_;
  std::size_t width_;
  std::size_t left_;
};

std::string title(std::string_view text, const Style& style) {
  return style.color ? fmt::format("\x1b[1m{}\x1b[0m\n", text) : fmt::format("{}\n", text);
}

std::string paragraph(std::string_view text, const Style& style) {
  return text::wrap(text, static_cast<std::size_t>(std::clamp(style.width, 40, kWidest)), "");
}

/// "-j, --jobs N"
std::string option_name(const FieldSpec& field) {
  std::string name = field.traits.short_name != 0 ? fmt::format("-{}, ", field.traits.short_name) : "    ";
  name += "--" + flag_of(field.name);
  if (field.type.kind != Kind::boolean)
    name +=
        field.traits.optional_value ? " [" + engine::value_name_of(field) + "]" : " " + engine::value_name_of(field);
  return name;
}

/// The doc with default and range.
std::string option_text(const FieldSpec& field) {
  std::string text(field.doc);
  if (field.type.kind == Kind::list && !field.traits.positional) text += " May be given several times.";
  const bool telling = !field.default_value.is_null() && field.type.kind != Kind::boolean &&
                       field.type.kind != Kind::list && field.default_value != "";
  if (telling) {
    const std::string value = field.type.kind == Kind::bytes
                                  ? text::format_bytes(Bytes{field.default_value.get<std::int64_t>()})
                              : field.default_value.is_string() ? field.default_value.get<std::string>()
                                                                : field.default_value.dump();
    text += fmt::format(" [default: {}]", value);
  }
  return text;
}

std::string argument_name(const FieldSpec& field) {
  std::string name = engine::value_name_of(field);
  if (field.type.kind == Kind::list) name += "...";
  return field.traits.required ? name : "[" + name + "]";
}

void put_operations(std::string& out, const OperationTable& table, std::string_view group, const Style& style) {
  std::size_t widest = 0;
  for (const Operation& operation : table.all()) widest = std::max(widest, operation.info().name.size());
  Columns columns(out, style, widest + 5);
  for (const Operation& operation : table.all()) {
    const std::string_view name = operation.info().name;
    if (!operation.has_surface(engine::Surface::cli)) continue;
    if (group.empty() || name.starts_with(std::string(group) + " "))
      columns.row(std::string(name), operation.info().summary);
  }
}

void put_globals(std::string& out, const Style& style) {
  out += "\n" + title("Options of every command:", style);
  Columns columns(out, style, 32);
  for (const FieldSpec& field : engine::type_spec<GlobalOptions>().fields) columns.row(option_name(field), field.doc);
}

std::string overview(const OperationTable& table, const Style& style) {
  std::string out = paragraph("skein: the build system for coding-agent work.", style);
  out += "\n" + title("Usage:", style) + "  skein COMMAND [OPTIONS] [ARGUMENTS]\n";
  out += "\n" + title("Commands:", style);
  put_operations(out, table, "", style);
  put_globals(out, style);
  out += "\n" + paragraph(
                    "`skein COMMAND --help` says more about one. A folder named like a command is written "
                    "with its path: `./docs`. Exit codes: 0 ok, 1 the work failed, 2 wrong use, 3 environment, "
                    "130 interrupted.",
                    style);
  return out;
}

std::string of_group(const OperationTable& table, std::string_view group, const Style& style) {
  std::string out = title("Usage:", style) + fmt::format("  skein {} COMMAND [OPTIONS] [ARGUMENTS]\n", group);
  out += "\n" + title("Commands:", style);
  put_operations(out, table, group, style);
  out += "\n" + paragraph(fmt::format("`skein {} COMMAND --help` says more about one.", group), style);
  return out;
}

std::string of_operation(const Operation& operation, const Style& style) {
  const engine::TypeSpec input = operation.input();
  std::string usage = fmt::format("  skein {}", operation.info().name);
  const bool has_options =
      std::ranges::any_of(input.fields, [](const FieldSpec& field) { return !field.traits.positional; });
  if (has_options) usage += " [OPTIONS]";
  for (const FieldSpec& field : input.fields)
    if (field.traits.positional) usage += " " + argument_name(field);
  std::string out = paragraph(fmt::format("{}.", operation.info().summary), style);
  out += "\n" + title("Usage:", style) + usage + "\n\n" + paragraph(operation.info().description, style);
  if (std::ranges::any_of(input.fields, [](const FieldSpec& field) { return field.traits.positional; })) {
    out += "\n" + title("Arguments:", style);
    Columns columns(out, style, 32);
    for (const FieldSpec& field : input.fields)
      if (field.traits.positional) columns.row(argument_name(field), option_text(field));
  }
  if (has_options) {
    out += "\n" + title("Options:", style);
    Columns columns(out, style, 32);
    for (const FieldSpec& field : input.fields)
      if (!field.traits.positional) columns.row(option_name(field), option_text(field));
  }
  if (!operation.info().examples.empty()) {
    out += "\n" + title("Examples:", style);
    std::size_t widest = 0;
    for (const engine::Example& example : operation.info().examples) widest = std::max(widest, example.command.size());
    Columns columns(out, style, std::min<std::size_t>(widest + 5, 44));
    for (const engine::Example& example : operation.info().examples)
      columns.row(std::string(example.command), example.what);
  }
  out += "\n" + paragraph("Options of every command (--json, -C, --jobs, ...): `skein --help`.", style);
  return out;
}

}  // namespace

Result<std::string> help(const OperationTable& table, std::string_view topic, const Style& style) {
  if (topic.empty()) return overview(table, style);
  if (const Operation* operation = table.find(topic)) return of_operation(*operation, style);
  if (table.is_group(topic)) return of_group(table, topic, style);
  std::vector<std::string> names;
  for (const Operation& operation : table.all()) names.emplace_back(operation.info().name);
  return std::unexpected(Error(Code::invalid_argument,
                               fmt::format("there is no command \"{}\"{}", topic, text::did_you_mean(topic, names)))
                             .or_do("see `skein --help` for all commands"));
}

}  // namespace skein::cli
