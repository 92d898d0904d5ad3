// A small HTTP/1.1 server for loopback: GET and HEAD, and streams of server-sent events. Boost.Beast, which one
// translation unit includes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace skein::net {

struct HttpRequest {
  std::string target;         ///< As sent: "/a%20b?x=1".
  std::string if_none_match;  ///< Or empty.
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body{};
  std::string etag{};  ///< With its quotes; empty: none. Where the client has it, it gets a 304 without the body.
  std::string content_security_policy{};  ///< Empty: "default-src 'none'".
  std::string location{};                 ///< Of a redirect.
  bool events = false;                    ///< A stream of events, whose first are `body`; stays open.
};

struct HttpServerOptions {
  std::uint16_t port = 0;              ///< 0: the system chooses.
  std::size_t connections = 64;        ///< More at once get a 503.
  std::uint32_t header_bytes = 8'192;  ///< A longer head gets a 431.
  Millis idle{15'000};                 ///< For a request's head, an answer's way out, and between two requests.
  Millis heartbeat{10'000};            ///< Between comments in an idle stream of events.
  std::function<void()> tick{};        ///< Called on the server's thread every `tick_every`; may be empty.
  Millis tick_every{500};
};

/// Listens on 127.0.0.1 on a thread of its own until it is destroyed. The handler runs on that thread, one request at a
/// time; requests whose Host is not this machine's, methods but GET and HEAD, bodies and bad heads never reach it. All
/// answers carry nosniff, no-referrer, a content security policy and no permission for other origins.
class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  /// Errors: `unavailable` where the port is taken; of the system.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, Handler handler);
  virtual ~HttpServer() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Sends an event ("event: NAME\ndata: DATA\n\n") to all open streams. DATA is one line. From any thread. A stream
  /// whose reader does not keep up is closed.
  virtual void publish(std::string_view name, std::string_view data) = 0;
};

}  // namespace skein::net
