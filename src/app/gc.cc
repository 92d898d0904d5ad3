// `skein gc`.
#include <algorithm>
#include <map>

#include "app/cache_collection.h"
#include "app/change_runs.h"
#include "app/log_summaries.h"
#include "app/machinery.h"
#include "app/needed_results.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "app/retention.h"
#include "app/site_check.h"
#include "cache/audit.h"
#include "docs/manifest.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

/// After every run's name.
constexpr std::string_view kNoRun = "~";

struct GcInput {
  bool dry_run = false;

  template <class V>
  static void describe(V& v) {
    v.field("dry_run", &GcInput::dry_run, "Only say what would go.");
  }
};

struct GcOutput {
  bool dry_run = false;
  std::vector<std::string> journals;
  std::vector<std::string> logs;
  std::int64_t results = 0;
  std::int64_t results_kept = 0;
  std::int64_t journal_bytes = 0;
  std::int64_t log_bytes = 0;
  std::int64_t store_bytes = 0;
  std::int64_t freed_bytes = 0;
  std::int64_t repacked = 0;
  std::map<std::string, std::int64_t> by_reason{};

  template <class V>
  static void describe(V& v) {
    v.field("dry_run", &GcOutput::dry_run, "True if nothing was removed.");
    v.field("journals", &GcOutput::journals, "Runs whose journals go.");
    v.field("logs", &GcOutput::logs, "Parts of skein's own log, and stored outputs of commands, that go.");
    v.field("results", &GcOutput::results, "Results of steps that go.");
    v.field("results_kept", &GcOutput::results_kept, "Results that stay.");
    v.field("journal_bytes", &GcOutput::journal_bytes, "Of the journals that go.");
    v.field("log_bytes", &GcOutput::log_bytes, "Of the logs that go.");
    v.field("store_bytes", &GcOutput::store_bytes, "Freed in the store: results, and blobs that nothing refers to.");
    v.field("repacked", &GcOutput::repacked, "Blobs of old results that are packed smaller.");
    v.field("by_reason", &GcOutput::by_reason, "Why results go: unneeded, age, size.");
    v.field("freed_bytes", &GcOutput::freed_bytes, "All together.");
  }
};

std::string render(const GcOutput& output, const engine::Style& style) {
  std::string text;
  const auto line = [&](std::string_view what, std::size_t count, std::int64_t bytes) {
    text += fmt::format("{:<9} {:>8} {:<8} {:>8}\n", what, text::format_count(static_cast<std::int64_t>(count)),
                        what == "store" ? "results" : "files", text::format_bytes(Bytes{bytes}));
  };
  line("journals", output.journals.size(), output.journal_bytes);
  if (style.verbose)
    for (const auto& run : output.journals) text += fmt::format("  {}\n", run);
  line("logs", output.logs.size(), output.log_bytes);
  if (style.verbose)
    for (const auto& log : output.logs) text += fmt::format("  {}\n", text::printable(log));
  line("store", static_cast<std::size_t>(output.results), output.store_bytes);
  for (const auto& [reason, count] : output.by_reason)
    text += fmt::format("  {} by {}\n", text::format_count(count), reason);
  if (output.repacked > 0)
    text += fmt::format("  {} blobs of old results {} smaller\n", text::format_count(output.repacked),
                        output.dry_run ? "would be packed" : "packed");
  text += fmt::format("{} {}; {} results stay\n", text::format_bytes(Bytes{output.freed_bytes}),
                      output.dry_run ? "would be freed" : "freed", text::format_count(output.results_kept));
  return text;
}

/// Digests of all files of the known sites.
Result<std::vector<Digest>> published_files(const Services& services, const Context& context,
                                            const std::string& state) {
  SKEIN_TRY(const auto sites, known_sites(services, context, state));
  std::vector<Digest> digests;
  for (const auto& target : sites) {
    const auto text = read_file(services.files, join_path(target.site, docs::kManifestName));
    const auto manifest = text ? docs::decode_manifest(*text) : Result<docs::Manifest>(std::unexpected(text.error()));
    if (!manifest) continue;  // No site there any more, or one that is made again anyway.
    for (const auto& file : *manifest)
      if (!file.digest.is_none()) digests.push_back(file.digest);
  }
  return digests;
}

Status remove_all(FileSystem& files, const std::vector<KeptFile>& going) {
  for (const auto& file : going)
    if (auto removed = files.remove(file.path); !removed && removed.error().code() != Code::not_found) return removed;
  return {};
}

std::int64_t sum(const std::vector<KeptFile>& going, std::vector<std::string>& names) {
  Bytes all;
  for (const auto& file : going) {
    all += file.size;
    names.push_back(file.name);
  }
  return all.value;
}

Result<GcOutput> gc(const Services& services, const Context& context, const GcInput& input) {
  GcOutput output;
  output.dry_run = input.dry_run;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return output;
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  FileSystem& files = services.files;
  SKEIN_DO(refuse_while_running(files, state->path));
  const RetentionSettings& keep = settings_of(context).values().retention;
  const auto before = [&](int days) { return services.clock.wall() - std::chrono::days(days); };

  SKEIN_TRY(const auto all_journals, journal_files(files, state->path));
  const auto journals = expired(all_journals, {journal_when(before(keep.journals_days)), keep.journals_size});
  output.journal_bytes = sum(journals, output.journals);
  SKEIN_TRY(const auto all_logs, log_files(files, state->path));
  auto logs = expired(all_logs, {log_when(before(keep.logs_days)), keep.logs_size});
  SKEIN_TRY(const auto all_outputs, output_files(files, state->path));
  // Of what failed and of the rest each the newest stays; both have room of their own.
  std::vector<KeptFile> good, failed;
  for (const KeptFile& one : all_outputs) (one.failed ? failed : good).push_back(one);
  auto outputs = expired(std::move(good), {journal_when(before(keep.logs_days)), keep.logs_size});
  auto old_failures = expired(std::move(failed),
                              {journal_when(before(std::max(keep.logs_days, keep.failed_logs_days))), keep.logs_size});
  outputs.insert(outputs.end(), old_failures.begin(), old_failures.end());
  output.log_bytes = sum(logs, output.logs) + sum(outputs, output.logs);

  std::string oldest(kNoRun);
  for (const auto& journal : all_journals)
    if (std::ranges::find(output.journals, journal.name) == output.journals.end())
      oldest = std::min(oldest, journal.name);
  SKEIN_TRY(const auto published, published_files(services, context, state->path));
  store::Store& store = session->store();
  SKEIN_TRY(const auto needed, find_needed_results(store, std::string(time_of_run(oldest)), published));
  SKEIN_TRY(const auto entries, cache::list_entries(store));
  CollectionRules rules = collection_rules(services, context);
  rules.is_unneeded = [&](const cache::Entry& entry) { return !needed.declared.contains(entry.declared); };
  const auto plan = plan_collection(entries, settings_of(context).namespaces(), rules);
  SKEIN_TRY(const auto roots, applied_blobs(services, *session));
  SKEIN_TRY(const auto collected,
            collect(services, store, state->path, entries, plan, roots, "gc", "what nobody needs", input.dry_run));
  output.results = collected.entries;
  output.results_kept = collected.left;
  output.by_reason = collected.by_reason;
  output.repacked = collected.repacked;
  output.store_bytes = collected.freed_bytes;
  if (!input.dry_run) {
    SKEIN_TRY(const auto lines, cache::trim_audit(files, state->path, before(keep.audit_days)));
    static_cast<void>(lines);
    SKEIN_DO(remove_all(files, journals));
    SKEIN_DO(remove_all(files, logs));
    for (const auto& file : outputs)
      if (auto removed = remove_log(files, file.path); !removed && removed.error().code() != Code::not_found)
        return std::unexpected(std::move(removed).error());
  }
  output.freed_bytes = output.journal_bytes + output.log_bytes + output.store_bytes;
  return output;
}

}  // namespace

void register_gc(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<GcInput, GcOutput>(
      {.name = "gc",
       .summary = "Remove what is remembered and too old or too much",
       .description =
           "Removes journals and logs that are older or more than [retention] in skein.toml allows, the oldest "
           "first, and lines of the audit likewise; and from the store what is of no use any more, and what `skein "
           "cache gc` would remove. There stay the results of all runs that "
           "still have a journal, and all results from which the published sites were made. What goes costs "
           "time if it is wanted again, and nothing else.\n\nRefused while a run goes on.",
       .examples = {{"skein gc --dry-run", "what would go"}, {"skein gc", "remove it"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const GcInput& input) { return gc(services, context, input); }, render));
}

}  // namespace skein::app
