// A remembered plan carried out again where something changed. Steps are added to a running plan only when something
// that they take is different now, and only when all that they take is known: what an early cutoff leaves as it was is
// neither planned nor looked up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "engine/remembered_plan.h"

namespace skein::engine {

/// Lives until the run of its plan has ended. Everything happens on the coordinator's thread.
class Regrowth {
 public:
  /// The step of a tag as the whole plan would have it, without inputs and outputs.
  using Make = std::function<Step(std::uint64_t tag)>;
  /// Called once, when all that changed is made: adds what follows (a publication).
  using Done = std::function<Status(Plan& plan)>;

  /// `before` outlives this.
  Regrowth(const RememberedPlan& before, Make make, Done done);

  /// Begins `plan`, which must be empty: `changed` are the steps whose own key is another one now; what they make is
  /// followed from there.
  Status begin(Plan& plan, std::span<const std::uint32_t> changed);

  /// Steps that were added, in that order.
  [[nodiscard]] const std::vector<std::uint32_t>& redone() const { return redone_; }
  /// The artifacts that are other ones now, by their numbers.
  [[nodiscard]] const std::map<std::uint32_t, Digest>& changed() const { return changed_; }

 private:
  Status add(Plan& plan, std::uint32_t step);
  Status follow(Plan& plan, std::vector<std::uint32_t> ready);
  Status ended(Plan& plan, std::uint32_t step, const std::vector<Digest>& outputs);
  void settle(std::uint32_t step, std::span<const Digest> outputs, std::vector<std::uint32_t>& ready);

  const RememberedPlan& before_;
  Make make_;
  Done done_;
  std::map<std::uint32_t, Digest> changed_;
  // Of the cone: the changed steps and all that stand on them. Others stay as they are.
  std::vector<std::uint32_t> waiting_;  // By step: inputs whose makers are in the cone and not yet settled.
  std::vector<std::uint8_t> touched_;   // By step: it changed itself, or takes something that did.
  std::size_t open_ = 0;                // Steps of the cone that are not settled.
  std::vector<std::uint32_t> redone_;
};

}  // namespace skein::engine
