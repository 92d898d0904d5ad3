// `skein cache export`, `skein cache import`, `skein backup` and `skein restore`: one file out, one file in.
#include <algorithm>

#include "app/machinery.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "cache/archive.h"
#include "cache/audit.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct FileInput {
  std::string file;
  template <class V>
  static void describe(V& v) {
    v.field("file", &FileInput::file, "The archive.",
            {.required = true, .positional = true, .value_name = "FILE", .is_path = true});
  }
};

struct ArchiveOutput {
  std::string file;
  std::int64_t results = 0;
  std::int64_t blobs = 0;
  std::int64_t bytes = 0;
  std::int64_t left_private = 0;
  std::int64_t left_damaged = 0;

  template <class V>
  static void describe(V& v) {
    v.field("file", &ArchiveOutput::file, "The archive.");
    v.field("results", &ArchiveOutput::results, "Results written, or taken that were not known.");
    v.field("blobs", &ArchiveOutput::blobs, "Blobs of these.");
    v.field("bytes", &ArchiveOutput::bytes, "Of the file.");
    v.field("left_private", &ArchiveOutput::left_private, "Results left out: they look like they hold a secret.");
    v.field("left_damaged", &ArchiveOutput::left_damaged, "Results left out: their blobs are lost.");
  }
};

std::string render(const ArchiveOutput& output, const engine::Style&) {
  std::string text = fmt::format("{}: {} results, {}\n", text::printable(output.file),
                                 text::format_count(output.results), text::format_bytes(Bytes{output.bytes}));
  if (output.left_private > 0)
    text += fmt::format("{} results stay with you: they look like they hold a secret\n",
                        text::format_count(output.left_private));
  if (output.left_damaged > 0)
    text += fmt::format("{} results are damaged and were left out\n", text::format_count(output.left_damaged));
  return text;
}

ArchiveOutput shown(const std::string& file, const cache::ArchiveReport& report) {
  return {file,
          static_cast<std::int64_t>(report.results),
          static_cast<std::int64_t>(report.blobs),
          static_cast<std::int64_t>(report.bytes),
          static_cast<std::int64_t>(report.left_private),
          static_cast<std::int64_t>(report.left_damaged)};
}

Status audited(const Services& services, const std::string& state, std::string_view what, const std::string& file,
               std::size_t entries, std::uint64_t bytes) {
  return cache::add_audit(services.files, state,
                          {services.clock.wall(), cache::current_user(), std::string(what), file,
                           static_cast<std::int64_t>(entries), static_cast<std::int64_t>(bytes)});
}

Result<ArchiveOutput> export_cache(const Services& services, const Context& context, const FileInput& input) {
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state)
    return std::unexpected(Error(Code::not_found, "nothing is remembered here").or_do("run `skein docs` first"));
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const auto report, cache::export_results(services.files, session->store(), input.file));
  SKEIN_DO(audited(services, state->path, "export", input.file, report.results, report.bytes));
  return shown(input.file, report);
}

Result<ArchiveOutput> import_cache(const Services& services, const Context& context, const FileInput& input) {
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const auto report, cache::import_results(services.files, session->store(), input.file));
  SKEIN_DO(audited(services, session->folder(), "import", input.file, report.results, report.bytes));
  return shown(input.file, report);
}

struct BackupOutput {
  std::string file;
  std::vector<std::string> files;
  std::int64_t bytes = 0;
  std::int64_t kept = 0;

  template <class V>
  static void describe(V& v) {
    v.field("file", &BackupOutput::file, "The backup.");
    v.field("files", &BackupOutput::files, "What it holds, or what was put back.");
    v.field("bytes", &BackupOutput::bytes, "Of the backup.");
    v.field("kept", &BackupOutput::kept, "Files that were there already and stayed as they are.");
  }
};

std::string render(const BackupOutput& output, const engine::Style& style) {
  std::string text = fmt::format("{}: {} files, {}", text::printable(output.file),
                                 text::format_count(static_cast<std::int64_t>(output.files.size())),
                                 text::format_bytes(Bytes{output.bytes}));
  if (output.kept > 0) text += fmt::format("; {} were there already", text::format_count(output.kept));
  text += "\n";
  if (style.verbose)
    for (const auto& name : output.files) text += fmt::format("  {}\n", text::printable(name));
  return text;
}

BackupOutput shown(const std::string& file, const cache::BackupReport& report) {
  return {file, report.files, static_cast<std::int64_t>(report.bytes), static_cast<std::int64_t>(report.kept)};
}

Result<BackupOutput> backup(const Services& services, const Context& context, const FileInput& input) {
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state)
    return std::unexpected(Error(Code::not_found, "there is no state here to back up").or_do("run `skein docs` first"));
  SKEIN_TRY(const auto report, cache::write_backup(services.files, state->path, input.file));
  return shown(input.file, report);
}

Result<BackupOutput> restore(const Services& services, const Context& context, const FileInput& input) {
  SKEIN_TRY(const StateFolder state, open_state(services, context));
  SKEIN_TRY(const auto report, cache::restore_backup(services.files, state.path, input.file));
  SKEIN_DO(audited(services, state.path, "restore", input.file, report.files.size(), report.bytes));
  return shown(input.file, report);
}

}  // namespace

void register_cache_archive(engine::OperationTable& table, const Services& services) {
  const std::vector<engine::Permission> writes = {engine::Permission::read, engine::Permission::write_state,
                                                  engine::Permission::write_files};
  table.add(engine::Operation::make<FileInput, ArchiveOutput>(
      {.name = "cache export",
       .summary = "Write what is remembered to one file",
       .description = "Writes all results and their blobs to FILE, for another checkout or machine. Results that look "
                      "like they hold a secret stay here.",
       .examples = {{"skein cache export /tmp/warm", "for `skein cache import`"}},
       .permissions = writes},
      [&services](const Context& context, const FileInput& input) { return export_cache(services, context, input); },
      render));
  table.add(engine::Operation::make<FileInput, ArchiveOutput>(
      {.name = "cache import",
       .summary = "Take over what another checkout remembered",
       .description = "Reads and checks all of FILE, then puts its results into the store. A damaged file changes "
                      "nothing. Its results are believed: import only files from people you trust.",
       .examples = {{"skein cache import /tmp/warm", "then `skein docs` finds them"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const FileInput& input) { return import_cache(services, context, input); },
      render));
  table.add(engine::Operation::make<FileInput, BackupOutput>(
      {.name = "backup",
       .summary = "Write state that cannot be made again to one file",
       .description = "Writes journals, the history of durations, the audit and the counts of the cache to FILE. What "
                      "can be made again (results, pages) is left out.",
       .examples = {{"skein backup /tmp/state", "for `skein restore`"}},
       .permissions = writes},
      [&services](const Context& context, const FileInput& input) { return backup(services, context, input); },
      render));
  table.add(engine::Operation::make<FileInput, BackupOutput>(
      {.name = "restore",
       .summary = "Put back what a backup holds",
       .description = "Checks all of FILE, then puts back what is not there. A file that is there stays as it is.",
       .examples = {{"skein restore /tmp/state", "into this workspace"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const FileInput& input) { return restore(services, context, input); },
      render));
}

}  // namespace skein::app
