// FileSystem over Linux system calls.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_system.h"

namespace skein {
namespace {

class SystemFile final : public File {
 public:
  SystemFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~SystemFile() override { ::close(descriptor_); }
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;

  Status append(std::string_view data) override {
    while (!data.empty()) {
      const ssize_t written = ::write(descriptor_, data.data(), data.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return std::unexpected(system_error(errno, "cannot write " + path_));
      }
      data.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::string> read_at(std::uint64_t offset, std::size_t size) const override {
    std::string data;
    // Grown as the bytes arrive: a size from a damaged index must not reserve the machine's memory.
    constexpr std::size_t kPiece = std::size_t{64} << 20;
    while (data.size() < size) {
      const std::size_t have = data.size();
      const std::size_t want = std::min(size - have, kPiece);
      ssize_t got = 0;
      int error = 0;
      data.resize_and_overwrite(have + want, [&](char* bytes, std::size_t) {
        got = ::pread(descriptor_, bytes + have, want, static_cast<off_t>(offset + have));
        error = errno;
        return have + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
      });
      if (got < 0 && error != EINTR) return std::unexpected(system_error(error, "cannot read " + path_));
      if (got == 0) break;
    }
    return data;
  }

  Status sync() override {
    if (::fdatasync(descriptor_) != 0) return std::unexpected(system_error(errno, "cannot sync " + path_));
    return {};
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
      return std::unexpected(system_error(errno, "cannot cut " + path_));
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat info{};
    if (::fstat(descriptor_, &info) != 0) return std::unexpected(system_error(errno, "cannot stat " + path_));
    return static_cast<std::uint64_t>(info.st_size);
  }

 private:
  int descriptor_;
  std::string path_;
};

class SystemFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC | O_NOCTTY;
    switch (mode) {
      case OpenMode::read:
        flags |= O_RDONLY;
        break;
      case OpenMode::append:
        flags |= O_RDWR | O_CREAT | O_APPEND;
        break;
      case OpenMode::create:
        flags |= O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
        break;
    }
    const int descriptor = ::open(path.c_str(), flags, 0666);
    if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open " + path));
    return std::make_unique<SystemFile>(descriptor, path);
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0)
      return std::unexpected(system_error(errno, fmt::format("cannot rename {} to {}", from, to)));
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return {};
    if (errno == EISDIR || errno == EPERM) {
      if (::rmdir(path.c_str()) == 0) return {};
    }
    return std::unexpected(system_error(errno, "cannot remove " + path));
  }

  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    DIR* directory = ::opendir(path.c_str());
    if (directory == nullptr) return std::unexpected(system_error(errno, "cannot list " + path));
    std::vector<DirectoryEntry> entries;
    while (const dirent* entry = ::readdir(directory)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      bool is_directory = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN) {
        struct stat info{};
        if (::fstatat(::dirfd(directory), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
          is_directory = S_ISDIR(info.st_mode);
      }
      entries.push_back({std::string(name), is_directory});
    }
    ::closedir(directory);
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }

  Status set_mode(const std::string& path, unsigned mode) override {
    if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0)
      return std::unexpected(system_error(errno, "cannot set the mode of " + path));
    return {};
  }

  Status make_link(const std::string& target, const std::string& path) override {
    if (::symlink(target.c_str(), path.c_str()) != 0)
      return std::unexpected(system_error(errno, "cannot make the link " + path));
    return {};
  }

  Status make_directories(const std::string& path) override {
    for (std::size_t at = 1; at <= path.size(); ++at) {
      if (at != path.size() && path[at] != '/') continue;
      const std::string prefix = path.substr(0, at);
      if (::mkdir(prefix.c_str(), 0777) != 0 && errno != EEXIST) {
        const int error = errno;
        struct stat info{};
        if (::stat(prefix.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) continue;  // A read-only parent.
        return std::unexpected(system_error(error, "cannot make the folder " + prefix));
      }
    }
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
      return fail(Code::already_exists, "{} is a file where a folder is needed", path);
    return {};
  }

  Status sync_directory(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open " + path));
    const bool done = ::fsync(descriptor) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!done && error != EINVAL) return std::unexpected(system_error(error, "cannot sync " + path));
    return {};
  }

  Status sync_all(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open " + path));
    const bool done = ::syncfs(descriptor) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!done) return std::unexpected(system_error(error, "cannot sync the disk of " + path));
    return {};
  }
};

}  // namespace

std::unique_ptr<FileSystem> make_system_file_system() { return std::make_unique<SystemFileSystem>(); }

}  // namespace skein
