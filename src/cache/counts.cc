#include "cache/counts.h"

#include <charconv>

#include "base/file_lock.h"

namespace skein::cache {
namespace {

constexpr std::string_view kName = "cache-counts";
constexpr std::string_view kVersion = "1";
/// Above this the lines of a day are summed into one per agent.
constexpr std::size_t kCompactAbove = std::size_t{256} << 10;
constexpr std::int64_t kDay = 86'400;

std::int64_t seconds_of(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

// version, seconds since 1970, agent, hits, misses, evictions, microseconds
std::string line_of(std::int64_t second, std::string_view agent, const Count& count) {
  return fmt::format("{} {} {} {} {} {} {}\n", kVersion, second, agent, count.hits, count.misses, count.evictions,
                     count.made.count());
}

struct Line {
  std::int64_t second = 0;
  std::string_view agent;
  Count count;
};

std::optional<Line> parse(std::string_view text) {
  std::string_view words[7];
  for (auto& word : words) {
    const auto end = text.find(' ');
    word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const auto number = [](std::string_view word, std::int64_t& value) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() && value >= 0;
  };
  Line line;
  std::int64_t made = 0;
  if (words[0] != kVersion || words[2].empty() || !text.empty() || !number(words[1], line.second) ||
      !number(words[3], line.count.hits) || !number(words[4], line.count.misses) ||
      !number(words[5], line.count.evictions) || !number(words[6], made))
    return std::nullopt;
  line.agent = words[2];
  line.count.made = Micros(made);
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

void compact(FileSystem& files, const std::string& path) {
  const auto lock = FileLock::try_acquire(path + ".lock");
  const auto text = lock ? read_file(files, path) : Result<std::string>(std::unexpected(lock.error()));
  if (!text) return;
  std::map<std::pair<std::int64_t, std::string>, Count> days;
  for_each_line(*text,
                [&](const Line& line) { days[{line.second / kDay * kDay, std::string(line.agent)}] += line.count; });
  std::string shorter;
  for (const auto& [key, count] : days) shorter += line_of(key.first, key.second, count);
  [[maybe_unused]] const auto next_time = write_file_atomically(files, path, shorter, false);
}

}  // namespace

Count& Count::operator+=(const Count& other) {
  hits += other.hits;
  misses += other.misses;
  evictions += other.evictions;
  made += other.made;
  return *this;
}

std::optional<Micros> Count::saved() const {
  if (misses == 0) return std::nullopt;
  return Micros(static_cast<std::int64_t>(static_cast<double>(made.count()) / static_cast<double>(misses) *
                                          static_cast<double>(hits)));
}

Status add_counts(FileSystem& files, const std::string& state, const Counts& counts, WallTime at) {
  if (counts.empty()) return {};
  std::string text;
  for (const auto& [agent, count] : counts) text += line_of(seconds_of(at), agent, count);
  const std::string path = join_path(state, kName);
  SKEIN_TRY(auto file, files.open(path, OpenMode::append));
  SKEIN_DO(file->append(text));
  SKEIN_TRY(const auto size, file->size());
  if (size > kCompactAbove) compact(files, path);
  return {};
}

Result<Counts> read_counts(FileSystem& files, const std::string& state, std::optional<WallTime> since) {
  Counts counts;
  const auto text = read_file(files, join_path(state, kName));
  if (!text) {
    if (text.error().code() == Code::not_found) return counts;
    return std::unexpected(text.error());
  }
  for_each_line(*text, [&](const Line& line) {
    if (!since || line.second >= seconds_of(*since)) counts[std::string(line.agent)] += line.count;
  });
  return counts;
}

void CacheObserver::on(const engine::Event& event) {
  const auto of = [&](std::string_view agent) -> Count& {
    const auto found = counts_.find(agent);
    return found != counts_.end() ? found->second : counts_.emplace(agent, Count{}).first->second;
  };
  if (const auto* hit = std::get_if<engine::CacheHit>(&event)) {
    ++of(hit->agent).hits;
    missed_ = nullptr;
  } else if (const auto* miss = std::get_if<engine::CacheMiss>(&event)) {
    missed_ = &of(miss->agent);
    ++missed_->misses;
  } else if (const auto* finished = std::get_if<engine::StepFinished>(&event)) {
    if (missed_ != nullptr && finished->usage != nullptr) missed_->made += finished->usage->wall;
    missed_ = nullptr;
  }
}

}  // namespace skein::cache
