#include "text/nearest.h"

#include <algorithm>
#include <array>

namespace skein::text {
namespace {

constexpr std::size_t kMostBytes = 64;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kMostBytes);
  b = b.substr(0, kMostBytes);
  // Rows of the table of optimal string alignment: the one before last, the last, the current.
  std::array<std::array<std::size_t, kMostBytes + 1>, 3> rows{};
  auto* before = &rows[0];
  auto* last = &rows[1];
  auto* current = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*last)[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    (*current)[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = (*last)[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      (*current)[j] = std::min({replace, (*last)[j] + 1, (*current)[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        (*current)[j] = std::min((*current)[j], (*before)[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, current);
  }
  return (*last)[b.size()];
}

std::string_view nearest(std::string_view name, std::span<const std::string> candidates) {
  std::string_view best;
  std::size_t best_edits = 0;
  for (const std::string& candidate : candidates) {
    const bool extends = name.size() >= 2 && candidate.starts_with(name);
    const std::size_t edits = extends ? 1 : edit_distance(name, candidate);
    const std::size_t longest = std::max(name.size(), candidate.size());
    if (edits > std::max<std::size_t>(2, longest / 3) || edits >= longest) continue;
    if (best.empty() || edits < best_edits) {
      best = candidate;
      best_edits = edits;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  const std::string_view meant = nearest(name, candidates);
  if (meant.empty()) return {};
  std::string text = " (did you mean \"";
  return text.append(meant).append("\"?)");
}

}  // namespace skein::text
