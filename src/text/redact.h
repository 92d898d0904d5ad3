// Finds what looks like a secret in a text or a stream of bytes, by the rules of data/secrets: the one rule set for
// skein's own log, stored outputs, summaries and cache entries. It finds what a rule describes, and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "text/secret_rules.h"

namespace skein::text {

struct SecretSpan {
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string_view kind;  ///< The rule's name: "aws-key", "github-token", "password" … Lives as long as the rules.
};

/// In the order of the text, not overlapping. Linear in the text.
[[nodiscard]] std::vector<SecretSpan> find_secrets(std::string_view text,
                                                   const SecretRules& rules = SecretRules::builtin());

/// The text with every secret replaced by `[redacted:<kind>]`.
[[nodiscard]] std::string redact(std::string_view text);

/// The same for bytes that come in pieces: what comes out does not depend on where they were cut. A secret that may
/// still grow is held back until it is decided, at most the rule's `most` and some hundred bytes.
class SecretStream {
 public:
  explicit SecretStream(const SecretRules& rules = SecretRules::builtin()) : rules_(rules) {}

  /// Takes `bytes`; appends to `out` what is decided, secrets replaced, and to `spans` each of them with its offset in
  /// the whole input. Linear over the whole stream, however small the pieces.
  void feed(std::string_view bytes, std::string& out, std::vector<SecretSpan>& spans);
  /// The same; what is decided goes to `give` in pieces, and large ones in which there is no secret as they came,
  /// without a copy.
  void feed(std::string bytes, const std::function<void(std::string)>& give, std::vector<SecretSpan>& spans);
  /// The rest; the stream begins anew afterwards.
  void finish(std::string& out, std::vector<SecretSpan>& spans);
  /// Bytes that are held back.
  [[nodiscard]] std::size_t pending() const { return buffer_.size() - given_; }

 private:
  void advance(std::string_view text, bool final, std::string& out, std::vector<SecretSpan>& spans);
  [[nodiscard]] bool is_clean(std::string_view bytes);

  const SecretRules& rules_;
  std::string buffer_;           // Some bytes of context that were given out, and what is held back.
  std::size_t given_ = 0;        // Of buffer_.
  std::size_t retry_at_ = 0;     // Look again when buffer_ has this size.
  std::uint64_t buffer_at_ = 0;  // Offset of buffer_ in the input.
  std::vector<std::size_t> candidates_;
};

}  // namespace skein::text
