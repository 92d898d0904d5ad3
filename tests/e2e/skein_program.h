// Runs the built skein in a home of its own, as a user does.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/scratch_tree.h"

namespace skein::test {

struct Outcome {
  int exit_code = -1;  ///< 128 + signal when killed by one.
  std::string out;
  std::string err;
};

class SkeinProgram {
 public:
  /// Runs `skein words…` in `folder` (default: the workspace), with an environment that holds PATH, HOME and `more`.
  [[nodiscard]] Outcome run(const std::vector<std::string>& words, const std::string& folder = {},
                            const std::vector<std::pair<std::string, std::string>>& more = {}) const;
  /// Any other program, the same way; argv[0] is looked up in PATH.
  [[nodiscard]] Outcome run_program(const std::vector<std::string>& argv, const std::string& folder = {},
                                    const std::vector<std::pair<std::string, std::string>>& more = {}) const;

  /// An empty folder to work in, and the user's home.
  ScratchTree workspace;
  ScratchTree home;
};

}  // namespace skein::test
