// What an agent's program prints, read as its manifest says: what it said, what went wrong, and what it used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "engine/schema.h"

namespace skein::agents {

enum class OutputFormat {
  text,        ///< Free text. Selectors are regular expressions (RE2) with one group.
  json,        ///< One JSON document.
  json_lines,  ///< A JSON document in each line; other lines are left out.
};
[[nodiscard]] std::span<const engine::Choice<OutputFormat>> choices_of(OutputFormat);

/// How to read it: the `[output]` of a manifest. A selector of JSON is a JSON pointer (RFC 6901), before it conditions
/// "POINTER=VALUE" that must hold for the same document, all separated by spaces: "/type=error /message".
struct OutputSpec {
  OutputFormat format = OutputFormat::text;
  std::vector<std::string> said;   ///< Empty: all that was printed.
  std::vector<std::string> error;  ///< Found one: the agent failed, whatever its exit code.
  std::vector<std::string> done;   ///< None found: the agent failed, whatever its exit code. Empty: not asked.
  std::vector<std::string> login;  ///< Regular expressions: a line of either stream that says somebody must log in.
  std::vector<std::string> input_tokens;   ///< What several find in one document is added up; cached ones included.
  std::vector<std::string> cached_tokens;  ///< Of the input.
  std::vector<std::string> output_tokens;
  std::vector<std::string> reasoning_tokens;  ///< Of the output.
  std::vector<std::string> cost_usd;          ///< Dollars.
  bool sum = false;                           ///< Usage of several documents is added up; else the last one's counts.
};

/// Checks the selectors. Errors: `invalid_argument`, naming the one.
[[nodiscard]] Status check(const OutputSpec& spec);

struct AgentUsage {
  Tokens input, cached, output, reasoning;
  MicroDollars money;
};

/// Takes what a program prints on standard output, in pieces. Keeps at most 16 MB of a document or line, and of text.
class AgentOutput {
 public:
  /// `spec` outlives it. REQUIRES that `check` passes.
  explicit AgentOutput(const OutputSpec& spec) : spec_(spec) {}

  void add(std::string_view bytes);
  /// After the last piece.
  void finish();

  [[nodiscard]] const std::string& said() const { return said_; }
  /// The first error that it told of.
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }
  /// True unless `done` asks for something that did not come.
  [[nodiscard]] bool is_done() const { return spec_.done.empty() || done_; }
  [[nodiscard]] const AgentUsage& usage() const { return usage_; }

 private:
  void read(std::string_view document);
  void read_text();
  void count(const AgentUsage& found, bool any);

  const OutputSpec& spec_;
  std::string open_;  // Of a line or document that is not complete.
  bool is_skipping_ = false;
  std::string said_;
  std::optional<std::string> error_;
  bool done_ = false;
  AgentUsage usage_;
};

}  // namespace skein::agents
