// `skein cache audit`.
#include <utility>

#include "app/operations.h"
#include "app/past_runs.h"
#include "cache/audit.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct AuditInput {
  std::int64_t limit = 20;
  template <class V>
  static void describe(V& v) {
    v.field("limit", &AuditInput::limit, "Show at most this many, the newest; 0: all.", {.min = 0});
  }
};

struct AuditRow {
  std::int64_t at_us = 0;
  std::string who;
  std::string what;
  std::string how;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;

  template <class V>
  static void describe(V& v) {
    v.field("at_us", &AuditRow::at_us, "Microseconds since 1970, UTC.");
    v.field("who", &AuditRow::who, "The user.");
    v.field("what", &AuditRow::what, "The operation.");
    v.field("how", &AuditRow::how, "What was asked for.");
    v.field("entries", &AuditRow::entries, "How many results it was about.");
    v.field("bytes", &AuditRow::bytes, "How many bytes.");
  }
};

struct AuditOutput {
  std::vector<AuditRow> changes;
  template <class V>
  static void describe(V& v) {
    v.field("changes", &AuditOutput::changes, "The newest first.");
  }
};

std::string render(const AuditOutput& output, const engine::Style&) {
  if (output.changes.empty()) return "Nothing changed the cache yet but runs.\n";
  std::string text;
  for (const auto& one : output.changes)
    text += fmt::format("{} {:<9} {:<8} {:>8} results {:>8}  {}\n", shown_time(WallTime(Micros(one.at_us))), one.who,
                        one.what, text::format_count(one.entries), text::format_bytes(Bytes{one.bytes}),
                        shortened(text::printable(one.how), 24));
  return text;
}

Result<AuditOutput> audit(const Services& services, const Context& context, const AuditInput& input) {
  AuditOutput output;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return output;
  SKEIN_TRY(const auto entries, cache::read_audit(services.files, state->path));
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (input.limit > 0 && std::cmp_greater_equal(output.changes.size(), input.limit)) break;
    output.changes.push_back(
        {entry->at.time_since_epoch().count(), entry->who, entry->what, entry->how, entry->entries, entry->bytes});
  }
  return output;
}

}  // namespace

void register_cache_audit(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<AuditInput, AuditOutput>(
      {.name = "cache audit",
       .summary = "Show who changed what is remembered",
       .description = "Lists clear, gc, export, import and restore: who did it, when, and how much it was.",
       .examples = {{"skein cache audit", "the last twenty"}}},
      [&services](const Context& context, const AuditInput& input) { return audit(services, context, input); },
      render));
}

}  // namespace skein::app
