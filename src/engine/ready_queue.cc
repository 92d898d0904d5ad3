#include "engine/ready_queue.h"

#include <algorithm>
#include <unordered_map>

namespace skein::engine {

std::vector<float> remaining_paths(const Plan& plan, std::size_t first, const History& history, float unknown_us) {
  const std::size_t count = plan.size() - first;
  std::vector<float> own(count);
  std::unordered_map<const Agent*, float> expected;
  std::vector<std::uint32_t> consumers(count, 0);  // Not yet visited steps that stand on this one.
  const auto for_each_maker = [&](std::size_t i, auto&& visit) {
    for_each_dependency(plan.step(static_cast<StepId>(first + i)), [&](ArtifactId artifact) {
      if (!plan.has_maker(artifact)) return;
      const std::size_t maker = index_of(plan.maker(artifact));
      if (maker >= first) visit(maker - first);
    });
  };
  for (std::size_t i = 0; i < count; ++i) {
    const Agent* agent = plan.step(static_cast<StepId>(first + i)).agent;
    const auto [entry, is_new] = expected.try_emplace(agent, unknown_us);
    if (is_new)
      if (const auto known = history.executed_us(agent->name())) entry->second = static_cast<float>(*known);
    own[i] = std::max(entry->second, 0.01f);
    for_each_maker(i, [&](std::size_t maker) { ++consumers[maker]; });
  }
  // From the last steps backwards.
  std::vector<float> remaining = own;
  std::vector<std::uint32_t> stack;
  for (std::size_t i = 0; i < count; ++i)
    if (consumers[i] == 0) stack.push_back(static_cast<std::uint32_t>(i));
  while (!stack.empty()) {
    const std::size_t i = stack.back();
    stack.pop_back();
    for_each_maker(i, [&](std::size_t maker) {
      remaining[maker] = std::max(remaining[maker], own[maker] + remaining[i]);
      if (--consumers[maker] == 0) stack.push_back(static_cast<std::uint32_t>(maker));
    });
  }
  return remaining;
}

}  // namespace skein::engine
