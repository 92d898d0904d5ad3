#include "base/platform/process_tree.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>

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

}  // namespace

TreeUsage usage_of_tree(pid_t first, std::int64_t most_processes) {
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
