#include "agents/next_try.h"

#include <fmt/format.h>

namespace skein::agents {

std::optional<NextTry> NextTries::after(const std::string& failure, const Digest& work) {
  ++done_;
  const bool is_new = failures_.insert(failure).second;
  const bool moved = works_.insert(work).second;
  why_over_ = fmt::format("after {} {}", done_, done_ == 1 ? "try" : "tries");
  if (done_ >= most_) return std::nullopt;
  const std::string told =
      fmt::format("Your work so far is in the files. It does not pass this check; mend it.\n{}", failure);
  if (has_stronger_ && !is_strong_ && (!is_new || done_ + 1 == most_)) {
    is_strong_ = true;
    is_small_ = false;
    return NextTry{fmt::format("{}\n\nAnother agent worked on this and did not get it to pass. {}", task_, told), true};
  }
  if (is_new) return NextTry{fmt::format("{}\n\n{}", task_, told), is_strong_};
  if (!is_small_) {
    is_small_ = true;
    const std::string first = failure.substr(0, failure.find('\n'));
    return NextTry{
        fmt::format("The task was: {}\n\nYour work so far is in the files. The same check failed again, {}. Do only "
                    "this now, and leave all else as it is: find why {} and make this one check pass.\n{}",
                    task_, moved ? "though the files changed" : "and the files did not change", first, failure),
        is_strong_};
  }
  why_over_ += ", it is stuck at the same failure";
  return std::nullopt;
}

}  // namespace skein::agents
