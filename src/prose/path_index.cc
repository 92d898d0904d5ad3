#include "prose/path_index.h"

#include <algorithm>

#include "prose/claim.h"

namespace skein::prose {

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::optional<std::string> resolved(std::string_view folder, std::string_view path) {
  std::string out(folder);
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (out.empty()) return {};
      out = folder_of(out);
      continue;
    }
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

std::string relative_path(std::string_view folder, std::string_view path) {
  std::size_t common = 0;  // Bytes of `folder` and its slash that `path` has, too.
  while (!folder.empty()) {
    const auto end = std::min(folder.find('/', common), folder.size());
    if (path.size() <= end || path.substr(0, end) != folder.substr(0, end) || path[end] != '/') break;
    common = end + 1;
    if (common > folder.size()) break;
  }
  std::string way;
  if (common < folder.size())
    for (auto ups = std::ranges::count(folder.substr(common), '/') + 1; ups > 0; --ups) way += "../";
  return way.append(path.substr(std::min(common, path.size())));
}

PathIndex::PathIndex(const repo::Snapshot& snapshot) : snapshot_(snapshot) {
  for (const auto& file : snapshot.files) {
    const std::string_view path = file.path;
    by_name_.emplace(path.substr(path.rfind('/') + 1), path);
    if (file.kind == repo::FileKind::submodule) folders_.emplace(path);
    for (auto folder = folder_of(path); !folder.empty(); folder = folder_of(folder))
      if (!folders_.emplace(folder).second) break;
    if (const auto extension = extension_of(path); !extension.empty()) extensions_.insert(extension);
    if (file.kind == repo::FileKind::text || file.kind == repo::FileKind::binary) by_digest_.emplace(file.digest, path);
  }
  for (const auto& folder : folders_) {
    const std::string_view path = folder;
    folder_names_.emplace(path.substr(path.rfind('/') + 1), path);
  }
}

std::vector<std::string_view> PathIndex::files_ending(std::string_view end) const {
  std::vector<std::string_view> found;
  const auto [first, last] = by_name_.equal_range(end.substr(end.rfind('/') + 1));
  for (auto at = first; at != last; ++at) {
    const auto path = at->second;
    if (path == end || (path.ends_with(end) && path[path.size() - end.size() - 1] == '/')) found.push_back(path);
  }
  std::ranges::sort(found);
  return found;
}

bool PathIndex::some_folder_ends(std::string_view end) const {
  const auto [first, last] = folder_names_.equal_range(end.substr(end.rfind('/') + 1));
  return std::any_of(first, last, [&](const auto& entry) {
    const auto path = entry.second;
    return path == end || (path.ends_with(end) && path[path.size() - end.size() - 1] == '/');
  });
}

std::vector<std::string_view> PathIndex::files_of(const Digest& digest) const {
  std::vector<std::string_view> found;
  const auto [first, last] = by_digest_.equal_range(digest);
  for (auto at = first; at != last; ++at) found.push_back(at->second);
  return found;
}

bool IgnoredPaths::ignored(std::string_view path, bool folder) {
  repo::IgnoreStack stack;
  const auto rules = [&](const std::string& file) {
    return repo::IgnoreRules::parse(read_file(files_, file).value_or(""));
  };
  const auto& git = snapshot_.git;
  // Rules that stand above the workspace in its repository are read by the scan; here the nearer ones are enough.
  if (!git.excludes_file.empty()) stack.push_git(rules(git.excludes_file), 0);
  if (!git.common_directory.empty()) stack.push_git(rules(join_path(git.common_directory, "info/exclude")), 0);
  for (std::size_t base = 0;;) {
    const auto here = base == 0 ? snapshot_.root : join_path(snapshot_.root, path.substr(0, base - 1));
    stack.push_git(rules(join_path(here, ".gitignore")), base);
    stack.push_skein(rules(join_path(here, ".skeinignore")), base);
    const auto slash = path.find('/', base);
    const auto part = path.substr(0, slash);
    const bool is_folder = slash != std::string_view::npos || folder;
    if (stack.skein(part, is_folder) == repo::Verdict::ignored || stack.git(part, is_folder) == repo::Verdict::ignored)
      return true;
    if (slash == std::string_view::npos) return false;
    base = slash + 1;
  }
}

}  // namespace skein::prose
