// A plan: a directed acyclic graph of steps, tied together by the names of what they make.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/step.h"

namespace skein::engine {

/// Steps and artifacts in the order in which they were added; neither ever moves or goes. Not thread-safe.
class Plan {
 public:
  /// Makes room for about so many of both, so that none of the tables grows step by step.
  void reserve(std::size_t steps, std::size_t artifacts);
  /// Begins an empty plan with what another one left: artifacts 0, 1, … without names and with these digests (none: it
  /// is not there). Steps may take them as they are; a step that makes one of them anew must be added before any that
  /// takes it.
  void take_over(std::vector<Digest> artifacts);
  [[nodiscard]] const std::vector<Digest>& taken_over() const { return taken_over_; }
  /// So many steps of the other plan are as they were: a run counts them as reused, without asking for them.
  void leave(std::size_t steps) { left_ = steps; }
  [[nodiscard]] std::size_t left() const { return left_; }

  /// The artifact of this name, made known where it is new. May be used as an input before any step makes it.
  ArtifactId artifact(std::string_view name);
  /// Adds a step. Errors (`invalid_argument`, naming the steps): a name used twice, an output that another step makes,
  /// no agent. Inputs that nobody makes and cycles are found by `check`.
  Result<StepId> add(Step step);

  /// Checks what was added since the last call: every input is made by some step, and there is no cycle. An error names
  /// the steps, a cycle in its order. O(steps + edges) of the new part and what stands on it.
  Status check();

  [[nodiscard]] std::size_t size() const { return steps_.size(); }
  [[nodiscard]] std::size_t artifact_count() const { return makers_.size(); }
  [[nodiscard]] const Step& step(StepId id) const { return steps_[index_of(id)]; }
  /// Empty for one that was taken over.
  [[nodiscard]] std::string_view artifact_name(ArtifactId id) const {
    return index_of(id) < taken_over_.size() ? std::string_view{} : artifact_names_[index_of(id) - taken_over_.size()];
  }
  /// False for an artifact that was taken over as it is.
  [[nodiscard]] bool has_maker(ArtifactId id) const { return makers_[index_of(id)] != kNobody; }
  /// The step that makes an artifact. REQUIRES that `check` has passed, and `has_maker`.
  [[nodiscard]] StepId maker(ArtifactId id) const { return static_cast<StepId>(makers_[index_of(id)]); }
  /// The step of this name, if any.
  [[nodiscard]] std::optional<StepId> find(std::string_view name) const;
  /// The artifact of this name, if any.
  [[nodiscard]] std::optional<ArtifactId> find_artifact(std::string_view name) const;

 private:
  static constexpr std::uint32_t kNobody = 0xffffffff;

  std::vector<Digest> taken_over_;
  std::size_t left_ = 0;
  std::deque<Step> steps_;
  std::unordered_map<std::string_view, StepId> by_name_;        // Views into steps_.
  std::deque<std::string> artifact_names_;                      // Of those that were not taken over.
  std::unordered_map<std::string_view, ArtifactId> artifacts_;  // Views into artifact_names_.
  std::vector<std::uint32_t> makers_;                           // By artifact; kNobody while unknown.
  std::size_t checked_ = 0;                                     // Steps below have passed `check`.
};

/// Every step's inputs and `after`, one after the other.
template <class Visit>
void for_each_dependency(const Step& step, Visit&& visit) {
  for (const auto artifact : step.inputs) visit(artifact);
  for (const auto artifact : step.after) visit(artifact);
}

}  // namespace skein::engine
