// A reverse proxy on loopback: a handler decides for each request whether it is answered here or sent on to an upstream
// server, and an exchange follows the answer on its way back and may change it. Boost.Beast and OpenSSL, which one
// translation unit includes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace skein::net {

using Header = std::pair<std::string, std::string>;

struct ProxyRequest {
  std::string method;           ///< "POST"
  std::string target;           ///< As sent: "/v1/models?x=1".
  std::vector<Header> headers;  ///< As sent.
  std::string body;

  /// The first header of this name (any case); empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct ProxyAnswer {
  unsigned status = 200;
  std::vector<Header> headers{};
  std::string body{};
};

/// Why there is no answer from upstream.
struct ProxyFailure {
  bool sent = false;  ///< The request went out: the upstream may have worked on it.
  std::string reason;
};

/// Follows one answer. Called on the proxy's thread; when it goes without `on_end` or `on_failure`, the client or the
/// proxy went away first.
class ProxyExchange {
 public:
  virtual ~ProxyExchange() = default;
  /// The upstream's head has come.
  virtual void on_head(unsigned status, const std::vector<Header>& headers) = 0;
  /// Bytes of the body: appends to `out` what the client gets for them.
  virtual void on_body(std::string_view bytes, std::string& out) = 0;
  /// The end; `complete` is false where the upstream broke off. Appends what the client still gets.
  virtual void on_end(bool complete, std::string& out) = 0;
  /// After `on_end`: what could go to the client at once has gone, and nobody waits for what is done here.
  virtual void on_sent() {}
  /// No head came: what the client is told.
  virtual ProxyAnswer on_failure(const ProxyFailure& failure) = 0;
};

/// A request to be sent on.
struct ProxyForward {
  std::string url;  ///< "https://host:port/path?query"; http or https.
  std::string method;
  std::vector<Header> headers;  ///< All of them but Host, Connection and Content-Length.
  std::string body;
  Millis silence{600'000};  ///< The longest wait for the next bytes.
  std::unique_ptr<ProxyExchange> exchange;
};

using ProxyVerdict = std::variant<ProxyAnswer, ProxyForward>;

/// Decides on requests, on the proxy's thread. Outlives the proxy.
class ProxyHandler {
 public:
  virtual ~ProxyHandler() = default;
  /// Asked when a request's head is there, before its body is read: an answer refuses it.
  virtual std::optional<ProxyAnswer> refusal(const ProxyRequest& head) = 0;
  virtual ProxyVerdict decide(ProxyRequest request) = 0;
};

struct HttpProxyOptions {
  std::uint64_t body_bytes = 64'000'000;  ///< A longer request gets a 413.
  std::size_t connections = 1'000;        ///< Of clients; more at once are closed.
  Millis idle{120'000};                   ///< Between two requests of a client.
  Millis connect{30'000};                 ///< For the way to an upstream, TLS included.
};

/// Listens on 127.0.0.1 on a thread of its own until it goes. Connections to upstreams are kept for the next request.
/// Certificates are checked against the system's.
class HttpProxy {
 public:
  /// Errors: of the system.
  [[nodiscard]] static Result<std::unique_ptr<HttpProxy>> start(HttpProxyOptions options, ProxyHandler& handler);
  virtual ~HttpProxy() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Accepts on a listening socket that was made elsewhere, such as in a network namespace of its own, and owns it.
  /// Gives its number. From any thread.
  virtual std::uint64_t add_listener(int descriptor) = 0;
  /// Connections that it accepted live on.
  virtual void remove_listener(std::uint64_t number) = 0;
};

/// The parts of "https://host:port/path": nothing where it is none, or of another scheme.
struct UrlParts {
  bool tls = false;
  std::string host;  ///< Without brackets.
  std::string port;
  std::string target;  ///< "/path"; "/" where it has none.
};
[[nodiscard]] std::optional<UrlParts> parse_url(std::string_view url);
/// True for a host that is this machine by its address or as "localhost".
[[nodiscard]] bool is_this_machine(std::string_view host);

}  // namespace skein::net
