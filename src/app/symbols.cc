// `skein symbols`.
#include <algorithm>
#include <memory>

#include "app/operations.h"
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

  template <class V>
  static void describe(V& v) {
    v.field("paths", &SymbolsInput::paths, "Files and folders of the workspace; none: all of it.",
            {.positional = true, .value_name = "PATH", .is_path = true});
  }
};

struct SymbolsOutput {
  std::int64_t files = 0;
  std::int64_t symbols = 0;
  std::int64_t unreadable = 0;

  template <class V>
  static void describe(V& v) {
    v.field("files", &SymbolsOutput::files, "Files of a language whose symbols are known.");
    v.field("symbols", &SymbolsOutput::symbols, "Lines that were given.");
    v.field("unreadable", &SymbolsOutput::unreadable, "Files that could not be read.");
  }
};

std::string render(const SymbolsOutput& output, const engine::Style&) {
  std::string text =
      fmt::format("{} symbols in {} files", text::format_count(output.symbols), text::format_count(output.files));
  if (output.unreadable > 0) text += fmt::format("; {} files could not be read", text::format_count(output.unreadable));
  return text + "\n";
}

/// A path of the user's as one below the root; empty for the root itself.
Result<std::string> below_root(const std::string& root, const std::string& path) {
  SKEIN_TRY(const std::string real, real_path(path));
  if (real == root) return std::string();
  const std::string prefix = root == "/" ? root : root + "/";
  if (!real.starts_with(prefix))
    return std::unexpected(Error(Code::invalid_argument, fmt::format("{} is not in the workspace {}", path, root))
                               .or_do("name its workspace: `skein -C DIR symbols`"));
  return real.substr(prefix.size());
}

/// The files to look at, sorted.
Result<std::vector<std::string>> chosen_files(const Context& context, const std::vector<std::string>& paths,
                                              Executor& executor) {
  std::vector<std::string> wanted;
  bool all_are_files = !paths.empty();
  for (const std::string& path : paths) {
    SKEIN_TRY(std::string below, below_root(context.workspace, path));
    all_are_files = all_are_files && is_file(path);
    wanted.push_back(std::move(below));
  }
  std::ranges::sort(wanted);
  wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
  if (all_are_files) return wanted;
  SKEIN_TRY(const repo::Snapshot snapshot, repo::scan(context.workspace, {}, executor));
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
       .description = "Prints one line per symbol, in the order of paths and lines. With --json each line is an object "
                      "with name, kind, language, path, line, end_line, scope, signature and visibility.",
       .examples = {{"skein symbols", "of the whole workspace"},
                    {"skein symbols src --json", "of a folder, as JSON lines"}},
       .streams = true},
      [&services](const Context& context, const SymbolsInput& input) { return symbols(services, context, input); },
      render));
}

}  // namespace skein::app
