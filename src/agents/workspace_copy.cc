#include "agents/workspace_copy.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <unordered_set>

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/folder_walk.h"
#include "base/file_system.h"
#include "base/platform/descriptor.h"

namespace skein::agents {
namespace {

namespace fs = std::filesystem;

/// The entries of a folder, read by its descriptor: what lies in it is reached without walking its path again.
class OpenFolder {
 public:
  OpenFolder(const std::string& root, const std::string& path) {
    const int descriptor =
        ::open((path.empty() ? root : join_path(root, path)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) entries_.reset(::fdopendir(descriptor));
  }
  [[nodiscard]] explicit operator bool() const { return entries_ != nullptr; }
  [[nodiscard]] int descriptor() const { return ::dirfd(entries_.get()); }
  /// The next name but "." and ".."; null at the end.
  const char* next() {
    while (const dirent* entry = ::readdir(entries_.get())) {
      const char* name = &entry->d_name[0];
      if (const std::string_view text = name; text != "." && text != "..") return name;
    }
    return nullptr;
  }

 private:
  struct Close {
    void operator()(DIR* entries) const { ::closedir(entries); }
  };
  std::unique_ptr<DIR, Close> entries_;
};

bool is_in_git(const std::string& path) {
  return path == ".git" || path.starts_with(".git/") || path.ends_with("/.git") || path.contains("/.git/");
}

/// Called from several threads.
class Copier {
 public:
  Copier(const std::string& from, const std::string& to, const CopyOptions& options, bool in_git)
      : from_(from), to_(to), options_(options), in_git_(in_git) {}

  /// Its target is there. Folders in it are made, and left to other calls.
  Status folder(const std::string& path, std::vector<std::string>& inner) {
    OpenFolder source(from_, path), target(to_, path);
    if (!source) return {};  // Gone meanwhile, or not to be read.
    if (!target) return std::unexpected(system_error(errno, "cannot open the folder " + join_path(to_, path)));
    const bool in_git = in_git_ || is_in_git(path);
    const bool is_git = in_git && has(source, "HEAD") && has(source, "objects") && has(source, "refs");
    while (const char* name = source.next()) {
      if (options_.stop.stop_requested()) return fail(Code::cancelled, "stopped while {} was copied", from_);
      const std::string one = below_folder(path, name);
      if (std::ranges::binary_search(options_.left_out, one)) continue;
      struct stat info{};
      if (::fstatat(source.descriptor(), name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;  // Gone meanwhile.
      if (S_ISREG(info.st_mode)) {
        SKEIN_DO(file(source, target, name, one, info));
      } else if (S_ISLNK(info.st_mode)) {
        SKEIN_DO(link(source, target, name, one));
      } else if (S_ISDIR(info.st_mode)) {
        if (::mkdirat(target.descriptor(), name, 0700) != 0)
          return std::unexpected(system_error(errno, "cannot make the folder " + join_path(to_, one)));
        ::fchmodat(target.descriptor(), name, (info.st_mode & 07777) | S_IRWXU, 0);
        const std::string alternate = is_git && std::string_view(name) == "objects" ? seen_at(one) : std::string();
        if (alternate.empty())
          inner.push_back(one);
        else
          SKEIN_DO(objects(one, alternate));
      }
    }
    return {};
  }

 private:
  static bool has(const OpenFolder& folder, const char* name) {
    struct stat info{};
    return ::fstatat(folder.descriptor(), name, &info, AT_SYMLINK_NOFOLLOW) == 0;
  }

  std::string seen_at(const std::string& path) {
    if (!options_.seen_at) return {};
    const std::scoped_lock lock(mutex_);
    return options_.seen_at(join_path(from_, path));
  }

  Status link(const OpenFolder& source, const OpenFolder& target, const char* name, const std::string& path) const {
    std::array<char, PATH_MAX> leads{};
    if (::readlinkat(source.descriptor(), name, leads.data(), leads.size() - 1) < 0) return {};
    if (::symlinkat(leads.data(), target.descriptor(), name) == 0) return {};
    return std::unexpected(system_error(errno, "cannot make the link " + join_path(to_, path)));
  }

  Status file(const OpenFolder& source, const OpenFolder& target, const char* name, const std::string& path,
              const struct stat& info) {
    Descriptor in, out;
    in.number = ::openat(source.descriptor(), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in.number < 0) return {};  // It is not to be read, also not by whom the copy is for.
    out.number = ::openat(target.descriptor(), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out.number < 0) return std::unexpected(system_error(errno, "cannot make " + join_path(to_, path)));
    if (!bytes(in.number, out.number, info.st_size))
      return std::unexpected(system_error(errno, "cannot copy " + join_path(from_, path)));
    const std::array<timespec, 2> times{info.st_atim, info.st_mtim};
    if (::fchmod(out.number, info.st_mode & 0777) != 0 || ::futimens(out.number, times.data()) != 0)
      return std::unexpected(system_error(errno, "cannot set the mode of " + join_path(to_, path)));
    return {};
  }

  /// False: errno says why.
  bool bytes(int in, int out, std::int64_t size) {
    if (shares_) {
      if (::ioctl(out, FICLONE, in) == 0) return true;
      shares_ = false;  // Not on this disk, or not between these: it is asked once.
    }
    std::array<char, std::size_t{64} << 10> buffer;
    const auto small = static_cast<std::int64_t>(buffer.size());
    while (size >= small && in_kernel_) {
      const ssize_t put = ::copy_file_range(in, nullptr, out, nullptr, std::size_t{1} << 30, 0);
      if (put == 0) return true;
      if (put > 0) continue;
      if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS) return false;
      in_kernel_ = false;
    }
    while (true) {
      const ssize_t got = ::read(in, buffer.data(), buffer.size());
      if (got < 0) return false;
      for (ssize_t done = 0; done < got;) {
        const ssize_t put = ::write(out, buffer.data() + done, static_cast<std::size_t>(got - done));
        if (put < 0) return false;
        done += put;
      }
      if (got == 0 || (got == size && size < small)) return true;
    }
  }

  /// Git finds the objects where the file of alternates leads it; new ones come to the copy. (gitrepository-layout(5))
  Status objects(const std::string& path, const std::string& alternate) const {
    const std::string target = join_path(to_, path);
    std::error_code error;
    fs::create_directories(target + "/info", error);
    if (!error) fs::create_directories(target + "/pack", error);
    if (error) return fail(Code::io, "cannot make the folder {}: {}", target, error.message());
    if (!(std::ofstream(target + "/info/alternates") << alternate << "\n" << std::flush))
      return fail(Code::io, "cannot write to {}", target);
    return {};
  }

  const std::string &from_, &to_;
  const CopyOptions& options_;
  const bool in_git_;
  std::atomic<bool> shares_ = true, in_kernel_ = true;  // What the disks can do, until they say no.
  std::mutex mutex_;                                    // One call of `seen_at` at a time.
};

}  // namespace

Status copy_tree(const std::string& from, const std::string& to, const CopyOptions& options) {
  // A git directory itself, of a linked work tree or a submodule.
  struct stat info{};
  const bool in_git = ::stat(join_path(from, "HEAD").c_str(), &info) == 0 &&
                      ::stat(join_path(from, "objects").c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  std::error_code error;
  fs::create_directories(to, error);
  if (error) return fail(Code::io, "cannot make the folder {}: {}", to, error.message());
  Copier copier(from, to, options, in_git);
  return over_folders(options.executor, [&](const std::string& path, std::vector<std::string>& inner) {
    return copier.folder(path, inner);
  });
}

Status change_copy(const ChangeSet& given, const std::string& folder) {
  for (const Change& change : given.changes)
    if (change.after.kind == EntryKind::none) ::unlink(join_path(folder, change.path).c_str());
  for (const Change& change : given.changes) {
    if (change.after.kind == EntryKind::none) {
      // Git knows no empty folders: one that lost its last file is gone.
      for (std::string above = parent_path(change.path); above != "."; above = parent_path(above))
        if (::rmdir(join_path(folder, above).c_str()) != 0) break;
      continue;
    }
    const std::string path = join_path(folder, change.path);
    std::error_code none;
    fs::remove_all(path, none);  // Of a folder whose place a file takes nothing is seen, also what nobody named.
    SKEIN_DO(write_entry(path, change.after));
  }
  return {};
}

std::vector<CopyStamps::Stamped> CopyStamps::folder(const std::string& root, const std::string& path,
                                                    std::vector<std::string>& inner, Bytes* disk) {
  std::vector<Stamped> found;
  OpenFolder open(root, path);
  const bool in_git = is_in_git(path);
  while (const char* name = open ? open.next() : nullptr) {
    const bool is_git = in_git || std::string_view(name) == ".git";
    struct stat info{};
    if ((is_git && disk == nullptr) || ::fstatat(open.descriptor(), name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (disk != nullptr) *disk += Bytes{std::int64_t{info.st_blocks} * 512};
    if (S_ISDIR(info.st_mode)) {
      inner.push_back(below_folder(path, name));
    } else if (!is_git) {
      const std::int64_t changed_ns = std::int64_t{info.st_ctim.tv_sec} * 1'000'000'000 + info.st_ctim.tv_nsec;
      found.push_back({.path = below_folder(path, name),
                       .stamp = {info.st_ino, static_cast<std::uint64_t>(info.st_size), changed_ns},
                       .is_plain = S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)});
    }
  }
  return found;
}

CopyStamps CopyStamps::of(const std::string& folder, Executor* executor) {
  CopyStamps made;
  std::mutex mutex;  // Guards `made`.
  static_cast<void>(over_folders(executor, [&](const std::string& path, std::vector<std::string>& inner) {
    Bytes disk{};
    auto found = CopyStamps::folder(folder, path, inner, &disk);
    const std::scoped_lock lock(mutex);
    made.disk_ += disk;
    for (Stamped& one : found) made.stamps_.emplace(std::move(one.path), one.stamp);
    return Status();
  }));
  return made;
}

Result<LayerReading> CopyStamps::changes(const std::string& folder, const SeenFiles& base,
                                         const std::function<bool(std::string_view)>& is_hidden,
                                         std::uint64_t most_bytes, Executor* executor) const {
  std::mutex mutex;                            // Guards what follows.
  std::vector<Stamped> other;                  // Not as they were then.
  std::unordered_set<const std::string*> met;  // Of the paths that were stamped.
  SKEIN_DO(over_folders(executor, [&](const std::string& path, std::vector<std::string>& inner) {
    auto found = CopyStamps::folder(folder, path, inner, nullptr);
    std::vector<const std::string*> known;
    std::erase_if(found, [&](const Stamped& one) {
      const auto then = stamps_.find(one.path);
      if (then == stamps_.end()) return false;
      known.push_back(&then->first);
      return then->second == one.stamp;
    });
    const std::scoped_lock lock(mutex);
    met.insert(known.begin(), known.end());
    std::ranges::move(found, std::back_inserter(other));
    return Status();
  }));
  std::ranges::sort(other, {}, &Stamped::path);
  LayerReading reading;
  std::uint64_t bytes = 0;
  const auto add = [&](const std::string& path, Entry after) -> Status {
    SKEIN_TRY(Entry before, base.entry(path));
    if (before == after) return {};
    bytes += before.bytes.size() + after.bytes.size();
    if (bytes > most_bytes)
      return fail(Code::resource_exhausted, "the changed files are larger than {} MB together, at {}",
                  most_bytes / 1'000'000, path);
    reading.set.changes.push_back({path, std::move(before), std::move(after)});
    return {};
  };
  for (const Stamped& one : other) {
    if (is_hidden(one.path))
      return fail(Code::permission_denied, "{} was written, which the agent may not see", one.path);
    if (!one.is_plain) {
      reading.left_out.push_back(one.path);
      continue;
    }
    SKEIN_TRY(Entry after, entry_at(join_path(folder, one.path)));
    SKEIN_DO(add(one.path, std::move(after)));
  }
  for (const auto& [path, stamp] : stamps_)
    if (!met.contains(&path)) SKEIN_DO(add(path, {}));
  std::ranges::sort(reading.set.changes, {}, &Change::path);
  return reading;
}

}  // namespace skein::agents
