// A plain HTTP/1.1 client for servers on this machine: one request after the other over one connection, the body given
// as it comes. Boost.Beast, which one translation unit includes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "net/http_proxy.h"

namespace skein::net {

struct ClientRequest {
  std::string method = "POST";
  std::string target;  ///< "/v1/messages"
  std::vector<Header> headers;
  std::string body;
  Millis silence{600'000};  ///< The longest wait for the next bytes.
  /// Gets the body's bytes as they come, whatever the status.
  std::function<void(std::string_view)> on_body;
};

struct ClientAnswer {
  unsigned status = 0;
  std::string retry_after;  ///< The header, or empty.
  bool complete = false;    ///< The body came to its end.
};

/// Gives a TCP socket that is not connected, such as one of another network, to whoever asks; negative where there is
/// none. May be empty: one of our own network is made.
using SocketSource = std::function<int()>;

/// Belongs to one thread.
class HttpClient {
 public:
  /// For 127.0.0.1, of the network of the socket.
  [[nodiscard]] static std::unique_ptr<HttpClient> make(std::uint16_t port, SocketSource socket = {});
  virtual ~HttpClient() = default;
  /// Waits for the answer. Errors: `unavailable` where the server cannot be reached or gives no head, `cancelled`,
  /// `timed_out`.
  [[nodiscard]] virtual Result<ClientAnswer> send(ClientRequest request, std::stop_token stop) = 0;
};

}  // namespace skein::net
