#include "agents/ignored_paths.h"

#include <filesystem>

#include "agents/change_set.h"
#include "base/file_system.h"

namespace skein::agents {
namespace {

std::string text_of(const Result<Entry>& entry) {
  return entry && entry->kind == EntryKind::file ? entry->bytes : std::string();
}

std::string text_at(const std::string& path) { return text_of(entry_at(path)); }

}  // namespace

void IgnoredPaths::push_rules(std::string_view rules, std::size_t base_length) {
  rules_.push_git(repo::IgnoreRules::parse(rules), base_length);
}

void IgnoredPaths::enter(std::string_view folder) {
  if (folder == folder_) return;
  folder_ = folder;
  rules_ = {};
  is_ignored_ = false;
  // As git reads them, the weakest first: the user's own, the repository's, those above the root, those below it.
  if (!git_.excludes_file.empty()) push_rules(text_at(git_.excludes_file), 0);
  if (!git_.common_directory.empty()) push_rules(text_at(join_path(git_.common_directory, "info/exclude")), 0);
  for (std::size_t end = 0; end < git_.prefix.size(); end = git_.prefix.find('/', end) + 1)
    push_rules(text_at(join_path(git_.work_root, git_.prefix.substr(0, end) + ".gitignore")), end);
  // "", "src/", "src/net/": each folder's rules, if no rule above leaves the folder out.
  const std::string whole = folder.empty() ? std::string() : std::string(folder) + "/";
  for (std::size_t end = 0;; end = whole.find('/', end) + 1) {
    const std::string below = whole.substr(0, end);
    if (end > 0) is_ignored_ = rules_.git(git_.prefix + below.substr(0, end - 1), true) == repo::Verdict::ignored;
    if (is_ignored_) return;
    const std::string above = join_path(upper_, below + ".gitignore");
    std::error_code none;
    const bool is_written = std::filesystem::exists(std::filesystem::symlink_status(above, none));
    push_rules(is_written ? text_at(above) : text_of(below_.entry(below + ".gitignore")), git_.prefix.size() + end);
    if (end == whole.size()) return;
  }
}

bool IgnoredPaths::contains(std::string_view path) {
  const auto slash = path.rfind('/');
  enter(slash == std::string_view::npos ? std::string_view() : path.substr(0, slash));
  return is_ignored_ || rules_.git(git_.prefix + std::string(path), false) == repo::Verdict::ignored;
}

}  // namespace skein::agents
