#include "base/platform/inotify_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <unordered_map>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skein {
namespace {

constexpr std::uint32_t kMask = IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW |
                                IN_EXCL_UNLINK;

std::string below(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty()) path += '/';
  return path.append(name);
}

class InotifyWatch final : public FileWatch {
 public:
  InotifyWatch(std::string root, InotifyOptions options, int notify, int wake)
      : root_(std::move(root)), options_(std::move(options)), notify_(notify), wake_(wake) {}
  ~InotifyWatch() override {
    ::close(notify_);
    ::close(wake_);
  }

  Status start() {
    SKEIN_DO(add_tree(""));
    if (folders_.empty()) return fail(Code::not_found, "cannot watch {}: it is not there", root_);
    for (const auto& [folder, prefix] : options_.beside) {
      const int id = ::inotify_add_watch(notify_, folder.c_str(), kMask);
      if (id >= 0) folders_[id] = {prefix, true};
    }
    return {};
  }

  Result<std::vector<WatchedChange>> wait(std::optional<Instant> deadline, const std::stop_token& stop) override {
    const std::stop_callback wake(stop, [this] {
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
    });
    std::vector<WatchedChange> changes;
    while (changes.empty()) {
      int timeout = -1;
      if (deadline) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now()).count();
        if (left <= 0) return changes;
        timeout = static_cast<int>(std::min<std::int64_t>(left, 1 << 30));
      }
      std::array<pollfd, 2> polled{{{notify_, POLLIN, 0}, {wake_, POLLIN, 0}}};
      const int ready = ::poll(polled.data(), polled.size(), timeout);
      if (ready < 0 && errno != EINTR) return std::unexpected(system_error(errno, "cannot wait for changes"));
      if (stop.stop_requested()) return std::vector<WatchedChange>{};
      if (ready <= 0) continue;
      SKEIN_DO(read_changes(changes));
    }
    return changes;
  }

 private:
  struct Folder {
    std::string path;
    bool beside = false;  ///< Outside of the root: not entered.
  };

  /// Watches a folder and all below it. What vanishes meanwhile is no error.
  Status add_tree(const std::string& folder) {
    if (!folder.empty() && options_.skip && options_.skip(folder)) return {};
    const std::string full = folder.empty() ? root_ : below(root_, folder);
    const int id = ::inotify_add_watch(notify_, full.c_str(), kMask);
    if (id < 0) {
      if (errno == ENOSPC || errno == ENOMEM)
        return std::unexpected(
            Error(Code::resource_exhausted, fmt::format("the system allows no more watched folders (at {})", full))
                .or_do("raise fs.inotify.max_user_watches (sysctl), or leave folders out in .skeinignore"));
      if (folder.empty()) return std::unexpected(system_error(errno, "cannot watch " + full));
      return {};  // Gone again, or not ours to read.
    }
    folders_[id] = {folder, false};
    DIR* opened = ::opendir(full.c_str());
    if (opened == nullptr) return {};
    std::vector<std::string> inner;
    while (const dirent* entry = ::readdir(opened)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      bool is_folder = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN) {
        struct stat info{};
        is_folder = ::lstat(below(full, name).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
      }
      if (is_folder) inner.push_back(below(folder, name));
    }
    ::closedir(opened);
    for (const auto& each : inner) SKEIN_DO(add_tree(each));
    return {};
  }

  /// A folder that was renamed keeps its watches, which would go on to tell its old path.
  void forget_tree(const std::string& folder) {
    for (auto at = folders_.begin(); at != folders_.end();) {
      const auto& path = at->second.path;
      if (!at->second.beside && (path == folder || (path.starts_with(folder) && path[folder.size()] == '/'))) {
        ::inotify_rm_watch(notify_, at->first);
        at = folders_.erase(at);
      } else {
        ++at;
      }
    }
  }

  Status read_changes(std::vector<WatchedChange>& changes) {
    alignas(inotify_event) std::array<char, 64 << 10> buffer;
    const ssize_t size = ::read(notify_, buffer.data(), buffer.size());
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR) return {};
      return std::unexpected(system_error(errno, "cannot read changes"));
    }
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::copy_n(buffer.data() + at, sizeof event, reinterpret_cast<char*>(&event));
      const char* name = buffer.data() + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event + event.len);
      SKEIN_DO(take(event, event.len > 0 ? std::string_view(name) : std::string_view{}, changes));
    }
    return {};
  }

  Status take(const inotify_event& event, std::string_view name, std::vector<WatchedChange>& changes) {
    using Kind = WatchedChange::Kind;
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      changes.push_back({Kind::overflow, {}});
      return add_tree("");  // Folders that appeared meanwhile.
    }
    const auto known = folders_.find(event.wd);
    if (known == folders_.end()) return {};
    const Folder folder = known->second;
    if ((event.mask & IN_IGNORED) != 0) {
      folders_.erase(known);
      return {};
    }
    if (folder.path.empty() && !folder.beside && (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
      return fail(Code::not_found, "{} was removed or renamed: nothing is left to watch", root_);
    if (name.empty()) return {};
    std::string path = below(folder.path, name);
    const bool is_folder = (event.mask & IN_ISDIR) != 0;
    if ((event.mask & (IN_DELETE | IN_MOVED_FROM)) != 0) {
      if (is_folder && !folder.beside) forget_tree(path);
      changes.push_back({Kind::removed, std::move(path)});
      return {};
    }
    if (is_folder && (event.mask & IN_ATTRIB) != 0 && (event.mask & (IN_CREATE | IN_MOVED_TO)) == 0) return {};
    if (is_folder && !folder.beside) {
      if (options_.skip && options_.skip(path)) return {};
      SKEIN_DO(add_tree(path));
    }
    changes.push_back({Kind::written, std::move(path)});
    return {};
  }

  std::string root_;
  InotifyOptions options_;
  int notify_;
  int wake_;
  std::unordered_map<int, Folder> folders_;  // By watch.
};

}  // namespace

Result<std::unique_ptr<FileWatch>> watch_folder(const std::string& root, InotifyOptions options) {
  const int notify = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (notify < 0)
    return std::unexpected(system_error(errno, "cannot watch files")
                               .or_do("fewer programs that watch files, or a higher fs.inotify.max_user_instances"));
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    const int error = errno;
    ::close(notify);
    return std::unexpected(system_error(error, "cannot watch files"));
  }
  auto watch = std::make_unique<InotifyWatch>(root, std::move(options), notify, wake);
  SKEIN_DO(watch->start());
  return watch;
}

}  // namespace skein
