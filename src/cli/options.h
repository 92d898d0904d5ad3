// The options that every command has.
#pragma once

#include <optional>
#include <string>

#include "engine/operation.h"

namespace skein::cli {

enum class Color { automatic, always, never };
std::span<const engine::Choice<Color>> choices_of(Color);

struct GlobalOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  Color color = Color::automatic;
  std::optional<std::string> directory;
  std::optional<int> jobs;
  std::optional<std::string> config;
  std::optional<engine::Mode> mode;
  bool serial = false;
  bool no_cache = false;
  bool no_cutoff = false;
  bool help = false;

  template <class V>
  static void describe(V& v) {
    v.field("directory", &GlobalOptions::directory, "Work as if started in DIR.",
            {.short_name = 'C', .value_name = "DIR", .is_path = true});
    v.field("config", &GlobalOptions::config, "Read settings from FILE too, after skein.toml.",
            {.value_name = "FILE", .is_path = true});
    v.field("json", &GlobalOptions::json, "Print results and errors as JSON.");
    v.field("quiet", &GlobalOptions::quiet, "Print results and errors only.", {.short_name = 'q'});
    v.field("verbose", &GlobalOptions::verbose, "Print more on the way.", {.short_name = 'v'});
    v.field("color", &GlobalOptions::color, "Colors in text for people.", {.value_name = "auto|always|never"});
    v.field("jobs", &GlobalOptions::jobs, "Threads to compute on (engine.jobs).",
            {.short_name = 'j', .min = 1, .max = 1024});
    v.field("mode", &GlobalOptions::mode, "How far skein may reach (mode.default).");
    v.field("serial", &GlobalOptions::serial, "One step at a time.");
    v.field("no_cache", &GlobalOptions::no_cache, "Use no remembered result.");
    v.field("no_cutoff", &GlobalOptions::no_cutoff, "Run dependents even where nothing changed.");
    v.field("help", &GlobalOptions::help, "Print help.", {.short_name = 'h'});
  }
};

/// The flag of a field: "no-cache" for "no_cache".
[[nodiscard]] std::string flag_of(std::string_view field);

}  // namespace skein::cli
