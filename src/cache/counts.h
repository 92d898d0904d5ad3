// Hits, misses and evictions that outlive processes: each run adds some lines to one file of the state folder.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "engine/events.h"

namespace skein::cache {

/// Why an entry left the disk.
enum class EvictionReason : std::uint8_t {
  size,        ///< More was there than may be.
  age,         ///< Its time was over.
  unneeded,    ///< No run and no site that is kept needs it.
  clear,       ///< Somebody asked for it.
  dependency,  ///< What it was made from went.
};
inline constexpr std::size_t kEvictionReasons = 5;
[[nodiscard]] std::string_view to_string(EvictionReason reason);

struct Count {
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t evictions = 0;  ///< All of the reasons below; more where an older skein counted without reasons.
  Micros made{};               ///< What the misses took to make,
  MicroDollars money{};        ///< and what that cost.
  std::array<std::int64_t, kEvictionReasons> evicted{};

  Count& operator+=(const Count& other);
  bool operator==(const Count&) const = default;
  void evict(EvictionReason reason) {
    ++evictions;
    ++evicted[static_cast<std::size_t>(reason)];
  }
  /// What the hits would have taken, at the mean of the misses: an estimate; none where nothing was ever made.
  [[nodiscard]] std::optional<Micros> saved() const;
  [[nodiscard]] std::optional<MicroDollars> money_saved() const;
};

/// By agent, without its version.
using Counts = std::map<std::string, Count, std::less<>>;

/// Adds to the counts of a state folder. `source`: StoredResult::source of the run. One append; not synced: what a
/// power cut takes is statistics.
Status add_counts(FileSystem& files, const std::string& state, const Counts& counts, WallTime at,
                  std::string_view source = {});

/// Which lines count.
struct CountsAsked {
  std::optional<WallTime> since{};  ///< From then on.
  std::string commit{};             ///< The beginning of a commit's id or a tree's digest. Kept for 31 days.
};
/// All that was counted. Lines that cannot be read are left out.
[[nodiscard]] Result<Counts> read_counts(FileSystem& files, const std::string& state, const CountsAsked& asked = {});

/// True if `source` (StoredResult::source) is the commit or tree whose id begins with `wanted`.
[[nodiscard]] bool is_source(std::string_view source, std::string_view wanted);

/// Counts what a run finds and misses. Belongs to the coordinator's thread.
class RunCounts final : public engine::Observer {
 public:
  void on(const engine::Event& event) override;
  [[nodiscard]] bool wants_every_step() const override { return true; }
  [[nodiscard]] const Counts& counts() const { return counts_; }
  /// Of the last run that began.
  [[nodiscard]] const std::string& source() const { return source_; }
  /// The step of each hit.
  [[nodiscard]] const std::vector<std::string>& used() const { return used_; }

 private:
  Counts counts_;
  std::string source_;
  std::vector<std::string> used_;
  Count* missed_ = nullptr;  // The agent of the step that is just finished, if it was not found.
};

}  // namespace skein::cache
