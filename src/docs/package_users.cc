#include "docs/package_users.h"

#include <algorithm>
#include <map>
#include <string>

namespace skein::docs {

PackageUsers::PackageUsers(std::span<const FileMarks> marks, std::span<const std::string_view> paths,
                           const std::vector<bool>& is_test)
    : marks_(marks), is_test_(is_test), package_of_(marks.size(), kNone) {
  std::map<std::string, std::vector<std::uint32_t>> by_key;
  for (std::uint32_t file = 0; file < marks.size(); ++file)
    if (auto key = repo::package_key(marks[file].package, paths[file]); !key.empty())
      by_key[std::move(key)].push_back(file);
  for (auto& [key, files] : by_key) {
    if (files.size() < 2) continue;
    Package package{std::move(files)};
    std::ranges::sort(package.files, {}, [&](std::uint32_t file) { return paths[file]; });
    std::vector<std::uint32_t> defined;
    for (const auto file : package.files)
      for (const auto& name : marks[file].defined) defined.push_back(mark_of(name));
    std::ranges::sort(defined);
    for (std::uint32_t place = 0; place < package.files.size(); ++place) {
      const auto file = package.files[place];
      package_of_[file] = static_cast<std::uint32_t>(packages_.size());
      for (const auto mark : marks[file].used)
        if (std::ranges::binary_search(defined, mark) && !std::ranges::binary_search(marks[file].own, mark))
          package.uses.emplace_back(mark, place);
    }
    std::ranges::sort(package.uses);
    packages_.push_back(std::move(package));
  }
}

std::vector<std::uint32_t> PackageUsers::of(std::uint32_t file, std::string_view name) const {
  std::vector<std::uint32_t> users;
  if (package_of_[file] == kNone) return users;
  const auto& package = packages_[package_of_[file]];
  const auto mark = mark_of(name);
  for (auto use = std::ranges::lower_bound(package.uses, std::pair{mark, 0U});
       use != package.uses.end() && use->first == mark; ++use) {
    const auto user = package.files[use->second];
    if (user != file && repo::sees_mate(is_test_[user], is_test_[file])) users.push_back(user);
  }
  return users;
}

}  // namespace skein::docs
