#include "summary/summary.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "summary/line_template.h"

namespace skein::summary {

std::span<const engine::Choice<Verdict>> choices_of(Verdict) {
  static constexpr std::array<engine::Choice<Verdict>, 3> kChoices{
      {{Verdict::pass, "pass"}, {Verdict::fail, "fail"}, {Verdict::unknown, "unknown"}}};
  return kChoices;
}

std::span<const engine::Choice<FailureKind>> choices_of(FailureKind) {
  static constexpr std::array<engine::Choice<FailureKind>, 10> kChoices{{
      {FailureKind::compile, "compile"},
      {FailureKind::link, "link"},
      {FailureKind::test, "test"},
      {FailureKind::lint, "lint"},
      {FailureKind::crash, "crash"},
      {FailureKind::exception, "exception"},
      {FailureKind::dependency, "dependency"},
      {FailureKind::step, "step"},
      {FailureKind::timeout, "timeout"},
      {FailureKind::other, "other"},
  }};
  return kChoices;
}

std::span<const engine::Choice<Severity>> choices_of(Severity) {
  static constexpr std::array<engine::Choice<Severity>, 2> kChoices{
      {{Severity::error, "error"}, {Severity::warning, "warning"}}};
  return kChoices;
}

std::string Finding::identity() const {
  std::string id = tool;
  for (const std::string* part : {&name, &file}) {
    id += '\x1f';
    id += *part;
  }
  id += '\x1f';
  id += masked(message);
  return id;
}

Comparison compare(const Summary& before, const Summary& now) {
  std::unordered_map<std::string, int> old;
  for (const Finding& finding : before.failures) ++old[finding.identity()];
  Comparison result;
  std::unordered_map<std::string, int> left = old;
  for (const Finding& finding : now.failures) {
    auto found = left.find(finding.identity());
    if (found == left.end() || found->second == 0) {
      result.added.push_back(finding);
      continue;
    }
    --found->second;
    result.still.push_back(finding);
  }
  for (const Finding& finding : before.failures) {
    auto found = left.find(finding.identity());
    if (found == left.end() || found->second == 0) continue;
    --found->second;
    result.fixed.push_back(finding);
  }
  return result;
}

}  // namespace skein::summary
