#include "app/retention.h"

#include <algorithm>

#include <fmt/chrono.h>

#include "app/past_runs.h"
#include "summary/log_store.h"

namespace skein::app {
namespace {

constexpr std::size_t kRunIdBytes = 20;
constexpr std::size_t kTimeBytes = 15;  // "20261121-010203"
constexpr std::size_t kTailBytes = 64 * 1024;

Result<Bytes> size_of(FileSystem& files, const std::string& path) {
  SKEIN_TRY(const auto file, files.open(path, OpenMode::read));
  SKEIN_TRY(const auto size, file->size());
  return Bytes{static_cast<std::int64_t>(size)};
}

/// The time of the last whole line; empty where none can be read.
std::string last_line_time(FileSystem& files, const std::string& path) {
  const auto file = files.open(path, OpenMode::read);
  const auto size = file ? (*file)->size() : Result<std::uint64_t>(std::unexpected(file.error()));
  if (!size) return {};
  const auto from = *size - std::min<std::uint64_t>(*size, kTailBytes);
  const auto tail = (*file)->read_at(from, static_cast<std::size_t>(*size - from));
  constexpr std::string_view kMark = "\"time\":\"";
  const auto at = tail ? tail->rfind(kMark) : std::string::npos;
  return at == std::string::npos ? std::string() : tail->substr(at + kMark.size(), 20);
}

auto seconds_of(WallTime at) {
  return fmt::gmtime(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

}  // namespace

std::vector<KeptFile> expired(std::vector<KeptFile> files, const Retention& retention) {
  std::stable_sort(files.begin(), files.end(), [](const KeptFile& a, const KeptFile& b) { return a.when > b.when; });
  std::vector<KeptFile> going;
  Bytes kept;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool stays =
        i == 0 || files[i].in_use || (files[i].when >= retention.oldest && kept + files[i].size <= retention.most);
    if (stays)
      kept += files[i].size;
    else
      going.push_back(std::move(files[i]));
  }
  return going;
}

Result<std::vector<KeptFile>> journal_files(FileSystem& files, const std::string& state) {
  std::vector<KeptFile> found;
  const std::string folder = join_path(state, "journals");
  const auto entries = files.list(folder);
  if (!entries && entries.error().code() == Code::not_found) return found;
  if (!entries) return std::unexpected(entries.error());
  for (const auto& entry : *entries) {
    const std::string run = entry.name.substr(0, kRunIdBytes);
    const std::string_view rest = std::string_view(entry.name).substr(run.size());
    if (!engine::is_run_id(run) || (rest != ".journal" && rest != ".journal.damaged")) continue;
    const std::string path = join_path(folder, entry.name);
    SKEIN_TRY(const Bytes size, size_of(files, path));
    found.push_back({path, run, run.substr(0, kTimeBytes), size, is_running(state, run)});
  }
  return found;
}

Result<std::vector<KeptFile>> log_files(FileSystem& files, const std::string& state) {
  std::vector<KeptFile> found;
  const std::string folder = join_path(state, "log");
  const auto entries = files.list(folder);
  if (!entries && entries.error().code() == Code::not_found) return found;
  if (!entries) return std::unexpected(entries.error());
  for (const auto& entry : *entries) {
    if (entry.is_directory || !entry.name.starts_with("skein.") || !entry.name.ends_with("jsonl")) continue;
    const std::string path = join_path(folder, entry.name);
    SKEIN_TRY(const Bytes size, size_of(files, path));
    found.push_back({path, entry.name, last_line_time(files, path), size, entry.name == "skein.jsonl"});
  }
  return found;
}

Result<std::vector<KeptFile>> output_files(FileSystem& files, const std::string& state) {
  std::vector<KeptFile> found;
  SKEIN_TRY(const auto logs, summary::list_logs(files, summary::log_folder(state)));
  for (const auto& log : logs) {
    SKEIN_TRY(const Bytes size, size_of(files, log.path));
    const auto ends = summary::LogReader::open_ends(files, log.path);
    const bool failed = ends && ends->end && ends->end->exit_code != 0;
    found.push_back({log.path, log.id, log.when, size, false, failed});
  }
  return found;
}

std::string journal_when(WallTime at) { return fmt::format("{:%Y%m%d-%H%M%S}", seconds_of(at)); }
std::string log_when(WallTime at) { return fmt::format("{:%Y-%m-%dT%H:%M:%S}", seconds_of(at)); }

}  // namespace skein::app
