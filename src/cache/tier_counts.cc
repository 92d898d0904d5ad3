#include "cache/tier_counts.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/file_lock.h"
#include "cache/counted_number.h"

namespace skein::cache {
namespace {

constexpr std::string_view kName = "cache-tiers";
constexpr std::string_view kVersion = "1";
/// Above this the lines of a day are summed.
constexpr std::size_t kCompactAbove = std::size_t{256} << 10;
constexpr std::int64_t kDay = 86'400;

std::int64_t seconds_of(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

/// The plain numbers, in the order of a line.
std::array<std::int64_t*, 11> numbers_of(CacheCounts& counts) {
  return {&counts.hits, &counts.expired, &counts.negative,  &counts.damaged, &counts.unavailable,      &counts.misses,
          &counts.puts, &counts.refused, &counts.evictions, &counts.removed, &counts.money_saved.value};
}

// "get:BUCKET=COUNT,…", those that are not 0.
std::string histogram_text(const LatencyHistogram& histogram) {
  std::string text;
  const auto& buckets = histogram.buckets();
  for (std::size_t i = 0; i < buckets.size(); ++i)
    if (buckets[i] > 0) text += fmt::format("{}{}={}", text.empty() ? "" : ",", i, buckets[i]);
  return text.empty() ? "-" : text;
}

bool read_histogram(std::string_view text, LatencyHistogram& histogram) {
  if (text == "-") return true;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto pair = text.substr(0, comma);
    text.remove_prefix(std::min(text.size(), comma + 1));
    const auto equals = pair.find('=');
    std::int64_t bucket = 0;
    std::int64_t count = 0;
    if (equals == std::string_view::npos || !read_counted(pair.substr(0, equals), bucket) ||
        !read_counted(pair.substr(equals + 1), count) || std::cmp_greater_equal(bucket, LatencyHistogram::kBuckets))
      return false;
    histogram.add(static_cast<std::size_t>(bucket), count);
  }
  return true;
}

// version, seconds, tier, the numbers, microseconds saved, entries, bytes, get, put
std::string line_of(std::int64_t second, std::string_view tier, CacheCounts counts) {
  std::string line = fmt::format("{} {} {}", kVersion, second, tier);
  for (const auto* number : numbers_of(counts)) line += fmt::format(" {}", *number);
  return line + fmt::format(" {} {} {} {} {}\n", counts.saved.count(), counts.entries, counts.bytes,
                            histogram_text(counts.get), histogram_text(counts.put));
}

struct Line {
  std::int64_t second = 0;
  std::string tier;
  CacheCounts counts;
};

std::optional<Line> parse(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  Line line;
  const auto numbers = numbers_of(line.counts);
  if (words.size() != 3 + numbers.size() + 5 || words[0] != kVersion || !read_counted(words[1], line.second))
    return std::nullopt;
  line.tier = words[2];
  std::size_t at = 3;
  for (auto* number : numbers)
    if (!read_counted(words[at++], *number)) return std::nullopt;
  std::int64_t saved = 0;
  if (!read_counted(words[at], saved) || !read_counted(words[at + 1], line.counts.entries) ||
      !read_counted(words[at + 2], line.counts.bytes) || !read_histogram(words[at + 3], line.counts.get) ||
      !read_histogram(words[at + 4], line.counts.put))
    return std::nullopt;
  line.counts.saved = Micros(saved);
  return line;
}

template <class Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1))
    if (const auto line = parse(text.substr(0, end))) visit(*line);
}

void compact(FileSystem& files, const std::string& path) {
  const auto lock = FileLock::try_acquire(path + ".lock");
  const auto text = lock ? read_file(files, path) : Result<std::string>(std::unexpected(lock.error()));
  if (!text) return;
  std::map<std::pair<std::int64_t, std::string>, CacheCounts> days;
  for_each_line(*text, [&](const Line& line) { days[{line.second / kDay * kDay, line.tier}] += line.counts; });
  std::string shorter;
  for (const auto& [key, counts] : days) shorter += line_of(key.first, key.second, counts);
  [[maybe_unused]] const auto next_time = write_file_atomically(files, path, shorter, false);
}

}  // namespace

CacheCounts& operator+=(CacheCounts& sum, const CacheCounts& other) {
  CacheCounts copy = other;
  const auto to = numbers_of(sum);
  const auto from = numbers_of(copy);
  for (std::size_t i = 0; i < to.size(); ++i) *to[i] += *from[i];
  sum.saved += other.saved;
  sum.entries = std::max(sum.entries, other.entries);
  sum.bytes = std::max(sum.bytes, other.bytes);
  sum.get += other.get;
  sum.put += other.put;
  return sum;
}

Status add_tier_counts(FileSystem& files, const std::string& state, const TierCounts& counts, WallTime at) {
  std::string text;
  for (const auto& [tier, count] : counts)
    if (count.hits + count.misses + count.puts + count.refused + count.removed > 0)
      text += line_of(seconds_of(at), tier, count);
  if (text.empty()) return {};
  const std::string path = join_path(state, kName);
  SKEIN_TRY(auto file, files.open(path, OpenMode::append));
  SKEIN_DO(file->append(text));
  SKEIN_TRY(const auto size, file->size());
  if (size > kCompactAbove) compact(files, path);
  return {};
}

Result<TierCounts> read_tier_counts(FileSystem& files, const std::string& state, std::optional<WallTime> since) {
  TierCounts counts;
  const auto text = read_file(files, join_path(state, kName));
  if (!text) {
    if (text.error().code() == Code::not_found) return counts;
    return std::unexpected(text.error());
  }
  for_each_line(*text, [&](const Line& line) {
    if (!since || line.second >= seconds_of(*since)) counts[line.tier] += line.counts;
  });
  return counts;
}

}  // namespace skein::cache
