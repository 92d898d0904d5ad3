// Where the whole of what steps print goes. The engine only knows that it gets a name for it, which its journal keeps.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace skein::engine {

/// What one attempt of a step printed.
struct StepOutput {
  std::string_view run;
  std::string_view step;
  std::string_view agent;  ///< "repo.facts@1.0".
  bool failed = false;
  int exit_code = 0;  ///< Of the program in which it did its work; 1 where it failed without one, 0 where it did not.
  bool timed_out = false;  ///< That program was ended by its time limit.
  Micros wall{};           ///< Of the attempt.
  std::string_view bytes;
};

/// Thread-safe: called by the workers that did the steps.
class OutputSink {
 public:
  virtual ~OutputSink() = default;
  /// Keeps it and gives the name by which it is found again. An error costs the name, never the step.
  [[nodiscard]] virtual Result<std::string> keep(const StepOutput& output) = 0;
};

}  // namespace skein::engine
