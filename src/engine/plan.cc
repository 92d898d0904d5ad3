#include "engine/plan.h"

#include <algorithm>

#include "base/check.h"

namespace skein::engine {

void Plan::reserve(std::size_t steps, std::size_t artifacts) {
  by_name_.reserve(steps);
  artifacts_.reserve(artifacts);
  makers_.reserve(artifacts);
}

void Plan::take_over(std::vector<Digest> artifacts) {
  SKEIN_CHECK(steps_.empty() && makers_.empty());
  makers_.assign(artifacts.size(), kNobody);
  taken_over_ = std::move(artifacts);
}

ArtifactId Plan::artifact(std::string_view name) {
  if (const auto found = artifacts_.find(name); found != artifacts_.end()) return found->second;
  const auto id = static_cast<ArtifactId>(makers_.size());
  artifacts_.emplace(artifact_names_.emplace_back(name), id);
  makers_.push_back(kNobody);
  return id;
}

Result<StepId> Plan::add(Step step) {
  if (step.agent == nullptr) return fail(Code::invalid_argument, "step '{}' has no agent", step.name);
  if (by_name_.contains(step.name))
    return fail(Code::invalid_argument, "two steps are named '{}'; give one of them another name", step.name);
  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    const auto output = step.outputs[i];
    const bool twice = std::find(step.outputs.begin(), step.outputs.begin() + static_cast<std::ptrdiff_t>(i), output) !=
                       step.outputs.begin() + static_cast<std::ptrdiff_t>(i);
    if (const auto maker = makers_[index_of(output)]; maker != kNobody || twice)
      return fail(Code::invalid_argument, "'{}' is made by two steps: '{}' and '{}'", artifact_name(output),
                  twice ? step.name : steps_[maker].name, step.name);
  }
  const auto id = static_cast<StepId>(steps_.size());
  for (const auto output : step.outputs) makers_[index_of(output)] = index_of(id);
  const auto& kept = steps_.emplace_back(std::move(step));
  by_name_.emplace(kept.name, id);
  return id;
}

std::optional<StepId> Plan::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::optional<ArtifactId> Plan::find_artifact(std::string_view name) const {
  const auto found = artifacts_.find(name);
  if (found == artifacts_.end()) return std::nullopt;
  return found->second;
}

Status Plan::check() {
  // A depth-first walk from every new step towards what it needs, with a stack of its own: plans may be deep. Checked
  // steps cannot be on a cycle with new ones, because their inputs were all made by checked steps.
  enum : std::uint8_t { unseen, open, done };
  const std::size_t first = checked_;
  std::vector<std::uint8_t> state(steps_.size() - first, unseen);
  struct Frame {
    std::uint32_t step;
    std::uint32_t next;
  };
  std::vector<Frame> stack;
  const auto dependency = [&](const Step& step, std::uint32_t i) -> std::optional<ArtifactId> {
    if (i < step.inputs.size()) return step.inputs[i];
    if (i - step.inputs.size() < step.after.size()) return step.after[i - step.inputs.size()];
    return std::nullopt;
  };
  for (std::size_t root = first; root < steps_.size(); ++root) {
    if (state[root - first] != unseen) continue;
    state[root - first] = open;
    stack.push_back({static_cast<std::uint32_t>(root), 0});
    while (!stack.empty()) {
      auto& frame = stack.back();
      const Step& step = steps_[frame.step];
      const auto artifact = dependency(step, frame.next++);
      if (!artifact) {
        state[frame.step - first] = done;
        stack.pop_back();
        continue;
      }
      const std::uint32_t maker = makers_[index_of(*artifact)];
      if (maker == kNobody && index_of(*artifact) < taken_over_.size() && !taken_over_[index_of(*artifact)].is_none())
        continue;
      if (maker == kNobody)
        return fail(Code::invalid_argument, "step '{}' needs '{}', which no step makes", step.name,
                    artifact_name(*artifact));
      if (maker < first || state[maker - first] == done) continue;
      if (state[maker - first] == open) {
        std::string cycle;
        const auto start = std::find_if(stack.begin(), stack.end(), [&](const Frame& f) { return f.step == maker; });
        for (auto at = start; at != stack.end(); ++at) cycle += fmt::format("'{}' needs ", steps_[at->step].name);
        return fail(Code::invalid_argument, "steps wait for each other: {}'{}'", cycle, steps_[maker].name);
      }
      state[maker - first] = open;
      stack.push_back({maker, 0});
    }
  }
  checked_ = steps_.size();
  return {};
}

}  // namespace skein::engine
