#include "agents/upper_layer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/file_system.h"

namespace skein::agents {
namespace {

namespace fs = std::filesystem;

/// The kernel's mark on a folder that hides all that lies below it. (Documentation/filesystems/overlayfs.rst)
bool is_opaque(const std::string& folder) {
  std::array<char, 2> value{};
  return ::lgetxattr(folder.c_str(), "user.overlay.opaque", value.data(), value.size()) == 1 && value[0] == 'y';
}

class Walk {
 public:
  Walk(const std::string& upper, const SeenFiles& base, const std::function<bool(std::string_view)>& is_hidden,
       std::uint64_t most_bytes)
      : upper_(upper), base_(base), is_hidden_(is_hidden), most_bytes_(most_bytes) {}

  Result<LayerReading> read() {
    SKEIN_DO(folder(""));
    std::ranges::sort(reading_.set.changes, {}, &Change::path);
    std::ranges::sort(reading_.left_out);
    return std::move(reading_);
  }

 private:
  // "" is the workspace itself.
  Status folder(const std::string& below) {
    std::set<std::string> written;
    std::error_code error;
    for (fs::directory_iterator entry(join(upper_, below), error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name == ".git") continue;
      written.insert(name);
      SKEIN_DO(one(below.empty() ? name : below + "/" + name));
    }
    if (error) return fail(Code::io, "cannot read the changes in {}: {}", below, error.message());
    if (is_opaque(join(upper_, below))) return removed_below(below, written);
    return {};
  }

  Status one(const std::string& path) {
    const std::string above = join(upper_, path);
    struct stat info{};
    if (::lstat(above.c_str(), &info) != 0) return std::unexpected(system_error(errno, "cannot look at " + above));
    const bool is_whiteout = S_ISCHR(info.st_mode) && info.st_rdev == makedev(0, 0);
    if (is_whiteout) return removed(path);
    if (is_hidden_(path)) return fail(Code::permission_denied, "{} was written, which the agent may not see", path);
    const bool is_folder_below = base_.is_folder(path);
    if (S_ISDIR(info.st_mode)) {
      if (!is_folder_below) SKEIN_DO(removed(path));  // A file may have stood there.
      return folder(path);
    }
    if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode)) {
      reading_.left_out.push_back(path);
      return {};
    }
    if (is_folder_below) SKEIN_DO(removed(path));
    SKEIN_TRY(Entry after, entry_at(above));
    SKEIN_TRY(Entry before, base_.entry(path));
    return change(path, std::move(before), std::move(after));
  }

  Status removed(const std::string& path) {
    if (is_hidden_(path)) return {};
    if (base_.is_folder(path)) return removed_below(path, {});
    SKEIN_TRY(Entry before, base_.entry(path));
    return change(path, std::move(before), {});
  }

  /// Everything that was seen in a folder, but for these names of it.
  Status removed_below(const std::string& below, const std::set<std::string>& but) {
    for (const std::string& name : base_.names(below)) {
      if (name == ".git" || but.contains(name)) continue;
      SKEIN_DO(removed(below.empty() ? name : below + "/" + name));
    }
    return {};
  }

  Status change(const std::string& path, Entry before, Entry after) {
    if (before == after) return {};
    bytes_ += before.bytes.size() + after.bytes.size();
    if (bytes_ > most_bytes_)
      return fail(Code::resource_exhausted, "the changed files are larger than {} MB together, at {}",
                  most_bytes_ / 1'000'000, path);
    reading_.set.changes.push_back({path, std::move(before), std::move(after)});
    return {};
  }

  static std::string join(const std::string& folder, const std::string& below) {
    return below.empty() ? folder : join_path(folder, below);
  }

  const std::string& upper_;
  const SeenFiles& base_;
  const std::function<bool(std::string_view)>& is_hidden_;
  const std::uint64_t most_bytes_;
  std::uint64_t bytes_ = 0;
  LayerReading reading_;
};

}  // namespace

Result<LayerReading> read_upper_layer(const std::string& upper, const SeenFiles& base,
                                      const std::function<bool(std::string_view)>& is_hidden,
                                      std::uint64_t most_bytes) {
  return Walk(upper, base, is_hidden, most_bytes).read();
}

}  // namespace skein::agents
