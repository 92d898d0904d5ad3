#include "cache/uses.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace skein::cache {
namespace {

constexpr std::string_view kName = "cache-uses";
constexpr std::int64_t kMostHits = std::int64_t{1} << 48;  // Far above what anybody counts.
constexpr std::string_view kHead = "skein.cache-uses/1\n";

}  // namespace

Result<std::vector<Use>> read_uses(FileSystem& files, const std::string& state) {
  std::vector<Use> uses;
  const auto text = read_file(files, join_path(state, kName));
  if (!text) {
    if (text.error().code() == Code::not_found) return uses;
    return std::unexpected(text.error());
  }
  if (!text->starts_with(kHead)) return uses;
  std::string_view rest = std::string_view(*text).substr(kHead.size());
  for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
    const auto line = rest.substr(0, end);
    Use use;
    const auto [at, error] = std::from_chars(line.data(), line.data() + line.size(), use.hits);
    const auto space = static_cast<std::size_t>(at - line.data());
    if (error != std::errc() || use.hits <= 0 || use.hits > kMostHits || space + 1 >= line.size() || line[space] != ' ')
      continue;
    use.step = line.substr(space + 1);
    uses.push_back(std::move(use));
  }
  return uses;
}

Status add_uses(FileSystem& files, const std::string& state, const std::vector<std::string>& used) {
  if (used.empty()) return {};
  std::unordered_map<std::string_view, std::int64_t> hits;
  for (const auto& step : used) ++hits[step];
  SKEIN_TRY(auto uses, read_uses(files, state));
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < uses.size(); ++i) known.emplace(uses[i].step, i);
  std::vector<Use> fresh;
  for (const auto& [step, count] : hits) {
    const auto found = known.find(step);
    if (found != known.end())
      uses[found->second].hits += count;
    else if (step.find('\n') == std::string_view::npos)
      fresh.push_back({std::string(step), count});
  }
  for (auto& use : fresh) uses.push_back(std::move(use));
  std::ranges::sort(uses,
                    [](const Use& a, const Use& b) { return a.hits != b.hits ? a.hits > b.hits : a.step < b.step; });
  if (uses.size() > kMostUses) uses.resize(kMostUses);
  std::string text(kHead);
  for (const auto& use : uses) text += fmt::format("{} {}\n", use.hits, use.step);
  return write_file_atomically(files, join_path(state, kName), text, false);
}

}  // namespace skein::cache
