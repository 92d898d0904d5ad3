#include "engine/regrowth.h"

#include <algorithm>

namespace skein::engine {

Regrowth::Regrowth(const RememberedPlan& before, Make make, Done done)
    : before_(before),
      make_(std::move(make)),
      done_(std::move(done)),
      waiting_(before.step_count()),
      touched_(before.step_count()) {}

Status Regrowth::begin(Plan& plan, std::span<const std::uint32_t> changed) {
  plan.take_over({before_.digests().begin(), before_.digests().end()});
  std::vector<std::uint8_t> in_cone(before_.step_count());
  std::vector<std::uint32_t> stack;
  const auto enter = [&](std::uint32_t step) {
    if (in_cone[step] != 0) return;
    in_cone[step] = 1;
    ++open_;
    stack.push_back(step);
  };
  for (const auto step : changed) {
    touched_[step] = 1;
    enter(step);
  }
  while (!stack.empty()) {
    const std::uint32_t step = stack.back();
    stack.pop_back();
    const std::uint32_t first = before_.first_output(step);
    for (std::uint32_t output = first; output < first + before_.output_count(step); ++output)
      for (const auto consumer : before_.consumers(output)) {
        ++waiting_[consumer];
        enter(consumer);
      }
  }
  std::vector<std::uint32_t> ready;
  for (const auto step : changed)
    if (waiting_[step] == 0) ready.push_back(step);
  std::ranges::sort(ready);
  ready.erase(std::ranges::unique(ready).begin(), ready.end());
  return follow(plan, std::move(ready));
}

Status Regrowth::add(Plan& plan, std::uint32_t step) {
  Step made = make_(before_.tag(step));
  for (const auto input : before_.inputs(step)) made.inputs.push_back(static_cast<ArtifactId>(input));
  for (std::uint32_t i = 0; i < before_.output_count(step); ++i)
    made.outputs.push_back(static_cast<ArtifactId>(before_.first_output(step) + i));
  made.expand = [this, step](Plan& growing, const std::vector<Digest>& outputs) {
    return ended(growing, step, outputs);
  };
  redone_.push_back(step);
  SKEIN_DO(plan.add(std::move(made)));
  return {};
}

void Regrowth::settle(std::uint32_t step, std::span<const Digest> outputs, std::vector<std::uint32_t>& ready) {
  --open_;
  const std::uint32_t first = before_.first_output(step);
  for (std::uint32_t i = 0; i < before_.output_count(step); ++i) {
    const bool differs = !outputs.empty() && before_.digests()[first + i] != outputs[i];
    if (differs) changed_.emplace(first + i, outputs[i]);
    for (const auto consumer : before_.consumers(first + i)) {
      if (differs) touched_[consumer] = 1;
      if (--waiting_[consumer] == 0) ready.push_back(consumer);
    }
  }
}

Status Regrowth::follow(Plan& plan, std::vector<std::uint32_t> ready) {
  while (!ready.empty()) {
    const std::uint32_t step = ready.back();
    ready.pop_back();
    if (touched_[step] != 0)
      SKEIN_DO(add(plan, step));
    else
      settle(step, {}, ready);  // It would take what it took: it is what it was.
  }
  if (open_ > 0) return {};
  plan.leave(before_.step_count() - redone_.size());
  return done_(plan);
}

Status Regrowth::ended(Plan& plan, std::uint32_t step, const std::vector<Digest>& outputs) {
  std::vector<std::uint32_t> ready;
  settle(step, outputs, ready);
  return follow(plan, std::move(ready));
}

}  // namespace skein::engine
