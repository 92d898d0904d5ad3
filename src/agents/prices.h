// What models cost: a table that is data (data/prices), with its date and source, and the user's own beside it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agents/token_usage.h"
#include "base/file_system.h"
#include "base/result.h"

namespace skein::agents {

/// Micro-dollars for a million tokens, by kind.
struct Rates {
  std::int64_t input = 0, cached = 0, cache_write = 0, cache_write_hour = 0, output = 0;

  /// The dearest kind of input.
  [[nodiscard]] std::int64_t worst_input() const;
};

/// What a whole request costs whose input is larger than `above`.
struct PriceTier {
  Tokens above{};  ///< 0: there is no such tier.
  Rates rates;
};

struct Price {
  Rates rates;
  std::int64_t most_output = 0;      ///< Tokens that the model gives at most in one answer; 0: not known.
  std::array<PriceTier, 3> tiers{};  ///< By `above`, the unused ones last.

  /// Rounded up; `usage` is one request's.
  [[nodiscard]] MicroDollars of(const TokenUsage& usage) const;
  /// The most that a request of up to `input` tokens can cost, by kind: in whichever tier it falls.
  [[nodiscard]] Rates worst_rates(Tokens input) const;
  /// The most that up to `input` tokens of whatever kind and `output` tokens can cost, rounded up.
  [[nodiscard]] MicroDollars worst(Tokens input, Tokens output) const;
  [[nodiscard]] bool has_tiers() const { return tiers.front().above.value > 0; }
};

class PriceTable {
 public:
  /// Adds the models of a file; one that is there already is replaced. Errors: `invalid_argument`, naming `origin` and
  /// the line.
  Status add(std::string_view toml, const std::string& origin);
  /// The built-in prices, and those of the files `*.toml` in `folder` (may be missing) over them.
  [[nodiscard]] static Result<PriceTable> load(FileSystem& files, const std::string& folder);

  /// Of a model by its name, also with a date behind it ("gpt-5-2025-08-07", "claude-opus-4-1-20250805"). Null: not
  /// known.
  [[nodiscard]] const Price* find(std::string_view model) const;
  [[nodiscard]] std::size_t size() const { return models_.size(); }

 private:
  std::map<std::string, Price, std::less<>> models_;
};

}  // namespace skein::agents
