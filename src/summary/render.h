// A Summary for a reader, within a limit: what does not fit is left out, and said so with the command that shows it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "summary/summary.h"

namespace skein::summary {

enum class Format { terminal, plain, markdown, json, agent, sarif, junit, github };
std::span<const engine::Choice<Format>> choices_of(Format);

/// Counts a model's tokens. Thread-safe.
class TokenCounter {
 public:
  virtual ~TokenCounter() = default;
  [[nodiscard]] virtual Tokens count(std::string_view text) const = 0;
};

/// The smallest limit that is taken: room for the verdict and the notice.
inline constexpr Bytes kSmallestLimit{256};
inline constexpr Tokens kSmallestTokenLimit{96};

struct RenderOptions {
  Format format = Format::plain;
  Bytes limit{10'240};
  std::optional<Tokens> tokens;           ///< In place of `limit`; needs `counter`.
  const TokenCounter* counter = nullptr;  ///< Must outlive the call.
  /// How a reader gets the log: "3f2a" gives "skein log show 3f2a --lines 120-1333". Empty: the notices give line
  /// numbers only (and `source`, where there is one).
  std::string log_id;
  std::string source;       ///< The file that was summarised, for the notices: "build.log".
  bool color = false;       ///< Terminal only.
  bool why = false;         ///< Say of each part why it was chosen. Not for JSON (always there), SARIF, JUnit, GitHub.
  bool allow_whole = true;  ///< Show the log itself where it is no longer than its summary. Terminal, plain, agent.
};

struct ShownRange {
  std::uint64_t first = 0, last = 0;
};

struct Rendering {
  std::string text;                  ///< Never longer than the limit. Ends with a newline.
  bool whole = false;                ///< It is the log itself.
  std::vector<ShownRange> left_out;  ///< Line ranges of the log that are not in `text`, in order.
};

/// The same summary and options give the same bytes. Errors: `invalid_argument` for a limit below the smallest, a token
/// limit without a counter.
[[nodiscard]] Result<Rendering> render(const Summary& summary, const RenderOptions& options);

}  // namespace skein::summary
