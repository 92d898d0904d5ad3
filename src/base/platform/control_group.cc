#include "base/platform/control_group.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/random.h"

namespace skein {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRoot = "/sys/fs/cgroup";
constexpr std::string_view kOurs = "skein-";

/// Where this process is, by controller; "" is the single tree of version 2. (cgroups(7))
std::map<std::string, std::string> own_groups() {
  std::map<std::string, std::string> groups;
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::istringstream controllers(line.substr(first + 1, second - first - 1));
    std::string one;
    while (std::getline(controllers, one, ',')) groups[one] = line.substr(second + 1);
    if (second == first + 1) groups[""] = line.substr(second + 1);
  }
  return groups;
}

/// A folder may be there without being a group: then it limits nothing.
bool is_group(const std::string& folder, long magic) {
  struct statfs info{};
  return ::statfs(folder.c_str(), &info) == 0 && static_cast<long>(info.f_type) == magic;
}

bool set(const std::string& file, const std::string& value) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool done = ::write(descriptor, value.data(), value.size()) == static_cast<ssize_t>(value.size());
  ::close(descriptor);
  return done;
}

/// Whether a file of a word and a count in each line says that `event` happened.
bool has_happened(const std::string& events, std::string_view event) {
  std::ifstream file(events);
  std::string word;
  for (std::int64_t count = 0; file >> word >> count;)
    if (word == event) return count > 0;
  return false;
}

/// Groups that killed processes of ours left: each is named after who made it.
void remove_left_ones(const std::string& parent) {
  std::error_code none;
  for (fs::directory_iterator entry(parent, none), end; !none && entry != end; entry.increment(none)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kOurs)) continue;
    const pid_t maker = std::atoi(name.c_str() + kOurs.size());
    if (maker > 0 && ::kill(maker, 0) != 0 && errno == ESRCH) ::rmdir(entry->path().c_str());
  }
}

}  // namespace

bool ControlGroup::add(const std::string& parent, const std::vector<std::pair<std::string, std::string>>& settings) {
  if (::access(parent.c_str(), W_OK) != 0) return false;
  remove_left_ones(parent);
  SystemRandom random;
  const std::string folder = fmt::format("{}/{}{}-{:016x}", parent, kOurs, ::getpid(), random.next());
  if (::mkdir(folder.c_str(), 0755) != 0) return false;
  for (const auto& [file, value] : settings)
    if (!set(folder + "/" + file, value)) {
      ::rmdir(folder.c_str());
      return false;
    }
  folders_.push_back(folder);
  entrances_.push_back(folder + "/cgroup.procs");
  return true;
}

std::optional<ControlGroup> ControlGroup::make(Bytes memory, std::int64_t tasks, bool counts_time) {
  ControlGroup made;
  const auto own = own_groups();
  const auto path_of = [&](const std::string& controller) -> std::string {
    const auto found = own.find(controller);
    return found == own.end() ? std::string() : found->second == "/" ? std::string() : found->second;
  };
  const std::string root(kRoot);
  if (is_group(root, CGROUP2_SUPER_MAGIC)) {
    std::vector<std::pair<std::string, std::string>> settings;
    if (memory.value > 0) settings.emplace_back("memory.max", fmt::format("{}", memory.value));
    if (tasks > 0) settings.emplace_back("pids.max", fmt::format("{}", tasks));
    // A group with processes of its own has no limited ones below it: then beside it, where its keeper is the user.
    const std::string here = root + path_of("");
    for (const std::string& parent : {here, here.substr(0, here.rfind('/'))})
      if ((!settings.empty() || counts_time) && parent.starts_with(root) && is_group(parent, CGROUP2_SUPER_MAGIC) &&
          made.add(parent, settings)) {
        const std::string& folder = made.folders_.back();
        if (memory.value > 0) {
          set(folder + "/memory.swap.max", "0");
          made.memory_events_ = folder + "/memory.events";
        }
        if (tasks > 0) made.tasks_events_ = folder + "/pids.events";
        made.time_ = folder + "/cpu.stat";
        break;
      }
  } else {
    const auto controller = [&](const char* name, const char* file, std::int64_t value) {
      const std::string parent = root + "/" + name + path_of(name);
      return value > 0 && is_group(parent, CGROUP_SUPER_MAGIC) && made.add(parent, {{file, fmt::format("{}", value)}});
    };
    if (controller("memory", "memory.limit_in_bytes", memory.value))
      made.memory_events_ = made.folders_.back() + "/memory.oom_control";
    if (controller("pids", "pids.max", tasks)) made.tasks_events_ = made.folders_.back() + "/pids.events";
    const std::string counting = root + "/cpuacct" + path_of("cpuacct");
    if (counts_time && is_group(counting, CGROUP_SUPER_MAGIC) && made.add(counting, {}))
      made.time_ = made.folders_.back() + "/cpuacct.usage";
  }
  if (made.folders_.empty()) return {};
  return made;
}

ControlGroup::~ControlGroup() {
  for (const std::string& folder : folders_) ::rmdir(folder.c_str());
}

void ControlGroup::enter() const {
  for (const std::string& file : entrances_) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    [[maybe_unused]] const ssize_t written = ::write(descriptor, "0", 1);
    ::close(descriptor);
  }
}

bool ControlGroup::ran_out_of_memory() const { return has_happened(memory_events_, "oom_kill"); }

std::optional<Micros> ControlGroup::processor_time() const {
  std::ifstream file(time_);
  std::int64_t count = 0;
  if (time_.ends_with("/cpuacct.usage"))
    return file >> count ? std::optional(std::chrono::duration_cast<Micros>(Nanos(count))) : std::nullopt;
  for (std::string word; file >> word >> count;)
    if (word == "usage_usec") return Micros(count);
  return {};
}

bool ControlGroup::ran_out_of_tasks() const { return has_happened(tasks_events_, "max"); }

}  // namespace skein
