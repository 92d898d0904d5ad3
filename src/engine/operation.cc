#include "engine/operation.h"

#include <algorithm>
#include <array>

namespace skein::engine {
namespace {

std::string dotted(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, ' ', '.');
  return text;
}

}  // namespace

std::span<const Choice<Permission>> choices_of(Permission) {
  static constexpr std::array<Choice<Permission>, 5> kChoices{{
      {Permission::read, "read", "reads files and state"},
      {Permission::write_state, "write-state", "writes skein's own state"},
      {Permission::write_files, "write-files", "writes files of the workspace"},
      {Permission::run_code, "run-code", "runs programs"},
      {Permission::spend, "spend", "spends money"},
  }};
  return kChoices;
}

std::span<const Choice<Surface>> choices_of(Surface) {
  static constexpr std::array<Choice<Surface>, 3> kChoices{
      {{Surface::cli, "cli"}, {Surface::http, "http"}, {Surface::mcp, "mcp"}}};
  return kChoices;
}

std::span<const Choice<Mode>> choices_of(Mode) {
  static constexpr std::array<Choice<Mode>, 3> kChoices{{
      {Mode::local, "local", "loopback and unix sockets only"},
      {Mode::burst, "burst", "remote providers too"},
      {Mode::airgapped, "airgapped", "no socket at all, held by the kernel"},
  }};
  return kChoices;
}

std::string Operation::schema_name() const { return fmt::format("skein.{}/{}", dotted(info_.name), info_.version); }

Json Operation::input_schema() const {
  return json_schema(input(), fmt::format("skein.{}.input/{}", dotted(info_.name), info_.version), true);
}

Json Operation::output_schema() const {
  Json schema = json_schema(output(), schema_name(), false);
  Json properties = {{"schema", {{"const", schema_name()}}}};
  properties.update(schema["properties"]);
  schema["properties"] = std::move(properties);
  Json required = Json::array({"schema"});
  if (schema.contains("required"))
    for (const Json& name : schema["required"]) required.push_back(name);
  schema["required"] = std::move(required);
  return schema;
}

bool Operation::has_surface(Surface surface) const {
  return std::ranges::find(info_.surfaces, surface) != info_.surfaces.end();
}

void OperationTable::add(Operation operation) {
  SKEIN_CHECK(find(operation.info().name) == nullptr);
  operations_.push_back(std::move(operation));
}

const Operation* OperationTable::find(std::string_view name) const {
  for (const Operation& operation : operations_)
    if (operation.info().name == name) return &operation;
  return nullptr;
}

bool OperationTable::is_group(std::string_view word) const {
  for (const Operation& operation : operations_) {
    const std::string_view name = operation.info().name;
    if (name.size() > word.size() && name.starts_with(word) && name[word.size()] == ' ') return true;
  }
  return false;
}

namespace detail {

Json with_schema(std::string name, Json json) {
  Json all = {{"schema", std::move(name)}};
  all.update(json);
  return all;
}

}  // namespace detail
}  // namespace skein::engine
