// Whether git would leave a path out, by the rules as they stand in a sandbox.
#pragma once

#include <string>
#include <string_view>

#include "agents/seen_files.h"
#include "repo/git.h"
#include "repo/ignore.h"

namespace skein::agents {

/// Asked for paths in order, it reads the rules of each folder once. Belongs to one thread at a time.
class IgnoredPaths {
 public:
  /// `upper` lies over `below`. All outlive it.
  IgnoredPaths(const repo::GitInfo& git, const SeenFiles& below, const std::string& upper)
      : git_(git), below_(below), upper_(upper) {}

  /// A file below the root that is not tracked.
  [[nodiscard]] bool contains(std::string_view path);

 private:
  void enter(std::string_view folder);
  void push_rules(std::string_view rules, std::size_t base_length);

  const repo::GitInfo& git_;
  const SeenFiles& below_;
  const std::string& upper_;
  std::string folder_ = "/";  // No folder's name.
  repo::IgnoreStack rules_;   // Of folder_ and those above it.
  bool is_ignored_ = false;   // The folder itself.
};

}  // namespace skein::agents
