#include <string>

#include "repo/manifest_parsers.h"

namespace skein::repo {
namespace {

// The names before the ":" of a rule; nothing for an assignment, a pattern rule or a special target.
std::string_view targets_of(std::string_view line) {
  if (line.empty() || line.front() == '\t' || line.front() == ' ' || line.front() == '#' || line.front() == '.')
    return {};
  const std::size_t colon = line.find(':');
  const std::size_t equals = line.find('=');
  if (colon == line.npos || equals < colon) return {};
  if (line.substr(colon).starts_with(":=") || line.substr(colon).starts_with("::=")) return {};
  const std::string_view names = line.substr(0, colon);
  return names.find_first_of("%$()\"") == names.npos ? names : std::string_view{};
}

}  // namespace

void parse_makefile(std::string_view bytes, Manifest& manifest) {
  std::string comment;  // "## text" on the line before.
  while (!bytes.empty()) {
    const std::string_view line = take_line(bytes);
    if (line.starts_with("## ")) {
      comment = trimmed(line.substr(3));
      continue;
    }
    std::string_view names = targets_of(line);
    if (const std::size_t help = line.find("## "); !names.empty() && help != line.npos)
      comment = trimmed(line.substr(help + 3));
    for (names = trimmed(names); !names.empty();) {
      const std::string_view name = names.substr(0, names.find_first_of(" \t"));
      names = trimmed(names.substr(name.size()));
      if (!manifest.has_script(name)) manifest.scripts.push_back({std::string(name), comment});
    }
    comment.clear();
  }
}

}  // namespace skein::repo
