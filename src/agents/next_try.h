// What an agent whose work did not pass is asked next: never the same twice.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/digest.h"

namespace skein::agents {

/// Another try.
struct NextTry {
  std::string prompt;
  bool stronger = false;  ///< To be done by the stronger agent.
};

/// A failure that was not seen yet goes back with its summary. One that was seen before is not told a second time as
/// it was: the stronger agent takes over, or the goal is made smaller; and when that was done, there is no other try.
/// The last try is the stronger agent's, too.
class NextTries {
 public:
  NextTries(std::string task, int most, bool has_stronger)
      : task_(std::move(task)), most_(most), has_stronger_(has_stronger) {}

  /// `failure`: its first line stands by itself; `work`: the digest of what was made. Nothing where no further try is
  /// made: `why_over` says why.
  [[nodiscard]] std::optional<NextTry> after(const std::string& failure, const Digest& work);
  [[nodiscard]] int done() const { return done_; }
  [[nodiscard]] const std::string& why_over() const { return why_over_; }

 private:
  std::string task_;
  int most_;
  bool has_stronger_;
  int done_ = 0;
  bool is_strong_ = false, is_small_ = false;
  std::set<std::string> failures_;
  std::set<Digest> works_;
  std::string why_over_;
};

}  // namespace skein::agents
