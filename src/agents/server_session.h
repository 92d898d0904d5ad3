// One task in a session of an agent's server (OpenCode's, HTTP and server-sent events): opened, asked, watched, and
// aborted where it has to be.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "agents/opencode_events.h"
#include "base/units.h"
#include "net/http_client.h"

namespace skein::agents {

struct ServerTask {
  std::uint16_t port = 0;
  net::SocketSource socket;  ///< As in HttpClient::make.
  std::string password;      ///< Of the server.
  std::string folder;        ///< Absolute path of the folder to work in.
  std::string prompt;
  std::string provider, model;     ///< Which model; empty: the server's own choice.
  Millis time_limit{};             ///< Of all of it; what a person takes to answer is no part of it.
  std::vector<std::string> allow;  ///< Kinds of tool calls that are allowed when it asks; "*": every kind.
  std::vector<std::string> ask;    ///< Kinds that a person is asked about, whatever `allow` says.
  /// Asks a person, by kind and words: the answer. Errors: nobody answered, and it is no. Empty: nobody is there.
  std::function<Result<std::string>(const std::string& kind, const std::string& what)> person;
};

/// Waits for the end of the turn. A stop aborts it. Errors: `unavailable` for a server that does not answer,
/// `timed_out`, `cancelled`, `failed_check` for a turn that ended otherwise than by itself.
[[nodiscard]] Result<SessionMessages> run_server_session(const ServerTask& task, const std::stop_token& stop);

}  // namespace skein::agents
