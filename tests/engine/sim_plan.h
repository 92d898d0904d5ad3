// Random plans for the simulation, and what they must give: a reference that evaluates them one step after the other,
// without engine, store or disk.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/key.h"
#include "engine/run.h"
#include "engine/step_context.h"

namespace skein::engine::testing {

/// One step of a random plan.
struct SimStep {
  std::string name;
  Purity purity = Purity::pure;
  bool waits = false;
  std::vector<std::string> inputs;  ///< Names of steps.
  std::vector<std::string> after;
  std::string salt;                 ///< Its declared part: two steps may share one, and with it a key.
  std::string reads;                ///< A path of the world that it reads, there or not; empty: none.
  std::vector<SimStep> children;    ///< Added when it is done.
  int transient_failures = 0;       ///< Before it succeeds.
  bool loses_first_answer = false;  ///< Waits for ever the first time.
  Resources needs;
};

inline constexpr std::string_view kSimComputing = "sim.computing";
inline constexpr std::string_view kSimWaiting = "sim.waiting";

/// A plan of 1 to 30 steps, some of which grow it.
inline std::vector<SimStep> random_plan(Random& random) {
  std::vector<SimStep> steps;
  const auto count = 1 + random.below(24);
  const auto pick = [&](std::vector<std::string>& into, std::size_t most) {
    for (std::size_t i = random.below(most + 1); i > 0 && !steps.empty(); --i) {
      const auto& name = steps[random.below(steps.size())].name;
      if (std::find(into.begin(), into.end(), name) == into.end()) into.push_back(name);
    }
  };
  for (std::size_t i = 0; i < count; ++i) {
    SimStep step;
    step.name = "s" + std::to_string(i);
    const auto kind = random.below(10);
    step.purity = kind == 0 ? Purity::effectful : kind == 1 ? Purity::sampled : Purity::pure;
    step.waits = random.chance(0.3);
    pick(step.inputs, 3);
    pick(step.after, 1);
    // An input must not be waited for twice under one name; that is allowed, but says nothing new.
    step.salt = random.chance(0.15) ? "shared" : step.name;
    if (step.purity != Purity::effectful && random.chance(0.2)) step.reads = "file" + std::to_string(random.below(3));
    if (random.chance(0.2)) step.transient_failures = 1 + static_cast<int>(random.below(2));
    step.loses_first_answer = step.waits && random.chance(0.2);
    if (step.waits && random.chance(0.7)) step.needs.providers = 1 + static_cast<int>(random.below(2));
    if (!step.waits && random.chance(0.2)) step.needs.cpu = 1;
    if (random.chance(0.2)) step.needs.memory = {static_cast<std::int64_t>(1 + random.below(100))};
    if (random.chance(0.1))
      for (std::size_t child = 0; child < 1 + random.below(3); ++child) {
        SimStep grown;
        grown.name = step.name + "." + std::to_string(child);
        grown.salt = grown.name;
        grown.inputs = {child > 0 && random.chance(0.5) ? step.children.back().name : step.name};
        grown.waits = random.chance(0.3);
        step.children.push_back(std::move(grown));
      }
    steps.push_back(std::move(step));
  }
  return steps;
}

/// The files that steps may read.
class SimWorld final : public World {
 public:
  std::map<std::string, std::string> files;

  Result<std::string> read(const std::string& path) const override {
    const auto found = files.find(path);
    if (found == files.end()) return fail(Code::not_found, "no file {}", path);
    return found->second;
  }
  Digest state(ReadKind kind, const std::string& path) const override {
    if (kind == ReadKind::listing) {
      Hasher hasher;
      for (const auto& [name, bytes] : files) hasher.field(name);
      return hasher.finish();
    }
    const auto found = files.find(path);
    return found == files.end() ? Digest{} : sha256(found->second);
  }
};

/// What a body makes of what it sees.
inline std::string sim_value(std::string_view salt, const std::vector<std::string>& inputs, std::string_view read) {
  Hasher hasher;
  hasher.field(salt).field(read);
  for (const auto& input : inputs) hasher.field(input);
  // Every other value is long enough to be compressed.
  const std::string hex = hasher.finish().hex();
  return hex[0] < '8' ? hex : hex + std::string(300, hex[1]) + hex;
}

/// What each step must give, and the complete key under which it is kept.
struct Expected {
  std::string value;
  Digest key;
  std::set<std::string> before;  ///< All steps it depends on, near or far.
};

inline std::map<std::string, Expected> reference(const std::vector<SimStep>& steps, const SimWorld& world) {
  std::map<std::string, Expected> all;
  const auto evaluate = [&](const SimStep& step) {
    Expected expected;
    std::vector<std::string> inputs;
    std::vector<Digest> digests;
    for (const auto& input : step.inputs) {
      inputs.push_back(all.at(input).value);
      digests.push_back(sha256(inputs.back()));
    }
    for (const auto* list : {&step.inputs, &step.after})
      for (const auto& name : *list) {
        expected.before.insert(name);
        expected.before.insert(all.at(name).before.begin(), all.at(name).before.end());
      }
    std::string read;
    std::vector<Read> reads;
    if (!step.reads.empty()) {
      const auto found = world.files.find(step.reads);
      read = found == world.files.end() ? "absent" : found->second;
      reads.push_back({found == world.files.end() ? ReadKind::absence : ReadKind::file, step.reads,
                       world.state(ReadKind::file, step.reads)});
    }
    expected.value = sim_value(step.salt, inputs, read);
    const std::vector<KeyPart> parts{{"salt", step.salt}, {"reads", step.reads}};
    expected.key =
        complete_key(declared_digest(step.waits ? kSimWaiting : kSimComputing, "1.0", parts, digests), reads);
    all[step.name] = std::move(expected);
  };
  for (const auto& step : steps) {
    evaluate(step);
    for (const auto& child : step.children) evaluate(child);
  }
  return all;
}

/// Adds a step to a plan, with the agents that do it.
inline Status add_to(Plan& plan, const SimStep& from, const Agent& computing, const Agent& waiting) {
  Step step;
  step.name = from.name;
  step.agent = from.waits ? &waiting : &computing;
  step.purity = from.purity;
  step.parts = {{"salt", from.salt}, {"reads", from.reads}};
  for (const auto& input : from.inputs) step.inputs.push_back(plan.artifact(input));
  for (const auto& name : from.after) step.after.push_back(plan.artifact(name));
  step.outputs = {plan.artifact(from.name)};
  step.needs = from.needs;
  if (from.loses_first_answer) step.time_limit = Millis(2'000);
  if (!from.children.empty())
    step.expand = [children = from.children, &computing, &waiting](Plan& growing,
                                                                   const std::vector<Digest>&) -> Status {
      for (const auto& child : children) SKEIN_DO(add_to(growing, child, computing, waiting));
      return {};
    };
  SKEIN_DO(plan.add(std::move(step)));
  return {};
}

}  // namespace skein::engine::testing
