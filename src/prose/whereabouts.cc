#include "prose/whereabouts.h"

#include <algorithm>
#include <array>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/file_system.h"

namespace skein::prose {
namespace {

/// So many folders have one that a page which names a missing one cannot mean just any.
bool is_common_name(std::string_view name) {
  const auto stem = name.substr(0, name.find('.'));
  static constexpr std::array<std::string_view, 12> kNames{"README",     "index",   "__init__", "main",
                                                           "mod",        "lib",     "Makefile", "LICENSE",
                                                           "CMakeLists", "package", "test",     "setup"};
  return std::ranges::find(kNames, stem) != kNames.end();
}

}  // namespace

bool PathFinder::on_disk(const std::string& path) const {
  struct stat info{};
  return ::lstat(join_path(snapshot_.root, path).c_str(), &info) == 0;
}

std::optional<Target> PathFinder::find(std::string_view page, const PathClaim& claim, bool& outside) const {
  const auto folder = folder_of(page);
  std::vector<std::string> tried;
  const auto way = [&](std::string_view from, std::string_view path) {
    if (auto full = resolved(from, path))
      tried.push_back(std::move(*full));
    else
      outside = true;
  };
  if (claim.path.starts_with('/')) {
    way("", claim.path);
  } else if (claim.link) {
    way(folder, claim.path);
    if (outside) return {};
    way("", claim.path);
  } else {
    way("", claim.path);
    way(folder, claim.path);
  }
  outside = tried.empty();
  for (const auto& path : tried) {
    if (index_.is_file(path)) return Target{path, true};
    if (index_.is_folder(path) || on_disk(path)) return Target{path, false};
  }
  if (claim.link) {
    // How wikis and site generators write it.
    for (const auto& path : tried) {
      std::string stem = path;
      if (stem.ends_with(".html")) stem.resize(stem.size() - 5);
      for (const auto* end : {".md", "/index.md", "/README.md", ".markdown"})
        if (index_.is_file(stem + end)) return Target{stem + end, true};
    }
    return {};
  }
  if (const auto ending = index_.files_ending(claim.path); !ending.empty())
    return Target{std::string(ending.front()), true};
  if (index_.some_folder_ends(claim.path)) return Target{claim.path, false};
  return {};
}

std::vector<std::string> PathFinder::meanings(std::string_view page, const PathClaim& claim) {
  std::vector<std::string> all;
  const auto add = [&](std::string_view folder) {
    if (auto path = resolved(folder, claim.path); path && !path->empty()) all.push_back(std::move(*path));
  };
  if (!claim.link || claim.path.starts_with('/')) add("");
  if (!claim.path.starts_with('/')) add(folder_of(page));
  return all;
}

void PathFinder::ask_past(const std::string& path, Whereabouts& found) const {
  if (const auto* gone = past_->file(path)) {
    found.was_there = true;
    found.commit = gone->commit;
    if (!gone->now.empty()) {
      found.now = gone->now;
      found.how = "renamed";
    } else if (const auto same = index_.files_of(gone->digest); same.size() == 1) {
      found.now = same.front();
      found.how = "the same bytes are there";
    }
    return;
  }
  std::string now;
  if (!past_->folder(path, &now)) return;
  found.was_there = true;
  found.folder = true;
  found.now = now;
  found.how = "all its files went there";
}

Whereabouts PathFinder::where(std::string_view page, const PathClaim& claim) const {
  Whereabouts found;
  if (past_ != nullptr) {
    for (const auto& path : meanings(page, claim)) {
      if (!found.was_there) ask_past(path, found);
    }
    if (!found.was_there && !claim.link && !claim.command) {
      const auto ending = past_->files_ending(claim.path);
      if (ending.size() == 1) ask_past(ending.front(), found);
      found.was_there = found.was_there || !ending.empty();
    }
  }
  const auto name = std::string_view(claim.path).substr(claim.path.rfind('/') + 1);
  if (found.now.empty() && !claim.folder && !found.folder && !is_common_name(name) && !extension_of(name).empty())
    if (const auto same = index_.files_ending(name); same.size() == 1) {
      found.now = same.front();
      found.how = "the only file of this name";
    }
  return found;
}

bool PathFinder::is_meant(std::string_view page, const PathClaim& claim, const Whereabouts& found) const {
  if (claim.link || found.was_there) return true;
  if (claim.command) return false;  // It may well be what the command makes.
  if (is_placeholder(claim.path)) return false;
  const bool known_kind = index_.has_extension(extension_of(claim.path));
  if (!claim.path.contains('/') && !claim.folder) return claim.line > 0 && known_kind;
  if (!found.now.empty()) return true;
  if (!known_kind && !(claim.folder && claim.path.contains('/'))) return false;
  const auto all = meanings(page, claim);
  return std::ranges::any_of(all, [&](const std::string& path) {
    const auto first = path.substr(0, path.find('/'));
    const auto near = folder_of(path);
    return first.size() < path.size() && index_.is_folder(first) && (near.empty() || first.size() > 0);
  });
}

std::string PathFinder::written(std::string_view page, const PathClaim& claim, const std::string& path) const {
  std::string text;
  if (claim.path.starts_with('/'))
    text = "/" + path;
  else if (claim.link || claim.path.starts_with("./") || claim.path.starts_with("../"))
    text = relative_path(folder_of(page), path);
  else if (!claim.path.contains('/') && !claim.folder) {
    const auto name = path.substr(path.rfind('/') + 1);
    text = index_.files_ending(name).size() == 1 ? name : path;
  } else {
    text = path;
  }
  if (claim.path.starts_with("./") && !text.starts_with('.')) text = "./" + text;
  return claim.link ? percent_encoded(text) : text;
}

std::string lines_text(const PathClaim& claim, std::uint32_t line, std::uint32_t end_line) {
  const auto rest = claim.rest;
  if (line == 0) return std::string(rest);
  if (const auto hash = rest.find('#'); hash != std::string_view::npos)
    return std::string(rest.substr(0, hash)) +
           (claim.last_line > 0 ? fmt::format("#L{}-L{}", line, end_line) : fmt::format("#L{}", line));
  return claim.last_line > 0 ? fmt::format(":{}-{}", line, end_line) : fmt::format(":{}", line);
}

}  // namespace skein::prose
