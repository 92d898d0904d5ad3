// `skein history`.
#include <algorithm>
#include <memory>

#include "app/history_window.h"
#include "app/operations.h"
#include "base/executor.h"
#include "repo/extract.h"
#include "repo/history.h"
#include "repo/history_cache.h"
#include "repo/snapshot.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct HistoryInput {
  int top = 10;

  template <class V>
  static void describe(V& v) {
    v.field("top", &HistoryInput::top, "How many hot spots, people and folders to show.",
            {.value_name = "N", .min = 1, .max = 10'000});
  }
};

struct HistoryPerson {
  std::string name;
  std::int64_t commits = 0;
  std::int64_t lines = 0;
  template <class V>
  static void describe(V& v) {
    v.field("name", &HistoryPerson::name, "As in git, mapped by .mailmap.");
    v.field("commits", &HistoryPerson::commits, "Without merges.");
    v.field("lines", &HistoryPerson::lines, "Added and removed.");
  }
};

struct HistorySpot {
  std::string path;
  std::int64_t commits = 0;
  std::int64_t complexity = 0;
  std::int64_t score = 0;
  template <class V>
  static void describe(V& v) {
    v.field("path", &HistorySpot::path, "Of the file.");
    v.field("commits", &HistorySpot::commits, "That touched it.");
    v.field("complexity", &HistorySpot::complexity, "Decisions in its code.");
    v.field("score", &HistorySpot::score, "Commits times complexity.");
  }
};

struct HistoryFolder {
  std::string path;
  std::int64_t commits = 0;
  std::int64_t people = 0;
  std::string owner;
  std::int64_t owner_commits = 0;
  template <class V>
  static void describe(V& v) {
    v.field("path", &HistoryFolder::path, "Of the folder; empty: the workspace.");
    v.field("commits", &HistoryFolder::commits, "That touched something below it.");
    v.field("people", &HistoryFolder::people, "Who made them.");
    v.field("owner", &HistoryFolder::owner, "Who made most of them.");
    v.field("owner_commits", &HistoryFolder::owner_commits, "How many.");
  }
};

struct HistoryOutput {
  std::int64_t commits = 0;
  std::int64_t merges = 0;
  std::int64_t compared = 0;
  bool complete = false;
  bool shallow = false;
  std::vector<HistorySpot> hot_spots;
  std::vector<HistoryPerson> people;
  std::vector<HistoryFolder> folders;
  std::vector<std::string> notes;
  template <class V>
  static void describe(V& v) {
    v.field("commits", &HistoryOutput::commits, "In the window that the settings give, merges included.");
    v.field("merges", &HistoryOutput::merges, "Of these; they count for nobody.");
    v.field("compared", &HistoryOutput::compared, "Commits that were not remembered from before.");
    v.field("complete", &HistoryOutput::complete, "True if the window holds all commits.");
    v.field("shallow", &HistoryOutput::shallow, "True if commits are missing here.");
    v.field("hot_spots", &HistoryOutput::hot_spots,
            "Files that change often and decide much, the highest score first.");
    v.field("people", &HistoryOutput::people, "Most commits first.");
    v.field("folders", &HistoryOutput::folders, "Most commits first.");
    v.field("notes", &HistoryOutput::notes, "What is not known, and why.");
  }
};

std::string render(const HistoryOutput& output, const engine::Style&) {
  std::string text;
  for (const auto& note : output.notes) text += fmt::format("note: {}\n", text::printable(note));
  if (output.commits == 0) return text;
  text += fmt::format("{} commits, {} of them merges{}\n", text::format_count(output.commits),
                      text::format_count(output.merges), output.complete ? ": all there are" : "");
  if (!output.hot_spots.empty()) text += "\nHot spots: commits x decisions in the code\n";
  for (const auto& spot : output.hot_spots)
    text += fmt::format("{:>10}  {} ({} x {})\n", text::format_count(spot.score), text::printable(spot.path),
                        spot.commits, spot.complexity);
  text += "\nPeople: commits\n";
  for (const auto& person : output.people)
    text += fmt::format("{:>10}  {}\n", text::format_count(person.commits), text::printable(person.name));
  text += "\nFolders: commits, and who made most of them\n";
  for (const auto& folder : output.folders)
    text += fmt::format("{:>10}  {}  {} ({} of {})\n", text::format_count(folder.commits),
                        folder.path.empty() ? "." : text::printable(folder.path), text::printable(folder.owner),
                        folder.owner_commits, folder.commits);
  return text;
}

/// Decisions in the code of the files that were touched more than once.
std::vector<repo::FileComplexity> complexity_of(const Services& services, const Context& context,
                                                const repo::Snapshot& snapshot, const repo::History& history,
                                                Executor& executor) {
  std::vector<repo::FileComplexity> found;
  for (const auto& file : snapshot.files) {
    const auto* past = history.file(file.path);
    if (past == nullptr || past->commits < 2 || file.kind != repo::FileKind::text || file.traits.foreign()) continue;
    found.push_back({file.path, 0});
  }
  parallel_for(executor, found.size(), [&](std::size_t i) {
    const std::string path(found[i].path);
    const auto bytes = read_file(services.files, join_path(context.workspace, path));
    if (!bytes) return;
    const auto* language = repo::builtin_languages().by_path_and_content(
        path, std::string_view(*bytes).substr(0, repo::Languages::kWindow));
    if (language == nullptr || !language->has_grammar()) return;
    if (const auto facts = repo::extract(*language, *bytes)) found[i].complexity = facts->branches;
  });
  return found;
}

Result<HistoryOutput> history(const Services& services, const Context& context, const HistoryInput& input) {
  std::unique_ptr<Executor> executor;
  if (context.jobs > 1)
    executor = std::make_unique<ThreadPool>(context.jobs - 1);  // This thread helps.
  else
    executor = std::make_unique<InlineExecutor>();
  SKEIN_TRY(const repo::Snapshot snapshot, repo::scan(context.workspace, {}, *executor));
  SKEIN_TRY(const StateFolder state, open_state(services, context));
  SKEIN_DO(services.files.make_directories(join_path(state.path, "tables")));
  const auto log = repo::read_remembered_history(services.files, join_path(state.path, "tables/history"), snapshot.git,
                                                 history_window(settings_of(context).values().history));
  std::vector<std::string_view> present;
  for (const auto& file : snapshot.files) present.push_back(file.path);
  const auto found = repo::summarize_history(log, present);
  const auto complexity = complexity_of(services, context, snapshot, found, *executor);
  const auto top = static_cast<std::size_t>(input.top);
  HistoryOutput output{.commits = found.commits,
                       .merges = found.merges,
                       .compared = static_cast<std::int64_t>(found.commits - log.taken_over),
                       .complete = found.complete,
                       .shallow = found.shallow,
                       .hot_spots = {},
                       .people = {},
                       .folders = {},
                       .notes = found.notes};
  for (auto& spot : repo::hot_spots(found, complexity, top))
    output.hot_spots.push_back({std::move(spot.path), spot.commits, static_cast<std::int64_t>(spot.complexity),
                                static_cast<std::int64_t>(spot.score)});
  for (const auto& author : found.authors) {
    if (output.people.size() == top || author.commits == 0) break;
    output.people.push_back({author.name, author.commits, static_cast<std::int64_t>(author.lines)});
  }
  std::vector<const repo::PathHistory*> folders;
  for (const auto& folder : found.folders) folders.push_back(&folder);
  std::ranges::stable_sort(folders, std::ranges::greater{}, &repo::PathHistory::commits);
  if (folders.size() > top) folders.resize(top);
  for (const auto* folder : folders)
    output.folders.push_back({folder->path, folder->commits, folder->authors,
                              found.authors[folder->shares.front().author].name, folder->shares.front().commits});
  return output;
}

}  // namespace

void register_history(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<HistoryInput, HistoryOutput>(
      {.name = "history",
       .summary = "Show who works on what, and where it is busy",
       .description = "Reads the last commits out of git's objects; runs neither git nor anything that the repository "
                      "names. Which commits count is set by history.by, history.commits and history.months.\n\n"
                      "A hot spot is a file that changes often and decides much: commits that touched it times the "
                      "decisions (if, case, &&, ...) in its code. Renames are followed, merges count for nobody, and "
                      "what a shallow clone or a limit hides is said.",
       .examples = {{"skein history", "of the workspace"}, {"skein history --top 50 --json", "more of it, as JSON"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const HistoryInput& input) { return history(services, context, input); },
      render));
}

}  // namespace skein::app
