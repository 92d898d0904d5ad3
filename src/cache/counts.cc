#include "cache/counts.h"

#include <algorithm>
#include <tuple>

#include "base/file_lock.h"
#include "cache/counted_number.h"

namespace skein::cache {
namespace {

constexpr std::string_view kName = "cache-counts";
/// 2 added money, reasons of evictions and the source; lines of 1 are read all the same.
constexpr std::string_view kOldVersion = "1";
constexpr std::string_view kVersion = "2";
/// Above this the lines of a day are summed into one per agent and source.
constexpr std::size_t kCompactAbove = std::size_t{256} << 10;
constexpr std::int64_t kDay = 86'400;
/// Lines of older days are summed over all sources.
constexpr std::int64_t kDaysWithSource = 31;
constexpr std::string_view kNoSource = "-";
constexpr std::size_t kWordsBefore = 8;  // version … money

std::int64_t seconds_of(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

// version, seconds since 1970, agent, hits, misses, evictions, microseconds, micro-dollars, evictions by reason, source
std::string line_of(std::int64_t second, std::string_view agent, std::string_view source, const Count& count) {
  std::string line = fmt::format("{} {} {} {} {} {} {} {}", kVersion, second, agent, count.hits, count.misses,
                                 count.evictions, count.made.count(), count.money.value);
  for (const auto reason : count.evicted) line += fmt::format(" {}", reason);
  return line + fmt::format(" {}\n", source.empty() ? kNoSource : source);
}

struct Line {
  std::int64_t second = 0;
  std::string_view agent;
  std::string_view source;
  Count count;
};

std::optional<Line> parse(std::string_view text) {
  std::array<std::string_view, kWordsBefore + kEvictionReasons + 1> words;
  std::size_t found = 0;
  for (; found < words.size() && !text.empty(); ++found) {
    const auto end = text.find(' ');
    words[found] = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const bool is_old = words[0] == kOldVersion && found == 7;
  if (!is_old && (words[0] != kVersion || found != words.size())) return std::nullopt;
  Line line;
  std::int64_t made = 0;
  if (words[2].empty() || !text.empty() || !read_counted(words[1], line.second) ||
      !read_counted(words[3], line.count.hits) || !read_counted(words[4], line.count.misses) ||
      !read_counted(words[5], line.count.evictions) || !read_counted(words[6], made))
    return std::nullopt;
  line.agent = words[2];
  line.count.made = Micros(made);
  if (is_old) return line;
  if (!read_counted(words[7], line.count.money.value)) return std::nullopt;
  for (std::size_t i = 0; i < kEvictionReasons; ++i)
    if (!read_counted(words[kWordsBefore + i], line.count.evicted[i])) return std::nullopt;
  line.source = words.back() == kNoSource ? std::string_view() : words.back();
  return line;
}

template <class Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return;  // Half a line: its process was killed.
    if (const auto line = parse(text.substr(0, end))) visit(*line);
    text.remove_prefix(end + 1);
  }
}

void compact(FileSystem& files, const std::string& path, std::int64_t now) {
  const auto lock = FileLock::try_acquire(path + ".lock");
  const auto text = lock ? read_file(files, path) : Result<std::string>(std::unexpected(lock.error()));
  if (!text) return;
  std::map<std::tuple<std::int64_t, std::string, std::string>, Count> days;
  for_each_line(*text, [&](const Line& line) {
    const bool is_new = line.second + kDaysWithSource * kDay >= now;
    days[{line.second / kDay * kDay, std::string(line.agent), std::string(is_new ? line.source : "")}] += line.count;
  });
  std::string shorter;
  for (const auto& [key, count] : days) shorter += line_of(std::get<0>(key), std::get<1>(key), std::get<2>(key), count);
  [[maybe_unused]] const auto next_time = write_file_atomically(files, path, shorter, false);
}

}  // namespace

Count& Count::operator+=(const Count& other) {
  hits += other.hits;
  misses += other.misses;
  evictions += other.evictions;
  made += other.made;
  money += other.money;
  for (std::size_t i = 0; i < kEvictionReasons; ++i) evicted[i] += other.evicted[i];
  return *this;
}

std::optional<Micros> Count::saved() const {
  if (misses == 0) return std::nullopt;
  return Micros(static_cast<std::int64_t>(static_cast<double>(made.count()) / static_cast<double>(misses) *
                                          static_cast<double>(hits)));
}

std::optional<MicroDollars> Count::money_saved() const {
  if (misses == 0) return std::nullopt;
  return MicroDollars{static_cast<std::int64_t>(static_cast<double>(money.value) / static_cast<double>(misses) *
                                                static_cast<double>(hits))};
}

std::string_view to_string(EvictionReason reason) {
  switch (reason) {
    case EvictionReason::size:
      return "size";
    case EvictionReason::age:
      return "age";
    case EvictionReason::unneeded:
      return "unneeded";
    case EvictionReason::clear:
      return "clear";
    case EvictionReason::dependency:
      return "dependency";
  }
  return "unknown";
}

bool is_source(std::string_view source, std::string_view wanted) {
  const auto space = source.find_first_of(" :");
  return !wanted.empty() && space != std::string_view::npos && source.substr(space + 1).starts_with(wanted);
}

Status add_counts(FileSystem& files, const std::string& state, const Counts& counts, WallTime at,
                  std::string_view source) {
  if (counts.empty()) return {};
  std::string word(source);  // "commit ID" as one word.
  std::ranges::replace(word, ' ', ':');
  std::string text;
  for (const auto& [agent, count] : counts) text += line_of(seconds_of(at), agent, word, count);
  const std::string path = join_path(state, kName);
  SKEIN_TRY(auto file, files.open(path, OpenMode::append));
  SKEIN_DO(file->append(text));
  SKEIN_TRY(const auto size, file->size());
  if (size > kCompactAbove) compact(files, path, seconds_of(at));
  return {};
}

Result<Counts> read_counts(FileSystem& files, const std::string& state, const CountsAsked& asked) {
  Counts counts;
  const auto text = read_file(files, join_path(state, kName));
  if (!text) {
    if (text.error().code() == Code::not_found) return counts;
    return std::unexpected(text.error());
  }
  for_each_line(*text, [&](const Line& line) {
    if (asked.since && line.second < seconds_of(*asked.since)) return;
    if (!asked.commit.empty() && !is_source(line.source, asked.commit)) return;
    counts[std::string(line.agent)] += line.count;
  });
  return counts;
}

void RunCounts::on(const engine::Event& event) {
  const auto of = [&](std::string_view agent) -> Count& {
    const auto found = counts_.find(agent);
    return found != counts_.end() ? found->second : counts_.emplace(agent, Count{}).first->second;
  };
  if (const auto* hit = std::get_if<engine::CacheHit>(&event)) {
    ++of(hit->agent).hits;
    used_.emplace_back(hit->step);
    missed_ = nullptr;
  } else if (const auto* miss = std::get_if<engine::CacheMiss>(&event)) {
    missed_ = &of(miss->agent);
    ++missed_->misses;
  } else if (const auto* finished = std::get_if<engine::StepFinished>(&event)) {
    if (missed_ != nullptr && finished->usage != nullptr) {
      missed_->made += finished->usage->wall;
      missed_->money += finished->usage->money;
    }
    missed_ = nullptr;
  } else if (const auto* started = std::get_if<engine::RunStarted>(&event)) {
    source_ = started->source;
  }
}

}  // namespace skein::cache
