// `skein usage`: what models cost, from the user's ledger.
#include <array>
#include <map>

#include "agents/ledger.h"
#include "app/operations.h"
#include "app/run_relay.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {

enum class UsageBy { model, agent, run, day };
std::span<const engine::Choice<UsageBy>> choices_of(UsageBy) {
  static constexpr std::array<engine::Choice<UsageBy>, 4> kChoices{
      {{UsageBy::model, "model"}, {UsageBy::agent, "agent"}, {UsageBy::run, "run"}, {UsageBy::day, "day"}}};
  return kChoices;
}

namespace {

using engine::Context;

struct UsageInput {
  UsageBy by = UsageBy::model;
  std::int64_t days = 30;
  bool here = false;
  bool csv = false;

  template <class V>
  static void describe(V& v) {
    v.field("by", &UsageInput::by, "What the sums are of.");
    v.field("days", &UsageInput::days, "Of the last so many days; 0: of all.", {.value_name = "N", .min = 0});
    v.field("here", &UsageInput::here, "Of this workspace only.");
    v.field("csv", &UsageInput::csv, "Comma-separated values, money in millionths of a dollar.");
  }
};

struct UsageRow {
  std::string name;
  std::int64_t requests = 0;
  std::int64_t input_tokens = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t reasoning_tokens = 0;
  std::int64_t micro_dollars = 0;
  std::int64_t estimated = 0;
  std::int64_t unpriced = 0;

  template <class V>
  static void describe(V& v) {
    v.field("name", &UsageRow::name, "The model, agent, run or day.");
    v.field("requests", &UsageRow::requests, "Requests that were sent.");
    v.field("input_tokens", &UsageRow::input_tokens, "Input that was read anew.");
    v.field("cached_tokens", &UsageRow::cached_tokens, "Input from a provider's cache.");
    v.field("cache_write_tokens", &UsageRow::cache_write_tokens, "Input that was written to a provider's cache.");
    v.field("output_tokens", &UsageRow::output_tokens, "Output, with reasoning.");
    v.field("reasoning_tokens", &UsageRow::reasoning_tokens, "Of the output.");
    v.field("micro_dollars", &UsageRow::micro_dollars, "Millionths of a dollar.");
    v.field("estimated", &UsageRow::estimated, "Requests whose answer told no usage: their worst case is counted.");
    v.field("unpriced", &UsageRow::unpriced, "Requests to models whose price is not known: they count no money.");
  }
  void add(const agents::ModelCall& call) {
    ++requests;
    input_tokens += call.usage.input.value;
    cached_tokens += call.usage.cached.value;
    cache_write_tokens += (call.usage.cache_write + call.usage.cache_write_hour).value;
    output_tokens += call.usage.output.value;
    reasoning_tokens += call.usage.reasoning.value;
    micro_dollars += call.money.value;
    if (call.estimated) ++estimated;
    if (!call.priced) ++unpriced;
  }
};

struct BudgetRow {
  std::string period;
  std::string limit;
  std::int64_t micro_dollars = 0;
  std::int64_t tokens = 0;

  template <class V>
  static void describe(V& v) {
    v.field("period", &BudgetRow::period, "\"today\" or \"this month\", in UTC.");
    v.field("limit", &BudgetRow::limit, "The setting: \"$5.00\" or \"2,000,000 tokens\".");
    v.field("micro_dollars", &BudgetRow::micro_dollars, "What is spent of it, in millionths of a dollar.");
    v.field("tokens", &BudgetRow::tokens, "And in tokens.");
  }
};

struct UsageOutput {
  std::string by;
  std::vector<UsageRow> rows;
  UsageRow total;
  std::vector<BudgetRow> budgets;
  bool as_csv = false;  // How it is rendered: no part of the answer.

  template <class V>
  static void describe(V& v) {
    v.field("by", &UsageOutput::by, "What the sums are of.");
    v.field("rows", &UsageOutput::rows, "By name.");
    v.field("total", &UsageOutput::total, "Of all.");
    v.field("budgets", &UsageOutput::budgets, "The settings budget.day and budget.month, and what is spent of them.");
  }
};

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string made = "\"";
  for (const char c : text) made += c == '"' ? "\"\"" : std::string(1, c);
  return made + "\"";
}

std::string rendered_csv(const UsageOutput& output) {
  std::string text = output.by +
                     ",requests,input_tokens,cached_tokens,cache_write_tokens,output_tokens,reasoning_tokens,"
                     "micro_dollars,estimated,unpriced\n";
  for (const UsageRow& row : output.rows)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", quoted(row.name), row.requests, row.input_tokens,
                        row.cached_tokens, row.cache_write_tokens, row.output_tokens, row.reasoning_tokens,
                        row.micro_dollars, row.estimated, row.unpriced);
  return text;
}

std::string budget_lines(const UsageOutput& output) {
  std::string text;
  for (const BudgetRow& row : output.budgets)
    text += fmt::format("{} of the budget of {} for {}\n",
                        row.limit.starts_with('$') ? text::format_money(MicroDollars{row.micro_dollars})
                                                   : text::format_count(row.tokens) + " tokens",
                        row.limit, row.period);
  return text;
}

std::string render(const UsageOutput& output, const engine::Style&) {
  if (output.as_csv) return rendered_csv(output);
  if (output.rows.empty()) return "No request to a model passed the relay in this time.\n" + budget_lines(output);
  std::size_t width = 8;
  for (const UsageRow& row : output.rows) width = std::max(width, row.name.size());
  std::string text = fmt::format("{:<{}} {:>9} {:>13} {:>13} {:>13} {:>12}\n", output.by, width, "requests", "input",
                                 "cached", "output", "cost");
  const auto line = [&](const UsageRow& row) {
    text += fmt::format("{:<{}} {:>9} {:>13} {:>13} {:>13} {:>12}\n", row.name, width, text::format_count(row.requests),
                        text::format_count(row.input_tokens + row.cache_write_tokens),
                        text::format_count(row.cached_tokens), text::format_count(row.output_tokens),
                        text::format_money(MicroDollars{row.micro_dollars}));
  };
  for (const UsageRow& row : output.rows) line(row);
  if (output.rows.size() > 1) line(output.total);
  if (output.total.estimated > 0)
    text += fmt::format("{} told no usage and {} counted at the worst.\n", text::format_count(output.total.estimated),
                        output.total.estimated == 1 ? "is" : "are");
  if (output.total.unpriced > 0)
    text +=
        fmt::format("{} went to a model whose price is not known: prices/*.toml of your configuration can name it.\n",
                    text::format_count(output.total.unpriced));
  return text + budget_lines(output);
}

std::string name_of(const agents::LedgerEntry& entry, UsageBy by) {
  switch (by) {
    case UsageBy::model:
      return entry.call.model;
    case UsageBy::agent:
      return entry.call.agent;
    case UsageBy::run:
      return entry.run;
    case UsageBy::day:
      return agents::day_of(entry.call.at);
  }
  return {};
}

Result<UsageOutput> usage(const Services& services, const Context& context, const UsageInput& input) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const auto entries, agents::read_ledger(services.files, folders.state));
  const WallTime since = input.days == 0 ? WallTime{} : services.clock.wall() - std::chrono::days(input.days);
  std::map<std::string, UsageRow> rows;
  UsageOutput output;
  output.total.name = "total";
  for (const auto& entry : entries) {
    if (entry.call.at < since || (input.here && entry.workspace != context.workspace)) continue;
    const std::string name = name_of(entry, input.by);
    rows[name].name = name;
    rows[name].add(entry.call);
    output.total.add(entry.call);
  }
  for (auto& [name, row] : rows) output.rows.push_back(std::move(row));
  for (const auto& choice : choices_of(UsageBy{}))
    if (choice.value == input.by) output.by = choice.name;
  output.as_csv = input.csv;
  agents::SpentSoFar spent(services.files, folders.state);
  SKEIN_TRY(const auto caps, period_caps(context, services.clock.wall(), spent));
  for (const agents::PeriodCap& cap : caps)
    output.budgets.push_back({cap.name, agents::describe(cap.limits), cap.spent.value, cap.spent_tokens.value});
  return output;
}

}  // namespace

void register_usage(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<UsageInput, UsageOutput>(
      {.name = "usage",
       .summary = "Show what models cost: by model, agent, run or day",
       .description =
           "Sums of your ledger: every request to a model that passed skein's relay, from all of your workspaces. A "
           "request whose answer told no usage counts at the worst where its run had a budget.",
       .examples = {{"skein usage", "the last 30 days, by model"},
                    {"skein usage --by day --csv", "for a table"},
                    {"skein usage --by run --here", "runs of this workspace"}}},
      [&services](const Context& context, const UsageInput& input) { return usage(services, context, input); },
      render));
}

}  // namespace skein::app
