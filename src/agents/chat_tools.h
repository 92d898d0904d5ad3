// skein's own tools for a bare model: read, write, edit, search, run. Each is a program in the step's sandbox, so that
// a path or a link leads a model no further than an agent of any other kind.
#pragma once

#include <string>
#include <vector>

#include "agents/chat_wire.h"
#include "agents/sandbox.h"

namespace skein::agents {

/// Belongs to one step; used by one thread.
class ChatTools {
 public:
  /// `environment`: of the programs. `sandbox` outlives it.
  ChatTools(Sandbox& sandbox, std::vector<std::string> environment, Millis time_limit)
      : sandbox_(sandbox), environment_(std::move(environment)), time_limit_(time_limit) {}

  /// In the order in which models are told of them.
  [[nodiscard]] static const std::vector<ToolSpec>& specs();

  /// Does a call. What the model did wrong (arguments, a path that is not there, a command that fails) is an answer
  /// marked as failed. Errors: `cancelled`, and those of a sandbox that breaks.
  [[nodiscard]] Result<ToolAnswer> call(const ToolCall& call, std::stop_token stop);

  /// What all programs took.
  [[nodiscard]] const ProcessOutcome& usage() const { return usage_; }
  /// A file's text. Errors: `not_found` with what the model is told.
  [[nodiscard]] Result<std::string> read(const std::string& path, std::stop_token stop);

 private:
  struct Ran {
    std::string out;
    ProcessOutcome outcome;
  };
  Result<Ran> run(std::vector<std::string> argv, std::string input, std::stop_token stop);
  Result<std::string> do_read(const engine::Json& arguments, std::stop_token stop);
  Result<std::string> do_write(const engine::Json& arguments, std::stop_token stop);
  Result<std::string> do_edit(const engine::Json& arguments, std::stop_token stop);
  Result<std::string> do_search(const engine::Json& arguments, std::stop_token stop);
  Result<std::string> do_run(const engine::Json& arguments, std::stop_token stop);
  Status write(const std::string& path, std::string text, std::stop_token stop);

  Sandbox& sandbox_;
  std::vector<std::string> environment_;
  Millis time_limit_;
  ProcessOutcome usage_;
};

}  // namespace skein::agents
