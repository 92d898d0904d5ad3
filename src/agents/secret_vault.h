// Secrets of a step's prompts, and the placeholders under which models see them: what goes out has placeholders, what
// comes back has the secrets again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema.h"

namespace skein::agents {

/// Belongs to one thread. The same secret has the same placeholder for as long as the vault lives, so that a prompt
/// that grows keeps its beginning.
class SecretVault {
 public:
  /// `mark`: letters and digits that no text holds by chance.
  explicit SecretVault(std::string mark) : prefix_("SKEIN_SECRET_" + std::move(mark) + "_") {}

  /// Replaces what looks like a secret in the texts of a request. Bytes of pictures, ids and signatures are left.
  void hide(engine::Json& request);
  /// Puts secrets back into the texts of an answer.
  void restore(engine::Json& answer) const;
  /// Puts secrets back into a text; `in_json`: the text is JSON itself, and they stand in its strings.
  [[nodiscard]] std::string restored(std::string_view text, bool in_json) const;
  /// How many bytes at the end of `text` may be the beginning of a placeholder.
  [[nodiscard]] std::size_t open_end(std::string_view text) const;

  [[nodiscard]] bool empty() const { return secrets_.empty(); }
  [[nodiscard]] std::size_t size() const { return secrets_.size(); }

 private:
  void hide(engine::Json& node, bool in_json, int depth);
  [[nodiscard]] std::string hidden(std::string text, bool in_json);
  [[nodiscard]] std::string placeholder(std::size_t index) const;
  void restore(engine::Json& node, bool in_json, int depth) const;

  std::string prefix_;
  std::vector<std::string> secrets_;
};

/// True for a member of a request or answer whose text is JSON: the arguments of a call.
[[nodiscard]] bool holds_json(std::string_view key);

}  // namespace skein::agents
