// `skein docs`.
#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "app/asked_commit.h"
#include "app/docs_target.h"
#include "app/docs_watch.h"
#include "app/machinery.h"
#include "app/operations.h"
#include "app/site_server.h"
#include "app/user_key.h"
#include "docs/change_log.h"
#include "docs/site.h"
#include "docs/stale.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct DocsInput {
  std::optional<std::string> dir;
  std::optional<std::string> out;
  bool check = false;
  std::optional<std::string> changes;
  bool watch = false;
  bool serve = false;
  std::optional<std::int64_t> port;

  template <class V>
  static void describe(V& v) {
    v.field("dir", &DocsInput::dir, "The folder to document; without it, the workspace.",
            {.positional = true, .value_name = "DIR", .is_path = true, .selects_workspace = true});
    v.field("out", &DocsInput::out, "Where the site goes; default: the setting docs.out.",
            {.short_name = 'o', .value_name = "OUT", .is_path = true});
    v.field("check", &DocsInput::check,
            "Say whether the site is what it would be now; exit code 1 if not. Writes nothing.");
    v.field("changes", &DocsInput::changes,
            "Show what the last publication changed, or all since the one at commit REV. Writes nothing.",
            {.value_name = "REV", .optional_value = true});
    v.field("watch", &DocsInput::watch, "Go on documenting what changes until Ctrl-C.");
    v.field("serve", &DocsInput::serve, "Show the site on this machine's loopback while it grows, until Ctrl-C.");
    v.field("port", &DocsInput::port, "Where --serve listens; 0: any free port. Default: 4321.",
            {.value_name = "N", .min = 0, .max = 65535});
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
  std::int64_t first_overview_us = 0;
  std::vector<std::string> changed_pages;
  std::vector<std::string> log;
  std::vector<std::string> stale;
  std::vector<DocsFailure> failures;
  std::vector<std::string> notes;

  template <class V>
  static void describe(V& v) {
    v.field("status", &DocsOutput::status, "\"ok\", \"failed\", \"cancelled\" or, with --check, \"stale\".");
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
    v.field("first_overview_us", &DocsOutput::first_overview_us,
            "Time until a first overview was on disk, in microseconds; 0 where there was a site before.");
    v.field("log", &DocsOutput::log, "What changed: symbols and pages, and why.");
    v.field("stale", &DocsOutput::stale, "With --check: files of the site that are missing, old or too many.");
    v.field("changed_pages", &DocsOutput::changed_pages, "The first hundred files of the site that changed.");
    v.field("failures", &DocsOutput::failures, "Steps that failed.");
    v.field("notes", &DocsOutput::notes, "What a reader should know.");
  }
  [[nodiscard]] bool succeeded() const { return status == "ok"; }
};

constexpr std::size_t kShownChanges = 100;
constexpr std::int64_t kPort = 4321;

std::string render(const DocsOutput& output, const engine::Style& style) {
  std::string text;
  for (const auto& note : output.notes) text += fmt::format("note: {}\n", text::printable(note));
  if (output.status == "stale") {
    for (const auto& file : output.stale) text += fmt::format("stale: {}\n", text::printable(file));
    return text + fmt::format("The site in {} is not up to date: run `skein docs`.\n", text::printable(output.site));
  }
  if (output.run.empty() && !output.unchanged && output.failures.empty() && output.status == "ok") {
    for (const auto& line : output.log) text += text::printable(line) + "\n";
    return text;
  }
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
  if (style.verbose)
    for (const auto& line : output.log) text += text::printable(line) + "\n";
  else if (!output.log.empty())
    text += text::printable(output.log.front()) + "\n";
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
  whole.watch = whole.serve = false;
  whole.port.reset();
  if (whole.dir) whole.dir = context.workspace;
  if (whole.out) whole.out = target.site;
  return engine::write_json(whole).dump(-1, ' ', false, engine::Json::error_handler_t::replace);
}

/// `docs --check`: nothing is written, also no state. A state that says "unchanged" is believed.
Result<DocsOutput> check_docs(const Services& services, const Context& context, const docs::SiteRequest& request,
                              const std::string& state, const std::string& user_state, DocsOutput output) {
  output.status = "ok";
  if (services.files.list(join_path(state, "tables"))) {
    SKEIN_TRY(const std::string key, user_key(services.files, user_state));
    if (is_own_state(services.files, state, key) && docs::is_unchanged(request)) {
      output.unchanged = true;
      return output;
    }
  }
  Machinery machinery(services, context);
  const auto options = machinery.request("docs", "").options;
  SKEIN_TRY(const auto found,
            docs::compare(request, services.files, machinery.pool(), machinery.loop(), options, context.stop));
  output.notes = found.notes;
  output.unchanged = found.is_current();
  if (output.unchanged) return output;
  output.status = "stale";
  // Where the code of a page changed, that is why; without a remembered publication the page's bytes alone tell.
  const auto reasons = docs::stale_pages(request, services.files, machinery.pool());
  const auto add = [&](const std::vector<std::string>& files, std::string_view why) {
    for (const auto& file : files) {
      if (output.stale.size() >= kShownChanges) return;
      const auto* reason = reasons ? docs::find_stale(*reasons, file) : nullptr;
      output.stale.push_back(reason == nullptr ? fmt::format("{} {}", file, why)
                                               : fmt::format("{} {}: {}", file, why, reason->why));
    }
  };
  if (!found.exists) {
    output.stale.push_back("there is no site");
    return output;
  }
  add(found.stale, "is not what it would be now");
  add(found.missing, "is missing");
  add(found.surplus, "should not be there");
  return output;
}

/// `docs --changes [REV]`.
Result<DocsOutput> show_changes(const Services& services, const docs::SiteRequest& request, std::string rev,
                                DocsOutput output) {
  auto log = docs::change_log(request, services.files);
  if (!log)
    return std::unexpected(
        std::move(log).error().or_do("run `skein docs`: from then on every publication is remembered"));
  if (!rev.empty()) {
    SKEIN_TRY(rev, asked_commit(services, request.root, rev));
  }
  std::size_t shown = rev.empty() ? 1 : log->size();
  if (!rev.empty()) {
    const auto at = std::ranges::find_if(*log, [&](const auto& entry) { return entry.commit.starts_with(rev); });
    if (at == log->end()) {
      std::string known;
      for (const auto& entry : *log)
        if (!entry.commit.empty() && !known.contains(entry.commit.substr(0, 12)))
          known += (known.empty() ? "" : ", ") + entry.commit.substr(0, 12);
      return std::unexpected(
          Error(Code::invalid_argument, fmt::format("no publication at commit {} is remembered", rev))
              .or_do(known.empty() ? "none of the remembered ones was made at a commit"
                                   : "give one of these, or the beginning of it: " + known));
    }
    shown = static_cast<std::size_t>(at - log->begin());
  }
  output.status = "ok";
  for (std::size_t i = 0; i < shown; ++i)
    for (auto& line : docs::changes_lines((*log)[i])) output.log.push_back(std::move(line));
  if (shown == 0) output.log.push_back("Nothing was published since then.");
  return output;
}

/// One round: what `skein docs` does.
Result<DocsOutput> document_once(const Services& services, const Context& context, const DocsInput& input) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const StateFolder state, locate_state_folder(context.workspace, folders.state, services.mount_of));
  SKEIN_TRY(const DocsTarget target, docs_target(context, state.path, folders.state, input.out));
  docs::SiteRequest request = site_request(services, context, state.path, target);
  request.remains = services.remains;
  if (request.target == request.root || request.root.starts_with(request.target + "/"))
    return fail(Code::invalid_argument,
                "the site cannot be written over what it documents: choose another folder with --out");
  DocsOutput output;
  output.site = request.target;
  output.index = join_path(request.target, "index.html");
  if (input.check && input.changes)
    return fail(Code::invalid_argument, "--check and --changes are two questions: ask one of them");
  if (input.changes) return show_changes(services, request, *input.changes, std::move(output));
  if (input.check) return check_docs(services, context, request, state.path, folders.state, std::move(output));
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
  output.first_overview_us = report.first_overview.count();
  if (report.status == engine::RunStatus::ok && report.site.log.total_pages > 0)
    output.log = docs::changes_lines(report.site.log);
  for (const auto& change : report.site.changes)
    if (output.changed_pages.size() < kShownChanges) output.changed_pages.push_back(change.path);
  for (const auto& failure : report.failures) output.failures.push_back({failure.step, failure.error.to_string()});
  output.notes = report.notes;
  if (report.status == engine::RunStatus::cancelled)
    return fail(Code::cancelled, "stopped; what was done is kept, and the next `skein docs` goes on from there");
  return output;
}

/// Rounds until Ctrl-C, each shown when it ends.
Result<DocsOutput> keep_documenting(const Services& services, const Context& context, const DocsInput& input) {
  if (input.check || input.changes)
    return fail(Code::invalid_argument, "--watch and --serve go on: leave out --check and --changes");
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const StateFolder state, locate_state_folder(context.workspace, folders.state, services.mount_of));
  SKEIN_TRY(const DocsTarget target, docs_target(context, state.path, folders.state, input.out));
  DocsOutput last;
  WatchLoop loop;
  loop.open = [&] { return watch_workspace(services, context.workspace, target.site); };
  loop.failed = [&](const Error& error) {
    if (context.note) context.note(error.to_string() + "; it goes on with the next change");
  };
  if (context.observer != nullptr) loop.observers.push_back(context.observer);
  const auto show = [&](const DocsOutput& output) -> Status {
    if (context.quiet && !context.json) return {};
    std::string text = context.json ? engine::detail::with_schema("skein.docs/1", engine::write_json(output))
                                          .dump(-1, ' ', false, engine::Json::error_handler_t::replace)
                                    : render(output, context.style);
    while (text.ends_with('\n')) text.pop_back();
    SKEIN_DO(context.lines->line(text));
    return context.lines->flush();
  };
  loop.round = [&](const Burst& burst) -> Status {
    SKEIN_TRY(auto output, document_once(services, context, input));
    // What changed nothing of the site (an index that git refreshed) is not worth a line.
    if (!output.unchanged || (burst.changes.empty() && !burst.overflow)) SKEIN_DO(show(output));
    last = std::move(output);
    return {};
  };
  std::unique_ptr<net::HttpServer> server;
  if (input.serve) {
    if (context.mode == engine::Mode::airgapped)
      return std::unexpected(
          Error(Code::permission_denied, "--serve opens a socket, and the mode airgapped allows none")
              .or_do("use --mode local, or open index.html of the site: it needs no server"));
    const auto pages = std::make_shared<SitePages>(services.files, site_request(services, context, state.path, target));
    SKEIN_TRY(server, serve_site(pages, static_cast<std::uint16_t>(input.port.value_or(kPort))));
    const auto url = fmt::format("http://127.0.0.1:{}/", server->port());
    SKEIN_DO(context.lines->line(context.json ? engine::Json({{"schema", "skein.docs.serve/1"}, {"url", url}}).dump()
                                              : fmt::format("serving on {} until Ctrl-C", url)));
    SKEIN_DO(context.lines->flush());
  }
  if (input.watch) {
    SKEIN_DO(watch_rounds(loop, context.stop));
  } else {
    if (auto done = loop.round({}); !done && done.error().code() != Code::cancelled) loop.failed(done.error());
    std::mutex waiting;
    std::condition_variable_any stopped;
    std::unique_lock lock(waiting);
    stopped.wait(lock, context.stop, [] { return false; });
  }
  if (context.exit_code != nullptr) *context.exit_code = 130;
  DocsOutput ended;
  ended.status = "ok";
  ended.site = last.site;
  ended.index = last.index;
  ended.log.emplace_back("Stopped.");
  return ended;
}

Result<DocsOutput> docs(const Services& services, const Context& context, const DocsInput& input) {
  if (input.port && !input.serve) return fail(Code::invalid_argument, "--port is where --serve listens: give both");
  if (!input.watch && !input.serve) return document_once(services, context, input);
  Services staying = services;
  staying.remains = nullptr;  // Many rounds in one process.
  return keep_documenting(staying, context, input);
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
                    {"skein docs ../other --out /tmp/site", "another one, elsewhere"},
                    {"skein docs --check", "is the site up to date? For CI"},
                    {"skein docs --serve --watch", "read it in a browser while you work"},
                    {"skein docs --watch", "go on with what changes, until Ctrl-C"},
                    {"skein docs --changes", "what the last publication changed, and why"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files},
       .records_runs = true},
      [&services](const Context& context, const DocsInput& input) { return docs(services, context, input); }, render));
}

}  // namespace skein::app
