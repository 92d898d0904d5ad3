#include "agents/next_try.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace skein::agents {
namespace {

/// Without how long things took, which is another number each time.
std::string without_times(std::string_view text) {
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_not_of("0123456789.", at), text.size());
    if (end == at) {
      made += text[at++];
      continue;
    }
    std::string_view after = text.substr(end);
    if (after.starts_with(' ')) after.remove_prefix(1);
    std::string_view unit = after.substr(0, after.find_first_of(" \n,;)]=:"));
    const bool is_time = unit == "s" || unit == "ms" || unit == "us" || unit == "sec" || unit == "secs" ||
                         unit == "second" || unit == "seconds";
    made += is_time ? std::string_view("#") : text.substr(at, end - at);
    at = end;
  }
  return made;
}

}  // namespace

std::optional<NextTry> NextTries::after(const std::string& failure, const Digest& work) {
  ++done_;
  const bool is_new = failures_.insert(without_times(failure)).second;
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
    std::string first = failure.substr(0, failure.find('\n'));
    if (first.ends_with(':')) first.pop_back();
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
