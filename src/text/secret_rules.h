// The rules by which secrets are told from other text, as data (data/secrets/rules.toml), compiled once per process
// into tables that are asked at every byte.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skein::text {

/// How a rule's secret lies beside its anchor; data/secrets/rules.toml says what each means.
enum class SecretForm : std::uint8_t { token, segments, after, assignment, url, block };

struct SecretRule {
  std::string name;  ///< Shown in `[redacted:NAME]`.
  SecretForm form{};
  std::vector<std::string> anchors;  ///< At least three bytes each; lower case with `any_case`.
  bool any_case = false;
  std::bitset<256> alphabet;
  std::size_t least = 1;
  std::size_t most = 16384;  ///< The secret ends there whatever follows, so that a stream is held back no further.
  std::size_t parts = 1;
  bool mixed = false;
  double entropy = 0;
  std::vector<std::string> names;   ///< Of an assignment, without separators.
  std::vector<std::string> except;  ///< Lower case.
  std::string line, until;          ///< Of a block.
};

class SecretRules {
 public:
  ~SecretRules();
  SecretRules(SecretRules&&) noexcept;
  SecretRules& operator=(SecretRules&&) noexcept;

  struct Anchor {
    std::uint16_t rule;
    std::uint16_t anchor;
  };

  /// Errors: `invalid_argument`, naming the rule and the field.
  [[nodiscard]] static Result<SecretRules> parse(std::string_view toml);
  /// The built-in rules, read at the first call.
  [[nodiscard]] static const SecretRules& builtin();

  [[nodiscard]] const std::vector<SecretRule>& rules() const { return rules_; }
  /// Replaces `places` by those in [from, text.size() - 2), ascending, at which an anchor stands or may begin that the
  /// text's end cuts off; some others may be among them.
  void candidates(std::string_view text, std::size_t from, std::vector<std::size_t>& places) const;
  /// The bytes at the text's end, fewer than three, that may be the beginning of an anchor.
  [[nodiscard]] std::size_t begun(std::string_view text) const;
  /// Anchors that may begin with these three bytes, in the order of the rules.
  [[nodiscard]] const std::vector<Anchor>& anchors_at(const char* three_bytes) const;

 private:
  SecretRules();

  /// The search for all anchors in large texts, made when the first of them comes.
  struct Search;

  static std::uint32_t slot(std::uint32_t bytes) { return ((bytes & 0xFFFFFFU) | 0x202020U) * 0x9E3779B1U >> 16U; }

  std::vector<SecretRule> rules_;
  std::size_t longest_ = 0;                                             // Bytes of an anchor.
  std::vector<std::uint8_t> table_ = std::vector<std::uint8_t>(65536);  // By the hash of three folded bytes.
  std::vector<std::vector<Anchor>> buckets_{1};                         // What table_ names; 0: nothing.
  std::unique_ptr<Search> search_;
};

}  // namespace skein::text
