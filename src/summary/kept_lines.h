// The lines that no recogniser claimed, kept for what they are worth: how rare their template is, whether the last good
// run had it, how far they stand from where the command failed, and what stands around them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "summary/line_value.h"
#include "summary/recent_lines.h"
#include "summary/summary.h"
#include "summary/template_counts.h"

namespace skein::summary {

/// Keeps every line of a small log. Of a large one it keeps those that say something, their neighbours and the first of
/// each template, and drops the less valuable part whenever there is too much: about 16 MiB at most. Of a huge one
/// (4 MiB) it passes over most lines that say nothing by themselves: their templates are counted by a sample.
class KeptLines {
 public:
  /// Nothing where `bytes` is empty or of another version.
  void read_baseline(std::string_view bytes);
  /// The templates that were seen, as SummarizerOptions::baseline wants them.
  [[nodiscard]] std::string baseline() const;

  /// The next line. `recent` holds those before it. Amortised constant per byte.
  void add(std::uint64_t number, std::string_view text, LineValue value, const RecentLines& recent);

  /// For how many lines from `number` on, the next one, `add` would do nothing if all are quiet.
  [[nodiscard]] std::uint64_t passes_over(std::uint64_t number) const {
    return seen_bytes_ > kMinedLog && after_ == 0 && !is_sampled(number) ? turn_of(number) - number % turn_of(number)
                                                                         : 0;
  }

  /// The passages of a log of `lines` lines, best first; empties the object. `endings` are the lines that say that a
  /// command failed, in order; `recent` holds the last lines.
  [[nodiscard]] std::vector<Passage> take_passages(std::uint64_t lines, const std::vector<std::uint64_t>& endings,
                                                   const RecentLines& recent);

 private:
  static constexpr std::uint64_t kMinedLog = 4 << 20;  ///< Of a log up to this size every line's template is counted.
  // Beyond it, of a turn of quiet lines the first ones are counted: one of sixteen, and after a million one of 64.
  static constexpr std::uint64_t kCounted = 16;
  static std::uint64_t turn_of(std::uint64_t number) { return number < (1U << 20U) ? 16 * kCounted : 64 * kCounted; }
  static bool is_sampled(std::uint64_t number) { return number % turn_of(number) < kCounted; }

  struct Kept {
    std::uint64_t number = 0;
    std::uint64_t like = 0;  // 0: not asked yet.
    std::size_t at = 0;      // Of its text in pool_.
    std::uint32_t size = 0;
    float value = 0;
    LineKind kind = LineKind::plain;
    bool fresh = false;  // After weigh: the last good run had none like it.
  };
  [[nodiscard]] std::string_view text_of(const Kept& kept) const {
    return std::string_view(pool_).substr(kept.at, kept.size);
  }
  void keep(std::uint64_t number, std::string_view text, std::uint64_t like, LineValue value);
  void keep_recent(std::size_t most, const RecentLines& recent);
  void keep_around(LineValue value, const RecentLines& recent);
  void keep_before_last_ending();
  [[nodiscard]] bool is_fresh(const Kept& kept) const;
  void prune();
  [[nodiscard]] static std::vector<float> smoothed(const std::vector<Kept>& lines);
  void find_templates();
  void weigh(std::uint64_t lines, const std::vector<std::uint64_t>& endings);
  [[nodiscard]] std::string why(const Kept& kept, const Passage& passage) const;

  std::vector<Kept> lines_;
  std::string pool_;
  std::uint64_t seen_bytes_ = 0, seen_lines_ = 0, binary_lines_ = 0;  // Of those that were not passed over.
  std::size_t after_ = 0;  // Lines that are still neighbours of a valuable one.
  float bound_ = 0;        // What a line must be worth with its neighbours' part to outlast a prune.
  bool has_ending_ = false;
  std::vector<LogLine> before_ending_;  // Of a huge log, the lines before the last that says that a command failed.
  TemplateCounts counts_;
  std::unordered_set<std::uint64_t> known_;
  bool has_baseline_ = false;
  bool known_by_sample_ = false;      // The last good run's quiet lines are not all known.
  std::uint64_t last_known_ = ~0ULL;  // Nor are templates above this one.
};

}  // namespace skein::summary
