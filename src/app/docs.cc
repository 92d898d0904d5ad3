// `skein docs`.
#include "app/docs_target.h"
#include "app/machinery.h"
#include "app/operations.h"
#include "app/user_key.h"
#include "base/platform/build_id.h"
#include "docs/site.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct DocsInput {
  std::optional<std::string> dir;
  std::optional<std::string> out;

  template <class V>
  static void describe(V& v) {
    v.field("dir", &DocsInput::dir, "The folder to document; without it, the workspace.",
            {.positional = true, .value_name = "DIR", .is_path = true, .selects_workspace = true});
    v.field("out", &DocsInput::out, "Where the site goes; default: the setting docs.out.",
            {.short_name = 'o', .value_name = "OUT", .is_path = true});
  }
};

struct DocsFailure {
  std::string step;
  std::string error;

  template <class V>
  static void describe(V& v) {
    v.field("step", &DocsFailure::step, "Name of the step.");
    v.field("error", &DocsFailure::error, "What went wrong.");
  }
};

struct DocsOutput {
  std::string status;
  std::string site;
  std::string index;
  std::string run;
  bool unchanged = false;
  std::int64_t files = 0;
  std::int64_t documented = 0;
  std::int64_t pages = 0;
  std::int64_t written = 0;
  std::int64_t removed = 0;
  std::int64_t steps_done = 0;
  std::int64_t steps_reused = 0;
  std::int64_t wall_us = 0;
  std::vector<std::string> changed_pages;
  std::vector<DocsFailure> failures;
  std::vector<std::string> notes;

  template <class V>
  static void describe(V& v) {
    v.field("status", &DocsOutput::status, "\"ok\", \"failed\" or \"cancelled\".");
    v.field("site", &DocsOutput::site, "Folder of the site.");
    v.field("index", &DocsOutput::index, "The page to open first.");
    v.field("run", &DocsOutput::run, "Name of the run; empty when nothing had to be done.");
    v.field("unchanged", &DocsOutput::unchanged, "True if nothing had changed since the last time.");
    v.field("files", &DocsOutput::files, "Files of the workspace.");
    v.field("documented", &DocsOutput::documented, "Files with a page of their own.");
    v.field("pages", &DocsOutput::pages, "Files of the site.");
    v.field("written", &DocsOutput::written, "Files of the site that were written.");
    v.field("removed", &DocsOutput::removed, "Files of the site that were removed.");
    v.field("steps_done", &DocsOutput::steps_done, "Steps that were done.");
    v.field("steps_reused", &DocsOutput::steps_reused, "Steps whose results were remembered.");
    v.field("wall_us", &DocsOutput::wall_us, "Time that the run took, in microseconds.");
    v.field("changed_pages", &DocsOutput::changed_pages, "The first hundred files of the site that changed.");
    v.field("failures", &DocsOutput::failures, "Steps that failed.");
    v.field("notes", &DocsOutput::notes, "What a reader should know.");
  }
  [[nodiscard]] bool succeeded() const { return status == "ok"; }
};

constexpr std::size_t kShownChanges = 100;

std::string render(const DocsOutput& output, const engine::Style& style) {
  std::string text;
  for (const auto& note : output.notes) text += fmt::format("note: {}\n", text::printable(note));
  if (output.unchanged) return text + fmt::format("Nothing changed: {}\n", text::printable(output.index));
  for (const auto& failure : output.failures)
    text += fmt::format("failed: {}: {}\n", text::printable(failure.step), text::printable(failure.error));
  if (output.status != "ok") {
    text += output.status == "cancelled"
                ? "Stopped. What was done is kept; the next `skein docs` goes on from there.\n"
                : fmt::format("The site was left as it was. `skein runs show {}` tells more.\n", output.run);
    return text;
  }
  text += fmt::format("{}\n", text::printable(output.index));
  text += fmt::format("{} of {} files documented; {} pages written, {} removed, {} as they were; {:.2f} s\n",
                      text::format_count(output.documented), text::format_count(output.files),
                      text::format_count(output.written), text::format_count(output.removed),
                      text::format_count(output.pages - output.written), static_cast<double>(output.wall_us) / 1e6);
  if (style.verbose)
    text += fmt::format("{} steps done, {} reused; run {}\n", text::format_count(output.steps_done),
                        text::format_count(output.steps_reused), output.run);
  return text;
}

/// The input as it can be run again from any folder.
std::string recorded(const Context& context, const DocsInput& input, const DocsTarget& target) {
  DocsInput whole = input;
  if (whole.dir) whole.dir = context.workspace;
  if (whole.out) whole.out = target.site;
  return engine::write_json(whole).dump(-1, ' ', false, engine::Json::error_handler_t::replace);
}

Result<DocsOutput> docs(const Services& services, const Context& context, const DocsInput& input) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const StateFolder state, locate_state_folder(context.workspace, folders.state, services.mount_of));
  const auto& settings = settings_of(context).values();
  docs::SiteRequest request;
  request.root = context.workspace;
  SKEIN_TRY(const DocsTarget target, docs_target(context, state.path, folders.state, input.out));
  request.target = target.site;
  if (request.target == request.root || request.root.starts_with(request.target + "/"))
    return fail(Code::invalid_argument,
                "the site cannot be written over what it documents: choose another folder with --out");
  request.table = target.table;
  request.lock = target.lock;
  request.name = settings.project.name.value_or("");
  request.description = settings.project.description.value_or("");
  request.exclude = settings.docs.exclude;
  request.build = build_id();
  request.use_cache = !context.no_cache && context.refresh.empty();

  DocsOutput output;
  output.site = request.target;
  output.index = join_path(request.target, "index.html");
  SKEIN_TRY(const std::string key, user_key(services.files, folders.state));
  if (is_own_state(services.files, state.path, key) && docs::is_unchanged(request)) {
    output.status = "ok";
    output.unchanged = true;
    [[maybe_unused]] const auto only_statistics =
        cache::add_counts(services.files, state.path, {{"docs.site", {.hits = 1}}}, services.clock.wall());
    return output;
  }
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_DO(services.files.make_directories(join_path(state.path, "tables")));
  SKEIN_TRY(const auto report, docs::document(request, services.files, machinery.pool(), *session,
                                              machinery.request("docs", recorded(context, input, target))));
  output.status = to_string(report.status);
  output.run = report.run;
  output.files = static_cast<std::int64_t>(report.files);
  output.documented = static_cast<std::int64_t>(report.documented);
  output.pages = static_cast<std::int64_t>(report.site.total);
  output.written = static_cast<std::int64_t>(report.site.written);
  output.removed = static_cast<std::int64_t>(report.site.removed);
  output.steps_done = static_cast<std::int64_t>(report.steps_done);
  output.steps_reused = static_cast<std::int64_t>(report.steps_reused);
  output.wall_us = report.wall.count();
  for (const auto& change : report.site.changes)
    if (output.changed_pages.size() < kShownChanges) output.changed_pages.push_back(change.path);
  for (const auto& failure : report.failures) output.failures.push_back({failure.step, failure.error.to_string()});
  output.notes = report.notes;
  if (report.status == engine::RunStatus::cancelled)
    return fail(Code::cancelled, "stopped; what was done is kept, and the next `skein docs` goes on from there");
  return output;
}

}  // namespace

void register_docs(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<DocsInput, DocsOutput>(
      {.name = "docs",
       .summary = "Document the repository as a linked site",
       .description =
           "Writes a site about the workspace: an overview, a page per folder and per source\nfile, for "
           "people (HTML) and for agents (Markdown, llms.txt, index.json). The\nsecond time, only what "
           "changed is done again.\n\nThe site needs no server: open its index.html. Nothing leaves this machine.",
       .examples = {{"skein docs", "document this repository"},
                    {"skein docs ../other --out /tmp/site", "another one, elsewhere"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files},
       .records_runs = true},
      [&services](const Context& context, const DocsInput& input) { return docs(services, context, input); }, render));
}

}  // namespace skein::app
