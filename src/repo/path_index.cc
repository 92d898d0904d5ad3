#include "repo/path_index.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/digest.h"

namespace skein::repo {
namespace {

/// Of the file name. Equal names stand together by it; that two names share one does no harm, since endings are
/// compared.
std::uint64_t name_mark(std::string_view path) {
  return checksum64(path.substr(path.rfind('/') + 1));
}  // npos + 1 is 0.

}  // namespace

PathIndex::PathIndex(std::span<const std::string_view> paths, ImportRoots roots)
    : sorted_(paths.begin(), paths.end()), roots_(std::move(roots)) {
  if (!std::ranges::is_sorted(sorted_)) std::ranges::sort(sorted_);
}

bool PathIndex::contains(std::string_view path) const { return std::ranges::binary_search(sorted_, path); }

bool PathIndex::contains_folder(std::string_view folder) const {
  if (folder.empty()) return !sorted_.empty();
  const std::string start = std::string(folder) + "/";
  const auto next = std::ranges::lower_bound(sorted_, std::string_view(start));
  return next != sorted_.end() && next->starts_with(start);
}

std::vector<std::string_view> PathIndex::files_in(std::string_view folder) const {
  std::string start = folder.empty() ? std::string() : std::string(folder) + "/";
  const std::size_t length = start.size();
  std::vector<std::string_view> files;
  for (auto at = std::ranges::lower_bound(sorted_, std::string_view(start)); at != sorted_.end();) {
    if (std::string_view(*at).substr(0, length) != std::string_view(start).substr(0, length)) break;
    const auto slash = at->find('/', length);
    if (slash == at->npos) {
      files.push_back(*at++);
      continue;
    }
    // Past all of that folder: '0' follows '/'.
    const std::string past = std::string(at->substr(0, slash)) + "0";
    at = std::lower_bound(at, sorted_.end(), std::string_view(past));
  }
  return files;
}

std::span<const std::string_view> PathIndex::same_name(std::string_view path) const {
  std::call_once(named_, [this] {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order;  // Marks, places in sorted_.
    order.reserve(sorted_.size());
    for (std::uint32_t i = 0; i < sorted_.size(); ++i) order.emplace_back(name_mark(sorted_[i]), i);
    std::ranges::sort(order);
    by_name_.reserve(order.size());
    for (const auto& [mark, place] : order) by_name_.push_back(sorted_[place]);
  });
  const auto found = std::ranges::equal_range(by_name_, name_mark(path), {}, name_mark);
  return std::span(found.begin(), found.end()).first(std::min<std::size_t>(found.size(), kMaxCandidates));
}

}  // namespace skein::repo
