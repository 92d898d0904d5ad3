#include "agents/merge_step.h"

#include <algorithm>

#include "agents/checks.h"
#include "agents/manifest.h"
#include "agents/merged_sets.h"
#include "engine/step_context.h"

namespace skein::agents {
std::vector<engine::KeyPart> MergeAgent::parts() const {
  std::string checks, steps;
  for (const std::string& check : plan_.verify) checks += check + "\n";
  for (const PlanStep& step : plan_.steps) {
    steps += step.id;
    for (const std::string& other : step.after) steps += " " + other;
    steps += "\n";
  }
  std::vector<engine::KeyPart> made{
      {"checks", checks},
      {"steps", steps},
      {"workspace", (options_.workspace.is_none() ? base_.digest() : options_.workspace).hex()}};
  // Who may be asked to mend, and of what.
  std::string menders;
  if (!plan_.verify.empty())
    for (std::size_t i = 0; i < agents_.size(); ++i)
      for (const auto& [name, value] : agents_[i].parts(plan_.steps[i].task))
        if (name != "workspace") menders += name + " " + value + "\n";
  if (!menders.empty()) made.push_back({"menders", sha256(menders).hex()});
  return made;
}

Gates MergeAgent::gates() const {
  Gates gates;
  gates.checks = plan_.verify;
  gates.hide = default_hidden_files();
  return gates;
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
  SKEIN_TRY(const ChangeSet all, together(sets, count, nullptr));
  context.print(count == 0 ? std::string("\nskein: checks on the files as they were\n")
                           : fmt::format("\nskein: checks on {} of {} steps together, to {}\n", count, sets.size(),
                                         plan_.steps[sets[count - 1].first].id));
  return failed_gate(context, base_, options_, gates(), all);
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

Result<bool> MergeAgent::mended(engine::StepContext& context, std::size_t found, const std::string& failed,
                                Sets& sets) const {
  const std::size_t step = sets[found].first;
  if (step >= agents_.size()) return false;
  SKEIN_TRY(ChangeSet all, together(sets, sets.size(), nullptr));
  context.print(fmt::format("\nskein: the checks fail with {}: back to its agent\n", plan_.steps[step].id));
  auto mend = agents_[step].mend(context, plan_.steps[step].task, std::move(all), failed, plan_.verify);
  if (!mend) {
    if (context.stop().stop_requested()) return std::unexpected(std::move(mend).error());
    context.print(fmt::format("\nskein: it could not mend it: {}\n", mend.error().message()));
    return false;
  }
  sets.emplace_back(step, std::move(*mend));
  return true;
}

Status MergeAgent::run(engine::StepContext& context) const {
  SKEIN_TRY(Sets sets, inputs(context));
  MergeReport report;
  SKEIN_TRY(ChangeSet all, together(sets, sets.size(), &report.merged));
  while (!plan_.verify.empty() && !sets.empty()) {
    SKEIN_TRY(const std::string failed, failure(context, sets, sets.size()));
    if (failed.empty()) break;
    SKEIN_TRY(const std::size_t found, culprit(context, sets));
    const std::string told = failed.substr(0, failed.find('\n'));
    SKEIN_TRY(const bool is_mended, mended(context, found, failed, sets));
    if (is_mended)
      report.mended.push_back({plan_.steps[sets[found].first].id, told});
    else
      leave_out(sets[found].first, told, sets, report);
    SKEIN_TRY(all, together(sets, sets.size(), &report.merged));
    if (is_mended) break;  // It passed the checks on just these bytes.
  }
  for (const LeftOutStep& one : report.left_out)
    context.print(fmt::format("\nskein: {} is left out: {}\n", one.step, one.reason));
  report.gates.gates = gates();
  report.gates.workspace = base_.digest().hex();
  report.gates.changes = sha256(encode(all)).hex();
  if (options_.prove_checks && !plan_.verify.empty()) {
    SKEIN_TRY(report.gates.weak, weak_gates(context, base_, options_, report.gates.gates, all, all));
  }
  SKEIN_DO(context.output(0, encode(all)));
  return context.output(1, engine::write_json(report).dump());
}

}  // namespace skein::agents
