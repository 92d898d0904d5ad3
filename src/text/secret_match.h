// Whether a secret stands at an anchor: the six forms of data/secrets/rules.toml, each a walk over the bytes behind the
// anchor that is bounded by the rule.
#pragma once

#include "text/secret_rules.h"

namespace skein::text {

struct SecretMatch {
  enum State : std::uint8_t {
    none,
    found,
    undecided,  ///< The text ended before it could be told.
  };
  State state = none;
  std::uint16_t rule = 0;
  std::size_t offset = 0;  ///< Not before the anchor.
  std::size_t size = 0;
};

/// The first rule that finds a secret whose anchor begins at `at`. `final`: nothing follows the text, so nothing is
/// undecided. What it finds does not depend on bytes more than 256 before `at`.
[[nodiscard]] SecretMatch match_secret(const SecretRules& rules, std::string_view text, std::size_t at, bool final);

}  // namespace skein::text
