// Notices where a program says that somebody must log in: what no other try of its own mends.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/agent_output.h"

namespace re2 {
class RE2;
}

namespace skein::agents {

/// Looks at the lines of both streams of a program, also at one that is not ended: a prompt often is not. Lines of its
/// standard output that are JSON documents, where its output is of them, are not looked at: a model's words are in
/// them.
class LoginWatch {
 public:
  /// REQUIRES that `check` passes for the spec.
  explicit LoginWatch(const OutputSpec& spec);
  ~LoginWatch();
  LoginWatch(const LoginWatch&) = delete;
  LoginWatch& operator=(const LoginWatch&) = delete;

  /// Bytes of a stream, in any pieces.
  void heard(bool is_error, std::string_view bytes);
  /// The first line that says so, without control characters.
  [[nodiscard]] const std::optional<std::string>& line() const { return line_; }

 private:
  void look(bool is_error);

  std::vector<std::unique_ptr<re2::RE2>> patterns_;
  const bool has_documents_;
  std::array<std::string, 2> open_;  // By stream: its last line, as far as it came.
  std::optional<std::string> line_;
};

}  // namespace skein::agents
