#include "base/platform/process_tree.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace skein {
namespace {

namespace fs = std::filesystem;

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  std::error_code ignored;
  // Each thread has the children that it started.
  for (fs::directory_iterator task(fmt::format("/proc/{}/task", process), ignored), end; !ignored && task != end;
       task.increment(ignored)) {
    std::ifstream file(task->path() / "children");
    for (pid_t child = 0; file >> child;) children.push_back(child);
  }
  return children;
}

/// Of a process and of those of its children that it waited for. (proc(5))
Micros processor_time_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  constexpr int kBeforeTimes = 11;  // From the state to the faults.
  for (int i = 0; i < kBeforeTimes; ++i) fields >> skipped;
  std::int64_t sum = 0, ticks = 0;
  for (int i = 0; i < 4 && fields >> ticks; ++i) sum += ticks;
  return Micros(sum * 1'000'000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace

TreeUsage usage_of_tree(pid_t first, std::int64_t most_processes, bool with_times) {
  TreeUsage usage;
  const std::int64_t page = ::sysconf(_SC_PAGESIZE);
  std::vector<pid_t> open{first};
  while (!open.empty() && (most_processes == 0 || usage.processes <= most_processes)) {
    const pid_t process = open.back();
    open.pop_back();
    std::ifstream file(fmt::format("/proc/{}/statm", process));
    std::int64_t all = 0, resident = 0;
    if (!(file >> all >> resident)) continue;
    ++usage.processes;
    usage.memory += Bytes{resident * page};
    if (with_times) usage.processor += processor_time_of(process);
    const auto children = children_of(process);
    open.insert(open.end(), children.begin(), children.end());
  }
  return usage;
}

Bytes disk_usage(const std::string& folder) {
  Bytes sum{};
  std::error_code ignored;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, ignored), end;
  for (; !ignored && entry != end; entry.increment(ignored)) {
    struct stat info{};
    if (::lstat(entry->path().c_str(), &info) == 0) sum += Bytes{info.st_blocks * 512};
  }
  return sum;
}

Bytes free_space(const std::string& folder) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) return {std::numeric_limits<std::int64_t>::max()};
  return {static_cast<std::int64_t>(info.f_bavail) * static_cast<std::int64_t>(info.f_frsize)};
}

}  // namespace skein
