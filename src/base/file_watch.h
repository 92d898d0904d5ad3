// Changes of files below a folder, as they happen. A source says what it saw; that it may have missed something is one
// of the things it says, so whoever listens can look at everything again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace skein {

/// One thing that a source saw.
struct WatchedChange {
  enum class Kind : std::uint8_t {
    written,   ///< Made, written, renamed to this name, or its mode changed.
    removed,   ///< Gone, or renamed away.
    overflow,  ///< Something was missed: anything may have changed. `path` is empty.
  };
  Kind kind{};
  std::string path;  ///< Below the watched root, "/"-separated; may be a folder, which stands for all below it.

  bool operator==(const WatchedChange&) const = default;
};
[[nodiscard]] std::string_view to_string(WatchedChange::Kind kind);

/// Where changes come from. One thread uses it.
class FileWatch {
 public:
  virtual ~FileWatch() = default;
  /// Waits for changes until `deadline` (none: for ever) or a stop, and gives all that are there; empty at the deadline
  /// and after a stop. Errors: the watching itself broke (the root is gone, no more watches).
  [[nodiscard]] virtual Result<std::vector<WatchedChange>> wait(std::optional<Instant> deadline,
                                                                const std::stop_token& stop) = 0;
  [[nodiscard]] virtual Instant now() const { return std::chrono::steady_clock::now(); }
};

/// How changes become rounds.
struct BurstPolicy {
  Millis quiet{150};      ///< A round begins when nothing came for so long,
  Millis longest{2'000};  ///< or so long after its first change.
};

/// The changes of one burst.
struct Burst {
  std::vector<WatchedChange> changes;  ///< Each path once, with what was last seen of it; sorted by path.
  bool overflow = false;               ///< Look at everything.
  bool stopped = false;
};

/// Waits for a burst of changes to end. Changes that `matters` refuses begin none (empty: all matter). At most
/// `kBurstPaths` paths are kept; more are an overflow. Errors: as the watch.
[[nodiscard]] Result<Burst> next_burst(FileWatch& watch, const BurstPolicy& policy, const std::stop_token& stop,
                                       const std::function<bool(const WatchedChange&)>& matters = {});
inline constexpr std::size_t kBurstPaths = 20'000;

}  // namespace skein
