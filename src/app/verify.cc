// `skein verify`.
#include <algorithm>

#include "app/machinery.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "app/site_check.h"
#include "app/store_repair.h"
#include "text/printable.h"
#include "text/quantity.h"
#include "text/wrap.h"

namespace skein::app {
namespace {

using engine::Context;

constexpr std::size_t kShown = 10;

struct VerifyInput {
  bool repair = false;

  template <class V>
  static void describe(V& v) {
    v.field("repair", &VerifyInput::repair,
            "Take what is damaged out of use, so that the next `skein docs` makes it again.");
  }
};

struct DamagedItem {
  std::string what;
  std::string problem;

  template <class V>
  static void describe(V& v) {
    v.field("what", &DamagedItem::what, "A journal, a page or the store.");
    v.field("problem", &DamagedItem::problem, "What is wrong with it.");
  }
};

struct VerifyOutput {
  std::int64_t blobs = 0;
  std::int64_t results = 0;
  std::int64_t bytes = 0;
  std::int64_t journals = 0;
  std::int64_t sites = 0;
  std::int64_t pages = 0;
  std::vector<DamagedItem> damaged;
  bool repaired = false;

  template <class V>
  static void describe(V& v) {
    v.field("blobs", &VerifyOutput::blobs, "Blobs of the store that were read.");
    v.field("results", &VerifyOutput::results, "Results of the store that were read.");
    v.field("bytes", &VerifyOutput::bytes, "Of all blobs, unpacked.");
    v.field("journals", &VerifyOutput::journals, "Journals that were read.");
    v.field("sites", &VerifyOutput::sites, "Sites that were compared with their manifests.");
    v.field("pages", &VerifyOutput::pages, "Files of these sites.");
    v.field("damaged", &VerifyOutput::damaged, "What failed its check.");
    v.field("repaired", &VerifyOutput::repaired, "True if it was taken out of use.");
  }
  [[nodiscard]] bool succeeded() const { return damaged.empty() || repaired; }
};

std::string render(const VerifyOutput& output, const engine::Style& style) {
  std::string text = fmt::format("{} blobs ({}), {} results, {} journals, {} pages of {} site{} read\n",
                                 text::format_count(output.blobs), text::format_bytes(Bytes{output.bytes}),
                                 text::format_count(output.results), text::format_count(output.journals),
                                 text::format_count(output.pages), output.sites, output.sites == 1 ? "" : "s");
  if (output.damaged.empty()) return text + "Nothing is damaged.\n";
  const std::size_t shown = style.verbose ? output.damaged.size() : std::min(output.damaged.size(), kShown);
  for (std::size_t i = 0; i < shown; ++i)
    text += text::wrap(fmt::format("damaged: {}: {}", text::printable(output.damaged[i].what),
                                   text::printable(output.damaged[i].problem)),
                       80, "");
  if (shown < output.damaged.size()) text += fmt::format("and {} more (--verbose)\n", output.damaged.size() - shown);
  return text + (output.repaired
                     ? "Taken out of use. `skein docs` makes again what is missing.\n"
                     : "`skein verify --repair` takes this out of use; then `skein docs` makes it again.\n");
}

/// A run that was killed before its start was durable has an end alone.
bool may_begin(const std::optional<engine::JournalRecord>& record) {
  return record &&
         (std::holds_alternative<engine::JournalStart>(*record) || std::holds_alternative<engine::JournalEnd>(*record));
}

/// Why a journal is not whole; or nothing. A journal without an end is whole: its run was killed, or goes on.
std::string problem_of(FileSystem& files, const std::string& state, const std::string& run) {
  const auto file = files.open(engine::journal_path(state, run), OpenMode::read);
  if (!file) return file.error().to_string();
  std::string problem;
  bool first = true;
  const auto end = store::scan_records(**file, store::LogKind::journal, 0, [&](const store::Record& raw) {
    const auto record = engine::decode_record(raw.type, raw.payload);
    if (!record)
      problem = record.error().to_string();
    else if (first && !may_begin(*record))
      problem = "it does not begin with a start";
    first = false;
    return problem.empty();
  });
  if (!end) return end.error().to_string();
  if (!problem.empty()) return problem;
  const auto size = (*file)->size();
  if (!size) return size.error().to_string();
  // Only while it is written may its last record be half there: opening the session cut off what killed runs left.
  if (*end < *size && !is_running(state, run)) return fmt::format("damaged at byte {} of {}", *end, *size);
  return {};
}

Result<VerifyOutput> verify(const Services& services, const Context& context, const VerifyInput& input) {
  VerifyOutput output;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return output;
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const auto store, session->store().verify());
  output.blobs = static_cast<std::int64_t>(store.blobs);
  output.results = static_cast<std::int64_t>(store.results);
  output.bytes = static_cast<std::int64_t>(store.raw_bytes);
  if (store.damaged > 0)
    output.damaged.push_back(
        {"the store", fmt::format("{} record{} failed {} check; what they held is made again when needed",
                                  store.damaged, store.damaged == 1 ? "" : "s", store.damaged == 1 ? "its" : "their")});
  SKEIN_TRY(const auto runs, engine::list_runs(services.files, state->path));
  std::vector<std::string> bad_journals;
  for (const auto& run : runs) {
    ++output.journals;
    auto problem = problem_of(services.files, state->path, run);
    if (problem.empty()) continue;
    bad_journals.push_back(run);
    output.damaged.push_back({"the journal of run " + run, std::move(problem)});
  }
  SKEIN_TRY(const auto targets, known_sites(services, context, state->path));
  std::vector<std::pair<DocsTarget, SiteCheck>> bad_sites;
  for (const auto& target : targets) {
    SKEIN_TRY(auto check, check_site(services.files, target.site));
    if (!check.found) continue;
    ++output.sites;
    output.pages += static_cast<std::int64_t>(check.files);
    if (!check.manifest_problem.empty())
      output.damaged.push_back({join_path(target.site, "skein-site.txt"), check.manifest_problem});
    for (const auto& path : check.damaged)
      output.damaged.push_back({join_path(target.site, path), "it is gone, or not as skein wrote it"});
    if (!check.sound()) bad_sites.emplace_back(target, std::move(check));
  }
  if (!input.repair || output.damaged.empty()) return output;
  if (store.damaged > 0) SKEIN_DO(repair_store(services, *session, store.damaged));
  for (const auto& run : bad_journals) {
    const std::string path = engine::journal_path(state->path, run);
    SKEIN_DO(services.files.rename(path, path + ".damaged"));
  }
  for (const auto& [target, check] : bad_sites) SKEIN_DO(distrust_damaged(services.files, target, check));
  output.repaired = true;
  return output;
}

}  // namespace

void register_verify(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<VerifyInput, VerifyOutput>(
      {.name = "verify",
       .summary = "Check what is remembered, and the published pages",
       .description =
           "Reads every record of the store and of the journals and checks it, and compares the files of the "
           "published sites with their manifests. Damaged results are forgotten at once: their steps are done "
           "again when needed.\n\n--repair also takes damaged pages out of their manifest, so that the next "
           "`skein docs` writes them again, sets damaged journals aside, and rewrites the store without "
           "what is damaged.\n\nExit code 1 says that something is damaged and was not repaired.",
       .examples = {{"skein verify", "look"}, {"skein verify --repair", "and take what is damaged out of use"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files}},
      [&services](const Context& context, const VerifyInput& input) { return verify(services, context, input); },
      render));
}

}  // namespace skein::app
