#include "base/file_watch.h"

#include <algorithm>
#include <map>

namespace skein {

std::string_view to_string(WatchedChange::Kind kind) {
  switch (kind) {
    case WatchedChange::Kind::written:
      return "written";
    case WatchedChange::Kind::removed:
      return "removed";
    case WatchedChange::Kind::overflow:
      return "overflow";
  }
  return {};
}

Result<Burst> next_burst(FileWatch& watch, const BurstPolicy& policy, const std::stop_token& stop,
                         const std::function<bool(const WatchedChange&)>& matters) {
  Burst burst;
  std::map<std::string, WatchedChange::Kind> seen;
  std::optional<Instant> first;
  std::optional<Instant> deadline;
  while (true) {
    SKEIN_TRY(auto changes, watch.wait(deadline, stop));
    if (stop.stop_requested()) {
      burst.stopped = true;
      return burst;
    }
    if (changes.empty() && first) break;
    bool any = false;
    for (auto& change : changes) {
      if (change.kind == WatchedChange::Kind::overflow) {
        burst.overflow = any = true;
        continue;
      }
      if (matters && !matters(change)) continue;
      any = true;
      if (seen.size() < kBurstPaths || seen.contains(change.path))
        seen[std::move(change.path)] = change.kind;
      else
        burst.overflow = true;
    }
    if (!any && !first) continue;
    const Instant now = watch.now();
    if (!first) first = now;
    if (any) deadline = std::min(now + policy.quiet, *first + policy.longest);
    if (now >= *first + policy.longest) break;
  }
  for (auto& [path, kind] : seen) burst.changes.push_back({kind, path});
  return burst;
}

}  // namespace skein
