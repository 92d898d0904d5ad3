#include "agents/workspace_copy.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <fstream>
#include <memory>
#include <unordered_set>

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_system.h"
#include "base/platform/descriptor.h"

namespace skein::agents {
namespace {

namespace fs = std::filesystem;

std::string below(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

/// Names in a folder but "." and "..".
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  while (const dirent* entry = open == nullptr ? nullptr : ::readdir(open.get()))
    if (const std::string_view name = &entry->d_name[0]; name != "." && name != "..") names.emplace_back(name);
  return names;
}

class Copier {
 public:
  Copier(const std::string& from, const std::string& to, const std::vector<std::string>& left_out,
         const std::function<std::string(const std::string&)>& seen_at, const std::stop_token& stop)
      : from_(from), to_(to), left_out_(left_out), seen_at_(seen_at), stop_(stop) {}

  Status folder(const std::string& path, bool in_git) {
    const std::string source = path.empty() ? from_ : join_path(from_, path);
    const std::string target = path.empty() ? to_ : join_path(to_, path);
    std::error_code error;
    fs::create_directories(target, error);
    if (error) return fail(Code::io, "cannot make the folder {}: {}", target, error.message());
    const auto names = names_in(source);
    const auto has = [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
    const bool is_git = in_git && has("HEAD") && has("objects") && has("refs");
    for (const std::string& name : names) {
      const std::string inner = below(path, name);
      if (std::ranges::binary_search(left_out_, inner)) continue;
      const std::string alternate = is_git && name == "objects" ? seen_at_(join_path(from_, inner)) : std::string();
      if (!alternate.empty())
        SKEIN_DO(objects(inner, alternate));
      else
        SKEIN_DO(one(inner, in_git || name == ".git"));
    }
    return {};
  }

 private:
  Status one(const std::string& path, bool in_git) {
    if (stop_.stop_requested()) return fail(Code::cancelled, "stopped while {} was copied", from_);
    const std::string source = join_path(from_, path), target = join_path(to_, path);
    struct stat info{};
    if (::lstat(source.c_str(), &info) != 0) return {};  // Gone meanwhile.
    if (S_ISDIR(info.st_mode)) {
      SKEIN_DO(folder(path, in_git));
      ::chmod(target.c_str(), (info.st_mode & 07777) | S_IRWXU);
      return {};
    }
    if (S_ISLNK(info.st_mode)) {
      std::array<char, PATH_MAX> leads{};
      if (::readlink(source.c_str(), leads.data(), leads.size() - 1) < 0) return {};
      if (::symlink(leads.data(), target.c_str()) != 0)
        return std::unexpected(system_error(errno, "cannot make the link " + target));
      return {};
    }
    return S_ISREG(info.st_mode) ? file(source, target, info) : Status();
  }

  static Status file(const std::string& source, const std::string& target, const struct stat& info) {
    Descriptor in, out;
    in.number = ::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in.number < 0) return {};  // It is not to be read, also not by whom the copy is for.
    out.number = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out.number < 0) return std::unexpected(system_error(errno, "cannot make " + target));
    if (::ioctl(out.number, FICLONE, in.number) != 0) {
      while (true) {
        const ssize_t put = ::copy_file_range(in.number, nullptr, out.number, nullptr, std::size_t{1} << 30, 0);
        if (put < 0) return std::unexpected(system_error(errno, "cannot copy " + source));
        if (put == 0) break;
      }
    }
    const std::array<timespec, 2> times{info.st_atim, info.st_mtim};
    if (::fchmod(out.number, info.st_mode & 0777) != 0 || ::futimens(out.number, times.data()) != 0)
      return std::unexpected(system_error(errno, "cannot set the mode of " + target));
    return {};
  }

  /// Git finds the objects where the file of alternates leads it; new ones come to the copy. (gitrepository-layout(5))
  Status objects(const std::string& path, const std::string& alternate) {
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
  const std::vector<std::string>& left_out_;
  const std::function<std::string(const std::string&)>& seen_at_;
  const std::stop_token& stop_;
};

}  // namespace

Status copy_tree(const std::string& from, const std::string& to, const std::vector<std::string>& left_out,
                 const std::function<std::string(const std::string& objects)>& seen_at, const std::stop_token& stop) {
  // A git directory itself, of a linked work tree or a submodule.
  struct stat info{};
  const bool in_git = ::stat(join_path(from, "HEAD").c_str(), &info) == 0 &&
                      ::stat(join_path(from, "objects").c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  return Copier(from, to, left_out, seen_at, stop).folder("", in_git);
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

class CopyWalk {
 public:
  using Seen = std::function<Status(const std::string& path, const struct stat& info)>;

  CopyWalk(const std::string& root, Seen seen) : root_(root), seen_(std::move(seen)) {}

  /// All but folders and what lies in git directories.
  Status folder(const std::string& path) {
    for (const std::string& name : names_in(path.empty() ? root_ : join_path(root_, path))) {
      if (name == ".git") continue;
      const std::string inner = below(path, name);
      struct stat info{};
      if (::lstat(join_path(root_, inner).c_str(), &info) != 0) continue;
      if (S_ISDIR(info.st_mode))
        SKEIN_DO(folder(inner));
      else
        SKEIN_DO(seen_(inner, info));
    }
    return {};
  }
  static CopyStamps::Stamp stamp(const struct stat& info) {
    return {info.st_ino, static_cast<std::uint64_t>(info.st_size),
            std::int64_t{info.st_ctim.tv_sec} * 1'000'000'000 + info.st_ctim.tv_nsec};
  }

 private:
  const std::string& root_;
  Seen seen_;
};

CopyStamps CopyStamps::of(const std::string& folder) {
  CopyStamps made;
  static_cast<void>(CopyWalk(folder, [&](const std::string& path, const struct stat& info) {
                      made.stamps_.emplace(path, CopyWalk::stamp(info));
                      return Status();
                    }).folder(""));
  return made;
}

Result<LayerReading> CopyStamps::changes(const std::string& folder, const SeenFiles& base,
                                         const std::function<bool(std::string_view)>& is_hidden,
                                         std::uint64_t most_bytes) const {
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
  std::unordered_set<std::string_view> met;
  CopyWalk walk(folder, [&](const std::string& path, const struct stat& info) -> Status {
    const auto known = stamps_.find(path);
    if (known != stamps_.end()) met.insert(known->first);
    if (known != stamps_.end() && known->second == CopyWalk::stamp(info)) return {};
    if (is_hidden(path)) return fail(Code::permission_denied, "{} was written, which the agent may not see", path);
    if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode)) {
      reading.left_out.push_back(path);
      return {};
    }
    SKEIN_TRY(Entry after, entry_at(join_path(folder, path)));
    return add(path, std::move(after));
  });
  SKEIN_DO(walk.folder(""));
  for (const auto& [path, stamp] : stamps_)
    if (!met.contains(path)) SKEIN_DO(add(path, {}));
  std::ranges::sort(reading.set.changes, {}, &Change::path);
  std::ranges::sort(reading.left_out);
  return reading;
}

}  // namespace skein::agents
