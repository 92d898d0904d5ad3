// `skein version`.
#include "app/operations.h"

namespace skein::app {
namespace {

using engine::Context;

struct VersionInput {
  template <class V>
  static void describe(V&) {}
};

struct VersionOutput {
  std::string version;
  std::string build;
  std::string platform;
  int state_format = kStateFormat;

  template <class V>
  static void describe(V& v) {
    v.field("version", &VersionOutput::version, "MAJOR.MINOR.PATCH.");
    v.field("build", &VersionOutput::build, "The kind of build: Release, Debug.");
    v.field("platform", &VersionOutput::platform, "What it was built for.");
    v.field("state_format", &VersionOutput::state_format, "The format of state folders that it reads and writes.");
  }
};

#if defined(__aarch64__)
constexpr std::string_view kPlatform = "linux-arm64";
#else
constexpr std::string_view kPlatform = "linux-x86_64";
#endif

Result<VersionOutput> version(const Context&, VersionInput) {
  return VersionOutput{std::string(skein_version()), SKEIN_BUILD, std::string(kPlatform), kStateFormat};
}

std::string render(const VersionOutput& output, const engine::Style&) {
  return fmt::format("skein {} ({}, {})\n", output.version, output.platform, output.build);
}

}  // namespace

std::string_view skein_version() { return SKEIN_VERSION; }

void register_version(engine::OperationTable& table) {
  table.add(engine::Operation::make<VersionInput, VersionOutput>(
      {.name = "version",
       .summary = "Print the version of skein",
       .description = "Prints the version, what it was built for and the format of the state that it writes.",
       .examples = {{"skein version", ""}, {"skein version --json", "for programs"}},
       .uses_workspace = false},
      version, render));
}

}  // namespace skein::app
