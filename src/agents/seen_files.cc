#include "agents/seen_files.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file_system.h"

namespace skein::agents {
namespace {

namespace fs = std::filesystem;

bool is_below_folder(std::string_view path, std::string_view folder) {
  return folder.empty() || (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

std::string join(const std::string& root, const std::string& below) {
  return below.empty() ? root : join_path(root, below);
}

}  // namespace

const Change* SeenFiles::given(std::string_view path) const {
  const auto known = std::ranges::lower_bound(given_.changes, path, {}, &Change::path);
  return known != given_.changes.end() && known->path == path ? &*known : nullptr;
}

std::vector<Change>::const_iterator SeenFiles::first_below(std::string_view folder) const {
  const std::string first = folder.empty() ? std::string() : std::string(folder) + "/";
  return std::ranges::lower_bound(given_.changes, first, {}, &Change::path);
}

bool SeenFiles::is_covered(std::string_view path) const {
  if (given_.empty()) return false;
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const Change* above = given(path.substr(0, slash));
    if (above != nullptr && above->after.kind != EntryKind::none) return true;
  }
  return false;
}

Result<Entry> SeenFiles::entry(const std::string& path) const {
  if (const Change* change = given(path)) return change->after;
  if (is_covered(path)) return Entry{};
  return entry_at(join(root_, path));
}

bool SeenFiles::is_folder(const std::string& path) const {
  if (const Change* change = given(path); change != nullptr && change->after.kind != EntryKind::none) return false;
  for (auto below = first_below(path); below != given_.changes.end() && is_below_folder(below->path, path); ++below)
    if (below->after.kind != EntryKind::none) return true;
  return !is_covered(path) && agents::is_folder(join(root_, path));
}

std::set<std::string> SeenFiles::names(const std::string& folder) const {
  std::set<std::string> found;
  const Change* itself = given(folder);
  if (!is_covered(folder) && (itself == nullptr || itself->after.kind == EntryKind::none)) {
    std::error_code none;  // It need not be there.
    for (fs::directory_iterator entry(join(root_, folder), none), end; !none && entry != end; entry.increment(none))
      found.insert(entry->path().filename().string());
  }
  for (auto below = first_below(folder); below != given_.changes.end() && is_below_folder(below->path, folder);
       ++below) {
    const std::string_view rest = std::string_view(below->path).substr(folder.empty() ? 0 : folder.size() + 1);
    const auto slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    if (below->after.kind != EntryKind::none)
      found.insert(name);
    else if (slash == std::string_view::npos)
      found.erase(name);
  }
  return found;
}

Status write_entry(const std::string& path, const Entry& entry) {
  std::error_code error;
  fs::create_directories(parent_path(path), error);
  if (error) return fail(Code::io, "cannot make the folder of {}: {}", path, error.message());
  if (entry.kind == EntryKind::link) {
    if (::symlink(entry.bytes.c_str(), path.c_str()) != 0)
      return std::unexpected(system_error(errno, "cannot make the link " + path));
    return {};
  }
  std::ofstream file(path, std::ios::binary);
  if (!file.write(entry.bytes.data(), static_cast<std::streamsize>(entry.bytes.size())).flush())
    return fail(Code::io, "cannot write {}", path);
  if (::chmod(path.c_str(), entry.mode) != 0)
    return std::unexpected(system_error(errno, "cannot set the mode of " + path));
  return {};
}

Status make_whiteout(const std::string& path) {
  if (::mknod(path.c_str(), S_IFCHR, makedev(0, 0)) != 0 && errno != EEXIST)
    return std::unexpected(system_error(errno, "cannot hide " + path));
  return {};
}

Status write_layer(const ChangeSet& given, const std::string& layer, const std::string& root) {
  // Removals last: where a file took the place of a folder, that folder's files are hidden by it already.
  for (const Change& change : given.changes)
    if (change.after.kind != EntryKind::none) SKEIN_DO(write_entry(join_path(layer, change.path), change.after));
  for (const Change& change : given.changes) {
    if (change.after.kind != EntryKind::none) continue;
    struct stat info{};
    const std::string path = join_path(layer, change.path);
    // A folder took the file's place, or a file that of a folder on the way; or nothing is there to be hidden.
    if (::lstat(path.c_str(), &info) == 0 || errno == ENOTDIR) continue;
    if (::lstat(join_path(root, change.path).c_str(), &info) != 0) continue;
    std::error_code error;
    fs::create_directories(parent_path(path), error);
    if (error) return fail(Code::io, "cannot make the folder of {}: {}", path, error.message());
    SKEIN_DO(make_whiteout(path));
  }
  return {};
}

}  // namespace skein::agents
