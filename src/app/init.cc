// `skein init`.
#include "app/operations.h"

namespace skein::app {
namespace {

using engine::Context;

struct InitInput {
  std::string directory = ".";
  bool force = false;

  template <class V>
  static void describe(V& v) {
    v.field("directory", &InitInput::directory, "The folder to set up.",
            {.positional = true, .value_name = "DIR", .is_path = true, .selects_workspace = true});
    v.field("force", &InitInput::force, "Replace a skein.toml that is there.");
  }
};

struct InitOutput {
  std::string path;
  bool replaced = false;

  template <class V>
  static void describe(V& v) {
    v.field("path", &InitOutput::path, "The file that was written.");
    v.field("replaced", &InitOutput::replaced, "True if it replaced another.");
  }
};

Result<InitOutput> init(const Services& services, const Context& context, const InitInput& input) {
  // Not the found workspace: a folder inside a checkout can get a file of its own.
  SKEIN_TRY(const std::string folder, real_path(input.directory));
  InitOutput output{join_path(folder, "skein.toml"), false};
  output.replaced = services.files.open(output.path, OpenMode::read).has_value();
  if (output.replaced && !input.force)
    return std::unexpected(Error(Code::already_exists, fmt::format("{} is there already", output.path))
                               .or_do("edit it, or replace it with `skein init --force`"));
  if (context.stop.stop_requested()) return fail(Code::cancelled, "stopped before skein.toml was written");
  const std::string name = folder.substr(folder.rfind('/') + 1);
  SKEIN_DO(write_file_atomically(services.files, output.path, commented_settings(name), true));
  return output;
}

std::string render(const InitOutput& output, const engine::Style&) {
  return fmt::format("Wrote {}. Every key stands in it with its default, commented out.\n", output.path);
}

}  // namespace

void register_init(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<InitInput, InitOutput>(
      {.name = "init",
       .summary = "Write a commented skein.toml",
       .description = "Writes skein.toml, in which every setting stands with its default, commented out. skein works "
                      "without this file.",
       .examples = {{"skein init", "in the current folder"}},
       .permissions = {engine::Permission::read, engine::Permission::write_files},
       .uses_workspace = false},
      [&services](const Context& context, const InitInput& input) { return init(services, context, input); }, render));
}

}  // namespace skein::app
