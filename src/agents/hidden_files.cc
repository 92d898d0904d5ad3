#include "agents/hidden_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <set>

#include <dirent.h>

#include "agents/change_set.h"
#include "base/file_system.h"
#include "repo/ignore.h"

namespace skein::agents {
namespace {

constexpr std::string_view kStateFolder = ".skein";

/// Folders that hold a file, and those above them.
std::set<std::string> folders_of(const std::vector<repo::SnapshotFile>& files) {
  std::set<std::string> folders{""};
  std::string_view last;
  for (const auto& file : files) {
    const std::string_view path = file.path;
    const auto end = path.rfind('/');
    if (end == std::string_view::npos || path.substr(0, end) == last) continue;
    last = path.substr(0, end);
    for (std::string_view folder = last;; folder = folder.substr(0, folder.rfind('/'))) {
      if (!folders.insert(std::string(folder)).second || folder.find('/') == std::string_view::npos) break;
    }
  }
  return folders;
}

/// Which letters a name may begin with that one of these lines of .gitignore matches: most names need no closer look.
std::array<bool, 256> first_letters(const std::vector<std::string>& lines) {
  std::array<bool, 256> letters{};
  for (std::string_view line : lines) {
    if (line.starts_with('!')) line.remove_prefix(1);
    while (line.ends_with('/') || line.ends_with(' ')) line.remove_suffix(1);
    line = line.substr(line.rfind('/') + 1);  // The whole of it where there is none.
    constexpr std::string_view kSpecial = "*?[\\";
    if (line.empty()) continue;
    if (kSpecial.find(line.front()) != std::string_view::npos)
      letters.fill(true);
    else
      letters[static_cast<unsigned char>(line.front())] = true;
  }
  return letters;
}

bool is_dots(std::string_view name) { return name == "." || name == ".."; }

}  // namespace

std::vector<std::string> hidden_files(const repo::Snapshot& base, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  const auto rules = repo::IgnoreRules::parse(text);
  const auto may_begin = first_letters(lines);
  std::vector<std::string> hidden;
  std::error_code none;
  if (std::filesystem::exists(std::filesystem::symlink_status(join_path(base.root, kStateFolder), none)))
    hidden.emplace_back(kStateFolder);
  for (const std::string& folder : folders_of(base.files)) {
    const std::string here = folder.empty() ? base.root : join_path(base.root, folder);
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(here.c_str()), ::closedir);
    while (const dirent* entry = open == nullptr ? nullptr : ::readdir(open.get())) {
      const char* name = &entry->d_name[0];
      if (!may_begin[static_cast<unsigned char>(*name)] || is_dots(name)) continue;
      const std::string path = folder.empty() ? name : folder + "/" + name;
      if (rules.match(path, is_folder(join_path(base.root, path))) == repo::Verdict::ignored) hidden.push_back(path);
    }
  }
  std::ranges::sort(hidden);
  hidden.erase(std::ranges::unique(hidden).begin(), hidden.end());
  return hidden;
}

std::vector<std::string> HiddenFiles::of(const std::vector<std::string>& lines) {
  const std::scoped_lock lock(mutex_);
  const auto known = found_.find(lines);
  if (known != found_.end()) return known->second;
  return found_.emplace(lines, hidden_files(base_, lines)).first->second;
}

}  // namespace skein::agents
