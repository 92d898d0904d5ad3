#include "summary/kept_lines.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <unordered_map>

#include <fmt/format.h>

#include "base/bytes.h"
#include "summary/line_template.h"

namespace skein::summary {
namespace {

constexpr std::uint64_t kWholeLog = 2 << 20;  ///< Of a log up to this size every line is kept.
constexpr std::size_t kBeforeEnding = 40;     ///< Lines of a huge log that are kept before such a line.
constexpr std::size_t kMostKept = 5 << 20;    ///< Bytes of kept lines.
constexpr std::size_t kMostBaseline = 60'000;
constexpr std::uint32_t kBaselineVersion = 3;
constexpr std::uint32_t kLacksQuiet = 1, kLacksHigh = 2;  ///< What a baseline does not know of.
constexpr float kAfter[] = {0.62F, 0.5F, 0.42F, 0.36F, 0.3F, 0.26F, 0.22F, 0.18F};
constexpr float kBefore[] = {0.5F, 0.36F, 0.24F};

bool says_nothing(LineKind kind) {
  return kind == LineKind::noise || kind == LineKind::binary || kind == LineKind::passed;
}

/// Whether the line may be what bytes that are no text look like by chance.
bool may_be_chance(std::string_view text) { return text.size() < 16 || text.find("\xef\xbf\xbd") != text.npos; }

}  // namespace

void KeptLines::read_baseline(std::string_view bytes) {
  if (bytes.empty()) return;
  ByteReader reader(bytes);
  if (reader.u32() != kBaselineVersion) return;
  const std::uint32_t lacks = reader.u32();
  for (std::size_t left = reader.count(8); left > 0 && reader.ok(); --left) {
    const std::uint64_t like = reader.u64();
    known_.insert(like);
    if ((lacks & kLacksHigh) != 0) last_known_ = like;
  }
  known_by_sample_ = (lacks & kLacksQuiet) != 0;
  has_baseline_ = reader.ok();
}

std::string KeptLines::baseline() const {
  std::vector<std::uint64_t> all = counts_.all();
  std::ranges::sort(all);
  const std::uint32_t lacks =
      (seen_bytes_ > kMinedLog ? kLacksQuiet : 0) | (all.size() > kMostBaseline ? kLacksHigh : 0);
  if (all.size() > kMostBaseline) all.resize(kMostBaseline);
  ByteWriter writer;
  writer.u32(kBaselineVersion).u32(lacks).varint(all.size());
  for (const std::uint64_t like : all) writer.u64(like);
  return writer.take();
}

void KeptLines::keep(std::uint64_t number, std::string_view text, std::uint64_t like, LineValue value) {
  lines_.push_back({number, like, pool_.size(), static_cast<std::uint32_t>(text.size()), value.value, value.kind});
  pool_ += text;
}

/// The last lines that are not kept yet, at most so many.
void KeptLines::keep_recent(std::size_t most, const RecentLines& recent) {
  const std::uint64_t last = lines_.empty() ? 0 : lines_.back().number;
  for (std::size_t back = std::min(most, recent.size()); back > 0; --back) {
    const RecentLines::Line line = recent.before(back);
    if (line.number > last && !line.text.empty()) keep(line.number, line.text, 0, value_of(line.text));
  }
}

/// The neighbours of a line of this value that are worth something, the line itself not being kept yet.
void KeptLines::keep_around(LineValue value, const RecentLines& recent) {
  const bool huge = seen_bytes_ > kMinedLog;
  const auto worth = [&](std::span<const float> shares) {
    return static_cast<std::size_t>(
        std::ranges::count_if(shares, [&](float share) { return value.value * share >= bound_; }));
  };
  std::size_t before = worth(kBefore);
  after_ = worth(kAfter);
  if (huge && value.kind == LineKind::ending) {
    // Near the first and the last of them all lines are worth something (`weigh`): which is the last, is not known.
    if (has_ending_) {
      before_ending_.resize(std::min(kBeforeEnding, recent.size()));
      for (std::size_t i = 0; i < before_ending_.size(); ++i) {
        const RecentLines::Line line = recent.before(before_ending_.size() - i);
        before_ending_[i].number = line.number;
        before_ending_[i].text.assign(line.text);
      }
    } else {
      before = kBeforeEnding;
      has_ending_ = true;
    }
  }
  keep_recent(before, recent);
}

/// Puts those of the lines that are not kept into their places.
void KeptLines::keep_before_last_ending() {
  if (before_ending_.empty()) return;
  const std::size_t old = lines_.size();
  for (const LogLine& line : before_ending_) {
    const auto end = lines_.begin() + static_cast<std::ptrdiff_t>(old);
    const auto at = std::ranges::lower_bound(lines_.begin(), end, line.number, {}, &Kept::number);
    if ((at == end || at->number != line.number) && !line.text.empty())
      keep(line.number, line.text, 0, value_of(line.text));
  }
  std::ranges::inplace_merge(lines_, lines_.begin() + static_cast<std::ptrdiff_t>(old), {}, &Kept::number);
}

void KeptLines::add(std::uint64_t number, std::string_view text, LineValue value, const RecentLines& recent) {
  const bool huge = seen_bytes_ > kMinedLog;
  if (is_quiet(value) && passes_over(number) > 0) return;
  seen_bytes_ += text.size() + 1;
  ++seen_lines_;
  if (value.kind == LineKind::binary) ++binary_lines_;
  // Of a huge log quiet lines are counted by the sample only, also those that are kept beside others.
  std::uint64_t like = 0;
  bool is_new = false;
  if (!huge || !is_quiet(value) || is_sampled(number)) {
    like = template_of(text);
    is_new = counts_.add(like, huge && is_quiet(value) ? turn_of(number) / kCounted : 1);
  }
  if (value.kind == LineKind::blank) return;
  if (seen_bytes_ > kWholeLog) {
    if (value.value >= kValuable) {
      keep_around(value, recent);
    } else if (after_ > 0) {
      --after_;
    } else if (!is_new || says_nothing(value.kind)) {
      return;
    }
  }
  keep(number, text, like, value);
  if (pool_.size() + lines_.size() * sizeof(Kept) > kMostKept) prune();
}

/// Drops the less valuable part of what is kept, neighbours of good lines last, so that the work stays linear.
void KeptLines::prune() {
  const std::vector<float> smooth = smoothed(lines_);
  std::vector<float> sorted = smooth;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 2 / 3);
  std::ranges::nth_element(sorted, middle);
  const float bound = *middle;
  bound_ = std::max(bound_, bound);
  std::vector<Kept> rest;
  std::string pool;
  std::size_t ties = lines_.size() / 3;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (smooth[i] < bound) continue;
    if (smooth[i] == bound) {
      if (ties == 0) continue;
      --ties;
    }
    Kept kept = lines_[i];
    const std::string_view text = text_of(kept);
    kept.at = pool.size();
    pool += text;
    rest.push_back(kept);
    if (pool.size() + rest.size() * sizeof(Kept) > kMostKept / 2) break;
  }
  lines_ = std::move(rest);
  pool_ = std::move(pool);
}

/// A line gives some of its value to those that stand around it: details follow, what was done stands before.
std::vector<float> KeptLines::smoothed(const std::vector<Kept>& lines) {
  std::vector<float> out(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) out[i] = lines[i].value;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].value < kValuable) continue;
    const bool tells = lines[i].kind != LineKind::ending;
    for (std::size_t d = 0; tells && d < std::size(kAfter) && i + d + 1 < lines.size(); ++d) {
      if (says_nothing(lines[i + d + 1].kind) || lines[i + d + 1].kind == LineKind::command) break;
      out[i + d + 1] = std::max(out[i + d + 1], lines[i].value * kAfter[d]);
    }
    for (std::size_t d = 0; d < std::size(kBefore) && i >= d + 1; ++d)
      if (!says_nothing(lines[i - d - 1].kind)) out[i - d - 1] = std::max(out[i - d - 1], lines[i].value * kBefore[d]);
  }
  return out;
}

/// Whether the last good run had no such line; false where that is not known.
bool KeptLines::is_fresh(const Kept& kept) const {
  if (!has_baseline_ || kept.like > last_known_ || known_.contains(kept.like)) return false;
  return !known_by_sample_ || !is_quiet({kept.kind, kept.value});
}

void KeptLines::find_templates() {
  for (Kept& kept : lines_)
    if (kept.like == 0) kept.like = template_of(text_of(kept));
}

void KeptLines::weigh(std::uint64_t lines, const std::vector<std::uint64_t>& endings) {
  // How far a line is from the last line that says that the command failed, or from the log's end.
  const std::uint64_t last_ending = endings.empty() ? lines : endings.back();
  const std::uint64_t first_ending = endings.empty() ? lines : endings.front();
  const bool is_binary = binary_lines_ * 4 > seen_lines_;  // A program or an archive, say.
  for (Kept& kept : lines_) {
    if (is_binary && kept.kind == LineKind::plain && may_be_chance(text_of(kept))) {
      kept.value = 0;
      continue;
    }
    const auto times = static_cast<double>(counts_.times(kept.like));
    double value = kept.value;
    if (value >= 6)
      value *= std::max(0.3, 1.15 / std::sqrt(std::max(1.0, std::log2(times + 1))));
    else
      value /= std::max(1.0, std::sqrt(times) * 0.5);
    const bool fresh = is_fresh(kept);
    kept.fresh = fresh;
    if (has_baseline_) value = fresh ? value * 1.5 + 25 : value * 0.4;
    if (kept.kind == LineKind::place) {
      value *= 1.1;  // What a checker found is worth the same wherever it stands.
    } else if (!says_nothing(kept.kind)) {
      const auto near = [&](std::uint64_t end, double most, double reach) {
        if (kept.number > end) return 0.0;
        return most * std::exp(-static_cast<double>(end - kept.number) / reach);
      };
      // A line like many others says little even where the command failed.
      const double often = kept.kind == LineKind::plain ? std::max(1.0, std::sqrt(times) * 0.4) : 1.0;
      const double place = std::max(near(last_ending, 16, 25), near(first_ending, 20, 25)) / often;
      value += has_baseline_ && !fresh ? place * 0.4 : place;
      const double progress = static_cast<double>(kept.number) / static_cast<double>(std::max<std::uint64_t>(1, lines));
      value *= 0.75 + 0.35 * progress;
    } else if (kept.kind == LineKind::passed) {
      value = 0;
    }
    kept.value = static_cast<float>(std::min(100.0, value));
  }
}

std::vector<Passage> KeptLines::take_passages(std::uint64_t lines, const std::vector<std::uint64_t>& endings,
                                              const RecentLines& recent) {
  keep_before_last_ending();
  if (seen_bytes_ > kMinedLog) keep_recent(kBeforeEnding, recent);
  find_templates();
  weigh(lines, endings);
  std::vector<float> smooth = smoothed(lines_);
  std::vector<std::size_t> order(lines_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return smooth[a] > smooth[b]; });
  constexpr std::size_t kMostPassageBytes = 192 << 10;
  std::vector<char> chosen(lines_.size(), 0);
  std::unordered_map<std::uint64_t, int> of_template;
  std::size_t bytes = 0;
  for (const std::size_t i : order) {
    if (bytes > kMostPassageBytes || smooth[i] < 0.5F) break;
    const int nth = of_template[lines_[i].like]++;
    smooth[i] *= std::pow(0.87F, static_cast<float>(std::min(nth, 30)));
    bytes += lines_[i].size + 1;
    chosen[i] = 1;
  }
  std::vector<Passage> passages;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (chosen[i] == 0) continue;
    const bool joins = !passages.empty() && i > 0 && chosen[i - 1] != 0 &&
                       lines_[i].number - passages.back().lines.back().number <= 3 && passages.back().lines.size() < 40;
    if (!joins) passages.emplace_back();
    Passage& passage = passages.back();
    passage.lines.push_back({lines_[i].number, std::string(text_of(lines_[i]))});
    passage.values.push_back(smooth[i]);
    if (smooth[i] > passage.value) {
      passage.value = smooth[i];
      passage.times = counts_.times(lines_[i].like);
      passage.fresh = lines_[i].fresh;
      passage.is_quiet = lines_[i].kind == LineKind::command || lines_[i].kind == LineKind::plain;
      passage.why = why(lines_[i], passage);
    }
  }
  std::ranges::stable_sort(passages, [](const Passage& a, const Passage& b) { return a.value > b.value; });
  lines_.clear();
  pool_.clear();
  return passages;
}

std::string KeptLines::why(const Kept& kept, const Passage& passage) const {
  std::string text;
  switch (kept.kind) {
    case LineKind::error:
      text = "says that something failed";
      break;
    case LineKind::ending:
      text = "says that a command ended badly";
      break;
    case LineKind::trouble:
      text = "words that may be about a failure";
      break;
    case LineKind::place:
      text = "names a line of a file";
      break;
    case LineKind::warning:
      text = "a warning";
      break;
    case LineKind::frame:
      text = "a stack trace";
      break;
    case LineKind::command:
      text = "a command";
      break;
    case LineKind::blank:
    case LineKind::noise:
    case LineKind::binary:
    case LineKind::passed:
    case LineKind::plain:
      text = "stands near the end or near a failure";
      break;
  }
  if (passage.times > 1) text += fmt::format(", {} lines like it", passage.times);
  if (passage.fresh) text += ", none in the last good run";
  return text;
}

}  // namespace skein::summary
