#include "agents/merge_step.h"

#include <algorithm>

#include "agents/checks.h"
#include "agents/manifest.h"
#include "agents/merged_sets.h"
#include "engine/step_context.h"

namespace skein::agents {
namespace {

constexpr Millis kCheckLimit{std::chrono::minutes(30)};

}  // namespace

std::vector<engine::KeyPart> MergeAgent::parts() const {
  std::string checks, steps;
  for (const std::string& check : plan_.verify) checks += check + "\n";
  for (const PlanStep& step : plan_.steps) {
    steps += step.id;
    for (const std::string& other : step.after) steps += " " + other;
    steps += "\n";
  }
  return {{"checks", checks},
          {"steps", steps},
          {"workspace", (options_.workspace.is_none() ? base_.digest() : options_.workspace).hex()}};
}

Result<MergeAgent::Sets> MergeAgent::inputs(engine::StepContext& context) const {
  Sets sets;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    if (context.input_digest(i).is_none()) continue;
    SKEIN_TRY(const std::string bytes, context.input(i));
    SKEIN_TRY(ChangeSet set, decode_change_set(bytes));
    sets.emplace_back(i, std::move(set));
  }
  return sets;
}

Result<ChangeSet> MergeAgent::together(const Sets& sets, std::size_t count, std::vector<std::string>* merged) const {
  MergedSets all;
  for (std::size_t i = 0; i < count; ++i) SKEIN_DO(all.add(plan_.steps[sets[i].first].id, sets[i].second));
  if (!all.conflicts().empty()) return std::unexpected(conflict_error(all.conflicts()));
  if (merged != nullptr) *merged = all.merged_files();
  return all.set();
}

Result<std::string> MergeAgent::failure(engine::StepContext& context, const Sets& sets, std::size_t count) const {
  SandboxOptions options;
  options.folder = options_.sandboxes;
  options.hide = default_hidden_files();
  options.hidden = options_.hidden;
  options.secret_places = options_.secret_places;
  options.isolation = options_.isolation;
  options.limits = usual_limits();
  SKEIN_TRY(options.given, together(sets, count, nullptr));
  SKEIN_TRY(const auto sandbox, Sandbox::make(base_, options));
  context.print(count == 0 ? std::string("\nskein: checks on the files as they were\n")
                           : fmt::format("\nskein: checks on {} of {} steps together, to {}\n", count, sets.size(),
                                         plan_.steps[sets[count - 1].first].id));
  return unpassed_check(context, *sandbox, plan_.verify, sandbox_environment(*sandbox, options_.environment, {}),
                        kCheckLimit);
}

/// The first step with which it fails: with those before it, it passes. Any first steps are closed under what they
/// stand on, since a step comes after that.
Result<std::size_t> MergeAgent::culprit(engine::StepContext& context, const Sets& sets) const {
  SKEIN_TRY(const std::string before, failure(context, sets, 0));
  if (!before.empty())
    return fail(Code::failed_check,
                "what the steps made together does not pass, and the files as they were do not, so that no step can be "
                "found that broke it: {}",
                before.substr(0, before.find('\n')));
  std::size_t passes = 0, fails = sets.size();
  while (fails - passes > 1) {
    const std::size_t middle = passes + (fails - passes) / 2;
    SKEIN_TRY(const std::string failed, failure(context, sets, middle));
    (failed.empty() ? passes : fails) = middle;
  }
  return fails - 1;
}

void MergeAgent::leave_out(std::size_t step, const std::string& reason, Sets& sets, MergeReport& report) const {
  std::erase_if(sets, [&](const auto& one) {
    if (one.first == step) {
      report.left_out.push_back({plan_.steps[step].id, reason});
      return true;
    }
    const auto before = plan_.before(one.first);
    if (std::ranges::find(before, step) == before.end()) return false;
    report.left_out.push_back({plan_.steps[one.first].id, "it stands on " + plan_.steps[step].id});
    return true;
  });
}

Status MergeAgent::run(engine::StepContext& context) const {
  SKEIN_TRY(Sets sets, inputs(context));
  MergeReport report;
  SKEIN_TRY(ChangeSet all, together(sets, sets.size(), &report.merged));
  while (!plan_.verify.empty() && !sets.empty()) {
    SKEIN_TRY(const std::string failed, failure(context, sets, sets.size()));
    if (failed.empty()) break;
    SKEIN_TRY(const std::size_t found, culprit(context, sets));
    leave_out(sets[found].first, failed.substr(0, failed.find('\n')), sets, report);
    SKEIN_TRY(all, together(sets, sets.size(), &report.merged));
  }
  for (const LeftOutStep& one : report.left_out)
    context.print(fmt::format("\nskein: {} is left out: {}\n", one.step, one.reason));
  SKEIN_DO(context.output(0, encode(all)));
  return context.output(1, engine::write_json(report).dump());
}

}  // namespace skein::agents
