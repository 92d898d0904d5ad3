#include "app/past_runs.h"

#include <algorithm>

#include <fmt/chrono.h>

#include "base/file_lock.h"
#include "text/printable.h"
#include "text/wrap.h"

namespace skein::app {

Result<std::optional<StateFolder>> existing_state(const Services& services, const engine::Context& context) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const StateFolder located, locate_state_folder(context.workspace, folders.state, services.mount_of));
  SKEIN_TRY(const auto format, state_format(services.files, located.path));
  if (!format) return std::optional<StateFolder>();
  SKEIN_TRY(StateFolder ready, open_state(services, context));
  return std::optional(std::move(ready));
}

std::string_view time_of_run(std::string_view run) { return run.substr(0, run.rfind('-')); }

Result<std::vector<std::string>> runs_by_time(FileSystem& files, const std::string& state) {
  SKEIN_TRY(auto runs, engine::list_runs(files, state));
  for (auto from = runs.begin(); from != runs.end();) {
    const auto to =
        std::find_if(from, runs.end(), [&](const std::string& run) { return time_of_run(run) != time_of_run(*from); });
    if (to - from > 1) {
      std::vector<std::pair<WallTime, std::string>> timed;
      for (auto run = from; run != to; ++run) {
        const auto ends = engine::read_journal_ends(files, engine::journal_path(state, *run));
        timed.emplace_back(ends ? ends->start.at : WallTime{}, *run);
      }
      std::sort(timed.begin(), timed.end());
      std::transform(timed.begin(), timed.end(), from, [](auto& one) { return std::move(one.second); });
    }
    from = to;
  }
  return runs;
}

Result<std::string> find_run(FileSystem& files, const std::string& state, std::string_view name) {
  SKEIN_TRY(const auto runs, runs_by_time(files, state));
  const auto see_list = [](Error error) { return std::unexpected(std::move(error).or_do("see `skein runs list`")); };
  if (runs.empty()) return see_list(Error(Code::not_found, "this workspace has no runs yet"));
  if (name == "last") return runs.back();
  std::vector<std::string> fitting;
  for (const auto& run : runs)
    if (run.starts_with(name)) fitting.push_back(run);
  if (name.empty() || fitting.empty())
    return see_list(Error(Code::not_found, fmt::format("there is no run \"{}\"", name)));
  if (fitting.size() > 1)
    return see_list(Error(Code::invalid_argument, fmt::format("{} runs begin with \"{}\", such as {} and {}",
                                                              fitting.size(), name, fitting[0], fitting[1])));
  return fitting.front();
}

bool is_running(const std::string& state, const std::string& run) {
  return FileLock::is_held(join_path(state, "journals/" + run + ".lock"));
}

std::string status_of(const std::string& state, const std::string& run, const std::optional<engine::JournalEnd>& end) {
  if (end) return end->status;
  return is_running(state, run) ? "running" : "killed";
}

Result<RunRecord> read_run(FileSystem& files, const std::string& state, const std::string& run) {
  RunRecord record;
  bool started = false;
  struct Take {
    RunRecord& record;
    bool& started;
    void operator()(const engine::JournalStart& start) const { record.start = start, started = true; }
    void operator()(const engine::JournalStep& step) const {
      (step.state == engine::StepState::hit ? record.reused : record.steps).push_back(step);
    }
    void operator()(const engine::JournalFailure& failure) const { record.failures.push_back(failure); }
    void operator()(const engine::JournalCommit& commit) const { record.commits.push_back(commit); }
    void operator()(const engine::JournalInstalled&) const {}
    void operator()(const engine::JournalOutput& output) const { record.outputs.push_back(output); }
    void operator()(const engine::JournalEnd& end) const { record.end = end; }
  };
  SKEIN_DO(engine::read_journal(files, engine::journal_path(state, run), [&](const engine::JournalRecord& one) {
    std::visit(Take{record, started}, one);
    return true;
  }));
  if (!started) return fail(Code::not_found, "run {} was killed before it did anything", run);
  return record;
}

Status refuse_while_running(FileSystem& files, const std::string& state) {
  SKEIN_TRY(const auto runs, engine::list_runs(files, state));
  for (const auto& run : runs)
    if (is_running(state, run))
      return std::unexpected(
          Error(Code::unavailable, fmt::format("run {} still goes on, and may need what would go", run))
              .or_do("wait for its end"));
  return {};
}

std::string shown_time(WallTime at) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}",
                     fmt::gmtime(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count()));
}

std::string shortened(std::string_view text, std::size_t width) {
  std::string shown = text::printable(text);
  if (text::columns_of(shown) <= width) return shown;
  // Bytes, then whole characters: a name is told by its end as much as by its beginning.
  const auto is_inside = [&](std::size_t at) {
    return at < shown.size() && (static_cast<unsigned char>(shown[at]) & 0xC0) == 0x80;
  };
  std::size_t head = std::min(width / 3, shown.size());
  while (head > 0 && is_inside(head)) --head;
  std::size_t tail = shown.size() - std::min(width - width / 3 - 3, shown.size());
  while (is_inside(tail)) ++tail;
  return shown.substr(0, head) + "..." + shown.substr(tail);
}

}  // namespace skein::app
