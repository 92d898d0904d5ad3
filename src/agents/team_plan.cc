#include "agents/team_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "agents/manifest.h"
#include "engine/toml_json.h"
#include "text/nearest.h"
#include "text/toml.h"

namespace skein::agents {
namespace {

constexpr std::size_t kMostSteps = 2'000;

std::unexpected<Error> wrong(const std::string& origin, const std::string& what) {
  return std::unexpected(Error(Code::invalid_argument, fmt::format("{}: {}", origin, what))
                             .or_do("`skein plan schema` prints the schema of plan files; docs/agents.md shows one"));
}

std::size_t place_of(const std::vector<PlanStep>& steps, std::string_view id) {
  return static_cast<std::size_t>(std::ranges::find(steps, id, &PlanStep::id) - steps.begin());
}

Status check(const TeamPlan& plan, const std::string& origin) {
  if (plan.steps.empty()) return wrong(origin, "a plan needs a step");
  if (plan.steps.size() > kMostSteps) return wrong(origin, fmt::format("more than {} steps", kMostSteps));
  std::vector<std::string> ids;
  std::set<std::string_view> known;
  for (const PlanStep& step : plan.steps) {
    if (!is_agent_id(step.id))
      return wrong(origin,
                   fmt::format("\"{}\" is no name of a step: letters, digits, \".\", \"_\" and \"-\"", step.id));
    if (!known.insert(step.id).second) return wrong(origin, fmt::format("two steps are called \"{}\"", step.id));
    ids.push_back(step.id);
    if (step.task.find_first_not_of(" \t\n") == std::string::npos)
      return wrong(origin, fmt::format("step \"{}\" has no task", step.id));
  }
  for (const PlanStep& step : plan.steps)
    for (const std::string& other : step.after)
      if (!known.contains(other))
        return wrong(origin, fmt::format("step \"{}\" is after \"{}\", which is no step{}", step.id, other,
                                         text::did_you_mean(other, ids)));
  return {};
}

/// The steps of a cycle among `left`, each after the next. REQUIRES that each is after another of them.
std::string cycle_of(const std::vector<PlanStep>& left) {
  std::vector<std::size_t> way{0};
  while (true) {
    const PlanStep& step = left[way.back()];
    const auto next =
        std::ranges::find_if(step.after, [&](const std::string& other) { return place_of(left, other) < left.size(); });
    const std::size_t place = place_of(left, *next);
    const auto seen = std::ranges::find(way, place);
    if (seen != way.end()) {
      std::string text;
      for (auto at = seen; at != way.end(); ++at) text += left[*at].id + " after ";
      return text + left[place].id;
    }
    way.push_back(place);
  }
}

/// Each step after those that it stands on, otherwise as they were.
Status put_in_order(TeamPlan& plan, const std::string& origin) {
  std::vector<PlanStep> left = std::move(plan.steps), done;
  std::map<std::string, std::size_t, std::less<>> known;
  while (!left.empty()) {
    const auto ready = std::ranges::find_if(left, [&](const PlanStep& step) {
      return std::ranges::all_of(step.after, [&](const std::string& other) { return known.contains(other); });
    });
    if (ready == left.end()) return wrong(origin, "the steps wait for each other: " + cycle_of(left));
    known.emplace(ready->id, done.size());
    auto& direct = plan.directly_after.emplace_back();
    for (const std::string& other : ready->after) direct.push_back(known.find(other)->second);
    done.push_back(std::move(*ready));
    left.erase(ready);
  }
  plan.steps = std::move(done);
  return {};
}

}  // namespace

std::vector<std::size_t> TeamPlan::before(std::size_t step) const {
  std::vector<bool> stands(steps.size(), false);
  stands[step] = true;
  for (std::size_t i = step + 1; i-- > 0;)
    if (stands[i])
      for (const std::size_t other : directly_after[i]) stands[other] = true;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < step; ++i)
    if (stands[i]) found.push_back(i);
  return found;
}

Result<TeamPlan> parse_team_plan(std::string_view text, const std::string& origin) {
  engine::Json json;
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    auto parsed = engine::parse_json(text);
    if (!parsed) return wrong(origin, parsed.error().message());
    json = std::move(*parsed);
  } else {
    const auto document = text::parse_toml(text);
    if (!document)
      return wrong(origin,
                   fmt::format("line {}: this is not TOML: {}", document.error().line, document.error().reason));
    json = engine::json_of_toml(*document);
  }
  TeamPlan plan;
  if (const auto read = engine::read_json(json, plan); !read) return wrong(origin, read.error().message());
  SKEIN_DO(check(plan, origin));
  SKEIN_DO(put_in_order(plan, origin));
  return plan;
}

engine::Json team_plan_schema() {
  return engine::json_schema(engine::type_spec<TeamPlan>(), "skein.team-plan/1", true);
}

PlanOutlook outlook_of(const TeamPlan& plan) {
  PlanOutlook outlook;
  constexpr auto kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> group(plan.steps.size(), 0), longest_before(plan.steps.size(), kNone);
  std::vector<double> end(plan.steps.size(), 0);
  std::size_t last = kNone;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    for (const std::size_t before : plan.directly_after[i]) {
      group[i] = std::max(group[i], group[before] + 1);
      if (longest_before[i] == kNone || end[before] > end[longest_before[i]]) longest_before[i] = before;
    }
    const double minutes = plan.steps[i].minutes.value_or(0);
    outlook.all_minutes += minutes;
    end[i] = minutes + (longest_before[i] == kNone ? 0 : end[longest_before[i]]);
    if (last == kNone || end[i] > end[last]) last = i;
    outlook.groups.resize(std::max(outlook.groups.size(), group[i] + 1));
    outlook.groups[group[i]].push_back(i);
  }
  for (std::size_t at = last; at != kNone; at = longest_before[at]) outlook.critical_path.push_back(at);
  std::ranges::reverse(outlook.critical_path);
  outlook.critical_minutes = last == kNone ? 0 : end[last];
  return outlook;
}

}  // namespace skein::agents
