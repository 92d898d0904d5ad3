// An agent as data: who it is, how it is started, what it may do. A TOML file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/agent_output.h"
#include "base/digest.h"
#include "base/platform/confinement.h"
#include "base/result.h"
#include "base/units.h"

namespace skein::agents {

/// How the prompt reaches a program.
enum class PromptBy {
  input,     ///< On its standard input.
  argument,  ///< As its last argument.
  file,      ///< In a file, whose path stands for "{prompt_file}" in the command.
};

/// How an agent works.
enum class Backend {
  process,  ///< A program that gets a prompt and ends.
  session,  ///< A program that is talked with: see SessionProtocol.
  chat,     ///< A model, with skein's own tools.
};
[[nodiscard]] std::string_view to_string(Backend backend);

/// What a session speaks.
enum class SessionProtocol {
  acp,       ///< The Agent Client Protocol, on standard input and output.
  opencode,  ///< OpenCode's server: HTTP and server-sent events, at the address that it prints.
};

/// Whose it is. A later one wins over an earlier one of the same id.
enum class AgentPlace { shipped, user, workspace };

/// Of a model with skein's own tools.
struct ChatSettings {
  int turns = 50;                  ///< Answers of the model, at most.
  Tokens output{8'192};            ///< The limit of each.
  Millis silence{120'000};         ///< The longest wait for the next bytes of one.
  std::vector<std::string> files;  ///< Files of the workspace that it is given along with the task.
  std::string answer;              ///< A JSON schema in the workspace that its last word must fit. May be empty.
};

/// Of an agent that names none: an accident is ended before the machine suffers from it, and work is not.
[[nodiscard]] ProcessLimits usual_limits();

struct AgentManifest {
  std::string id;       ///< Letters, digits, ".", "_", "-"; begins with a letter or digit; 128 at most.
  std::string version;  ///< MAJOR.MINOR.PATCH: the first two are part of every key.
  std::string description;
  std::vector<std::string> capabilities, technologies, specialisations;
  std::string level;  ///< How hard a task may be, in the author's words. May be empty.
  Backend backend = Backend::process;
  std::vector<std::string> command;  ///< Program and arguments; empty for a model.
  ChatSettings chat;
  PromptBy prompt = PromptBy::input;
  std::vector<std::string> environment;  ///< Names of the user's variables that it gets, and "NAME=value".
  std::vector<std::string> hide;         ///< Files of the workspace that it must not see, as lines of .gitignore.
  std::vector<std::string> setup;        ///< Shell commands that are run before it, in its sandbox.
  std::vector<std::string> verify;       ///< Shell commands that must pass on what it made.
  int tries = 3;                         ///< How often it may try to pass them.
  std::string stronger;                  ///< Another agent, who takes over where it does not get on. May be empty.
  bool network = false;                  ///< It needs more than its own loopback.
  bool untrusted = false;                ///< It reads what others wrote: pages, issues, mail.
  std::string model;                     ///< Stands for "{model}". May be empty.
  std::vector<std::string> providers;    ///< Ids of who answers for models through the relay; empty: it has no relay.
  Millis time_limit{std::chrono::minutes(30)};
  ProcessLimits limits;
  OutputSpec output;  ///< How to read what it prints.
  SessionProtocol protocol = SessionProtocol::acp;
  std::string session_provider;         ///< Of a server: its own name of who has `model`. May be empty.
  std::vector<std::string> allow{"*"};  ///< Of a session: kinds of tool calls that are allowed when it asks.
  std::vector<std::string> ask;         ///< Of a session: kinds that a person is asked about.
  bool tested = true;                   ///< False: described after its documentation, never run by skein's tests.
  std::string source;                   ///< Where its command line is documented. May be empty.

  AgentPlace place = AgentPlace::user;
  std::string origin;  ///< Path of the file; of a shipped one its name.
  Digest digest;       ///< Of the file's bytes.

  /// MAJOR.MINOR of `version`.
  [[nodiscard]] std::string result_version() const;
};

[[nodiscard]] std::string_view to_string(AgentPlace place);

/// Letters, digits, ".", "_", "-"; begins with a letter or digit; 128 at most. Steps of plans are called likewise.
[[nodiscard]] bool is_agent_id(std::string_view id);

/// Files that nobody sees who does not say otherwise, as lines of .gitignore.
[[nodiscard]] std::vector<std::string> default_hidden_files();

/// Reads one. Errors: `invalid_argument`, naming `origin`, the line or the key, and the way out.
[[nodiscard]] Result<AgentManifest> parse_manifest(std::string_view text, std::string origin);

}  // namespace skein::agents
