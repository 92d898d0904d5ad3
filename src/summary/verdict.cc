#include "summary/verdict.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace skein::summary {
namespace {

Decision of_end(const RunFacts& facts, const Says& says) {
  if (facts.succeeded()) {
    const auto bad = std::ranges::find_if(says, [](const auto& entry) { return entry.second.bad; });
    if (bad == says.end()) return {Verdict::pass, "exit code 0"};
    return {Verdict::unknown, fmt::format("exit code 0, but {} says that something failed", bad->first)};
  }
  if (facts.not_started) return {Verdict::unknown, "the program could not be started"};
  if (facts.timed_out) return {Verdict::fail, "stopped at its time limit"};
  if (facts.signal)
    return {Verdict::fail, fmt::format("killed by {} (exit code {})", signal_name(*facts.signal), 128 + *facts.signal)};
  return {Verdict::fail, fmt::format("exit code {}", *facts.exit_code)};
}

}  // namespace

std::string signal_name(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

Decision decide(const RunFacts& facts, const Says& says, const std::vector<Finding>& failures,
                const std::vector<std::uint64_t>& endings) {
  if (facts.known()) return of_end(facts, says);
  const auto bad = std::ranges::find_if(says, [](const auto& entry) { return entry.second.bad; });
  if (bad != says.end()) return {Verdict::fail, fmt::format("{} says that it failed", bad->first)};
  if (!says.empty()) {
    // A tool's closing line that all is well outweighs errors that were printed on the way.
    const auto last =
        std::ranges::max_element(says, [](const auto& a, const auto& b) { return a.second.line < b.second.line; });
    const bool later =
        std::ranges::any_of(failures, [&](const Finding& f) { return f.log_line > last->second.line; }) ||
        (!endings.empty() && endings.back() > last->second.line);
    const bool not_compiled = std::ranges::any_of(failures, [&](const Finding& f) {
      return !f.consequence && !says.contains(f.tool) && f.kind == FailureKind::compile;
    });
    if (later || not_compiled) return {Verdict::fail, "failures stand in the log"};
    return {Verdict::pass, fmt::format("{} says that it passed", last->first)};
  }
  const auto real = std::ranges::find_if(failures, [](const Finding& finding) { return !finding.consequence; });
  if (real != failures.end()) return {Verdict::fail, fmt::format("{} reports failures", real->tool)};
  if (!endings.empty() || !failures.empty()) return {Verdict::fail, "the log says that a command failed"};
  return {Verdict::unknown, "no known format says how it ended"};
}

}  // namespace skein::summary
