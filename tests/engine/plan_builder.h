// Plans for tests in one line: `plan("a -> b, a -> c")`. Each step makes one artifact of its own name; its agent is a
// function of the step's name and its inputs' bytes.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/run.h"
#include "engine/step_context.h"

namespace skein::engine::testing {

/// An agent made of a function.
class FunctionAgent final : public Agent {
 public:
  using Body = std::function<Status(StepContext&)>;
  explicit FunctionAgent(Body body, std::string name = "test.agent", std::string version = "1.0")
      : body_(std::move(body)), name_(std::move(name)), version_(std::move(version)) {}
  std::string_view name() const override { return name_; }
  std::string_view result_version() const override { return version_; }
  Status run(StepContext& context) const override { return body_(context); }

 private:
  Body body_;
  std::string name_;
  std::string version_;
};

/// A waiting agent made of a coroutine.
class CoroutineAgent final : public Agent {
 public:
  using Body = std::function<Task<Status>(StepContext&, EventLoop&)>;
  explicit CoroutineAgent(Body body, std::string name = "test.waiting")
      : body_(std::move(body)), name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  std::string_view result_version() const override { return "1.0"; }
  WorkKind kind() const override { return WorkKind::waiting; }
  Task<Status> wait(StepContext& context, EventLoop& loop) const override { return body_(context, loop); }

 private:
  Body body_;
  std::string name_;
};

/// Gives "name(input,input)".
inline Status concatenate(StepContext& context) {
  std::string text = context.step().name + "(";
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    SKEIN_TRY(const auto input, context.input(i));
    text += (i > 0 ? "," : "") + input;
  }
  return context.output(0, text + ")");
}

/// Reads "a -> b, b -> c, d": steps in the order in which they are first named.
inline std::vector<Step> parse_steps(std::string_view text, const Agent& agent,
                                     const std::function<ArtifactId(std::string_view)>& artifact) {
  std::vector<Step> steps;
  std::map<std::string, std::size_t> by_name;
  const auto step_named = [&](std::string_view name) -> Step& {
    const auto [found, is_new] = by_name.try_emplace(std::string(name), steps.size());
    if (is_new) {
      Step step;
      step.name = name;
      step.agent = &agent;
      step.parts = {{"name", std::string(name)}};
      step.outputs = {artifact(name)};
      steps.push_back(std::move(step));
    }
    return steps[found->second];
  };
  const auto trim = [](std::string_view part) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    return part;
  };
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto part = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto arrow = part.find("->");
    if (arrow == std::string_view::npos) {
      step_named(part);
      continue;
    }
    const auto from = trim(part.substr(0, arrow));
    const auto to = trim(part.substr(arrow + 2));
    step_named(from);
    step_named(to).inputs.push_back(artifact(from));
  }
  return steps;
}

inline Result<Plan> try_plan(std::string_view text, const Agent& agent) {
  Plan plan;
  for (auto& step : parse_steps(text, agent, [&](std::string_view name) { return plan.artifact(name); }))
    SKEIN_DO(plan.add(std::move(step)));
  SKEIN_DO(plan.check());
  return plan;
}

inline Plan plan(std::string_view text, const Agent& agent) {
  auto made = try_plan(text, agent);
  SKEIN_CHECK(made.has_value());
  return std::move(*made);
}

}  // namespace skein::engine::testing
