// Where symbols are defined, found by parsing only the files that have their names.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "prose/code_words.h"
#include "repo/facts.h"
#include "repo/snapshot.h"

namespace skein::prose {

struct Definition {
  std::string_view path;
  std::string scope;  ///< "Outer.Inner", or empty.
  std::uint32_t line = 0, end_line = 0;
};

/// Not thread-safe; parses a file once.
class Definitions {
 public:
  Definitions(const repo::Snapshot& snapshot, FileSystem& files) : snapshot_(snapshot), files_(files) {}
  /// Of `name` in the files of `use`, by path and line.
  [[nodiscard]] std::vector<Definition> of(std::string_view name, const WordUse& use);
  /// The same, but where a file of the extension of `like` defines it, only those.
  [[nodiscard]] std::vector<Definition> like(std::string_view name, const WordUse& use, std::string_view like);

 private:
  const repo::FileFacts& facts(std::uint32_t file);

  const repo::Snapshot& snapshot_;
  FileSystem& files_;
  std::map<std::uint32_t, repo::FileFacts> facts_;
};

}  // namespace skein::prose
