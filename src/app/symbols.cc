// `skein symbols`.
#include <algorithm>
#include <memory>

#include "app/operations.h"
#include "app/symbol_users.h"
#include "app/workspace_path.h"
#include "base/executor.h"
#include "repo/extract.h"
#include "repo/snapshot.h"
#include "repo/symbols_json.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

/// So many files are read and parsed before their lines go out: memory stays bounded, lines come early.
constexpr std::size_t kFilesAtOnce = 256;

struct SymbolsInput {
  std::vector<std::string> paths;
  std::string users;

  template <class V>
  static void describe(V& v) {
    v.field("paths", &SymbolsInput::paths, "Files and folders of the workspace; none: all of it.",
            {.positional = true, .value_name = "PATH", .is_path = true});
    v.field("users", &SymbolsInput::users, "Instead: which files use the symbol NAME that PATH defines.",
            {.value_name = "NAME"});
  }
};

struct SymbolsOutput {
  std::int64_t files = 0;
  std::int64_t symbols = 0;
  std::int64_t unreadable = 0;
  bool users = false;

  template <class V>
  static void describe(V& v) {
    v.field("files", &SymbolsOutput::files, "Files of a language whose symbols are known.");
    v.field("symbols", &SymbolsOutput::symbols, "Lines that were given.");
    v.field("unreadable", &SymbolsOutput::unreadable, "Files that could not be read.");
    v.field("users", &SymbolsOutput::users, "The lines are uses, and the files those that hold the name.");
  }
};

std::string render(const SymbolsOutput& output, const engine::Style&) {
  const std::string lines = text::format_count(output.symbols);
  const std::string files = text::format_count(output.files);
  std::string text =
      output.users ? fmt::format("{} uses, inferred from imports and packages; {} files hold the name", lines, files)
                   : fmt::format("{} symbols in {} files", lines, files);
  if (output.unreadable > 0) text += fmt::format("; {} files could not be read", text::format_count(output.unreadable));
  return text + "\n";
}

/// Of the snapshot, those that `wanted` names or that lie below it; all for none.
std::vector<std::string> files_below(const repo::Snapshot& snapshot, const std::vector<std::string>& wanted) {
  std::vector<std::string> chosen;
  for (const repo::SnapshotFile& file : snapshot.files) {
    if (file.kind != repo::FileKind::text || file.traits.minified || file.traits.huge) continue;
    const bool named =
        wanted.empty() || std::ranges::any_of(wanted, [&](const std::string& path) {
          return path.empty() || file.path == path || (file.path.starts_with(path) && file.path[path.size()] == '/');
        });
    if (named) chosen.push_back(file.path);
  }
  return chosen;
}

Result<std::vector<std::string>> wanted_paths(const Context& context, const std::vector<std::string>& paths) {
  std::vector<std::string> wanted;
  for (const std::string& path : paths) {
    SKEIN_TRY(std::string below, below_root(context.workspace, path));
    wanted.push_back(std::move(below));
  }
  std::ranges::sort(wanted);
  wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
  return wanted;
}

/// The files to look at, sorted.
Result<std::vector<std::string>> chosen_files(const Context& context, const std::vector<std::string>& paths,
                                              Executor& executor) {
  SKEIN_TRY(const auto wanted, wanted_paths(context, paths));
  if (!paths.empty() && std::ranges::all_of(paths, is_file)) return wanted;
  SKEIN_TRY(const repo::Snapshot snapshot, repo::scan(context.workspace, {}, executor));
  return files_below(snapshot, wanted);
}

/// One file's part of the answer.
struct FileLines {
  std::string text;  ///< Lines, each with its newline.
  std::int64_t symbols = 0;
  bool known = false;
  bool unreadable = false;
  std::optional<Error> error;
};

FileLines lines_of(const Services& services, const Context& context, const std::string& path) {
  FileLines lines;
  const auto bytes = read_file(services.files, join_path(context.workspace, path));
  if (!bytes) {
    lines.unreadable = true;
    return lines;
  }
  const repo::Language* language =
      repo::builtin_languages().by_path_and_content(path, std::string_view(*bytes).substr(0, repo::Languages::kWindow));
  if (language == nullptr || !language->has_grammar()) return lines;
  auto facts = repo::extract(*language, *bytes);
  if (!facts) {
    lines.error = std::move(facts).error().with(path);
    return lines;
  }
  lines.known = true;
  lines.symbols = static_cast<std::int64_t>(facts->symbols.size());
  if (context.json) {
    repo::append_symbols_json(lines.text, path, *facts);
    return lines;
  }
  for (const repo::Symbol& symbol : facts->symbols) {
    const std::string scope = repo::scope_of(*facts, symbol);
    lines.text += fmt::format("{}:{}: {} {}{}{}\n", text::printable(path), symbol.line, to_string(symbol.kind),
                              text::printable(scope), scope.empty() ? "" : ".", text::printable(symbol.name));
  }
  return lines;
}

Result<SymbolsOutput> symbols(const Services& services, const Context& context, const SymbolsInput& input) {
  std::unique_ptr<Executor> executor;
  if (context.jobs > 1)
    executor = std::make_unique<ThreadPool>(context.jobs - 1);  // This thread helps.
  else
    executor = std::make_unique<InlineExecutor>();
  if (!input.users.empty()) {
    SKEIN_TRY(const auto wanted, wanted_paths(context, input.paths));
    const RememberedFacts remembered(services, context);
    SKEIN_TRY(const repo::Snapshot snapshot, repo::scan(context.workspace, {}, *executor, remembered.table()));
    SKEIN_TRY(const auto found, users_of_symbol(services, context, remembered, snapshot, *executor, input.users,
                                                files_below(snapshot, wanted)));
    return SymbolsOutput{found.files, found.uses, found.unreadable, true};
  }
  SKEIN_TRY(const auto files, chosen_files(context, input.paths, *executor));
  SymbolsOutput output;
  for (std::size_t begin = 0; begin < files.size(); begin += kFilesAtOnce) {
    if (context.stop.stop_requested())
      return fail(Code::cancelled, "stopped after {} of {} files", begin, files.size());
    std::vector<FileLines> answers(std::min(kFilesAtOnce, files.size() - begin));
    parallel_for(*executor, answers.size(),
                 [&](std::size_t i) { answers[i] = lines_of(services, context, files[begin + i]); });
    for (FileLines& answer : answers) {
      if (answer.error) return std::unexpected(std::move(*answer.error));
      output.files += answer.known ? 1 : 0;
      output.unreadable += answer.unreadable ? 1 : 0;
      output.symbols += answer.symbols;
      if (answer.text.empty()) continue;
      answer.text.pop_back();
      SKEIN_DO(context.lines->line(answer.text));
    }
  }
  return output;
}

}  // namespace

void register_symbols(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<SymbolsInput, SymbolsOutput>(
      {.name = "symbols",
       .summary = "List what is defined where",
       .description =
           "Prints one line per symbol, in the order of paths and lines. With --json each line is an object "
           "with name, kind, language, path, line, end_line, scope, signature and visibility. --users gives the "
           "files that import one that defines NAME, or share its package, and name it: inferred, since what a name "
           "means is "
           "not looked up further; private symbols have none.",
       .examples = {{"skein symbols", "of the whole workspace"},
                    {"skein symbols src --json", "of a folder, as JSON lines"},
                    {"skein symbols --users Session.run", "which files use it"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state},  // Opening the state mends it.
       .streams = true},
      [&services](const Context& context, const SymbolsInput& input) { return symbols(services, context, input); },
      render));
}

}  // namespace skein::app
