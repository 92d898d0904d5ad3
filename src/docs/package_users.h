// Who uses a file's names without an import: its package's other files, by their marks (symbol_users.h).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "docs/symbol_users.h"

namespace skein::docs {

class PackageUsers {
 public:
  /// By file: what `marks_of` gave, its path, and whether it is a test. They outlive this.
  /// O(marks of files in packages * log).
  PackageUsers(std::span<const FileMarks> marks, std::span<const std::string_view> paths,
               const std::vector<bool>& is_test);

  /// Files of the package of `file` that use this name, by path; not those that define it themselves. O(log + how
  /// many).
  [[nodiscard]] std::vector<std::uint32_t> of(std::uint32_t file, std::string_view name) const;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Package {
    std::vector<std::uint32_t> files;                             ///< By path.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> uses{};  ///< Mark, place in `files`; only marks of names that
                                                                  ///< some file of the package defines. Sorted.
  };
  std::span<const FileMarks> marks_;
  const std::vector<bool>& is_test_;
  std::vector<Package> packages_;          // Of two files or more.
  std::vector<std::uint32_t> package_of_;  // By file.
};

}  // namespace skein::docs
