// The parts of the proxy that the relay's tests do not meet: addresses, TLS upstream, bad requests.
#include "net/http_proxy.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "net/http_client.h"
#include "support/own_certificate.h"
#include "support/scratch_tree.h"

namespace skein::net {
namespace {

TEST(Url, IsTakenApartOrRefused) {
  const auto parts = parse_url("https://models.example/v1/x?y=1");
  ASSERT_TRUE(parts);
  EXPECT_TRUE(parts->tls);
  EXPECT_EQ(parts->host + " " + parts->port + " " + parts->target, "models.example 443 /v1/x?y=1");
  EXPECT_EQ(parse_url("http://[::1]:8080")->host, "::1");
  EXPECT_EQ(parse_url("http://localhost:8080/v1")->port, "8080");
  for (const char* bad :
       {"", "ftp://a/", "http://", "http:///v1", "https://key@host/", "http://host:/", "http://host:a",
        "http://host:123456/", "http://ho st/", "http://[::1", "http://a\r\nb/", "http://a?b"})
    EXPECT_FALSE(parse_url(bad)) << bad;
}

TEST(Url, KnowsThisMachine) {
  for (const char* host : {"localhost", "127.0.0.1", "127.8.9.1", "::1"}) EXPECT_TRUE(is_this_machine(host)) << host;
  for (const char* host :
       {"127.0.0.1.evil.example", "127.evil.example", "10.0.0.1", "localhost.evil.example", "", "::2"})
    EXPECT_FALSE(is_this_machine(host)) << host;
}

/// Sends everything on to one address.
class Forwarding final : public ProxyHandler {
 public:
  explicit Forwarding(std::string url) : url_(std::move(url)) {}
  std::optional<ProxyAnswer> refusal(const ProxyRequest& head) override {
    if (head.header("X-Key") == "good") return {};
    return ProxyAnswer{401, {}, "no"};
  }
  ProxyVerdict decide(ProxyRequest request) override {
    ProxyForward forward;
    forward.url = url_ + request.target;
    forward.method = request.method;
    forward.body = std::move(request.body);
    forward.exchange = std::make_unique<Exchange>();
    return forward;
  }

 private:
  struct Exchange final : ProxyExchange {
    void on_head(unsigned, const std::vector<Header>&) override {}
    void on_body(std::string_view bytes, std::string& out) override { out += bytes; }
    void on_end(bool, std::string& out) override { out += "."; }
    ProxyAnswer on_failure(const ProxyFailure& failure) override { return {502, {}, failure.reason}; }
  };
  std::string url_;
};

/// Asks by POST; gives status and body.
std::pair<unsigned, std::string> ask(const HttpProxy& proxy, const std::string& key, std::string body) {
  std::string got;
  ClientRequest request;
  request.target = "/x";
  request.headers = {{"X-Key", key}};
  request.body = std::move(body);
  request.silence = Millis(10'000);
  request.on_body = [&](std::string_view bytes) { got += bytes; };
  const auto answer = HttpClient::make(proxy.port())->send(std::move(request), {});
  return answer ? std::pair{answer->status, got} : std::pair{0U, answer.error().to_string()};
}

/// Answers connections on a port of loopback, one after the other, until it goes.
class LoopbackServer {
 public:
  /// `serve` gets each connection, on the server's thread; waits of it end after ten seconds.
  explicit LoopbackServer(std::function<void(int socket)> serve) : serve_(std::move(serve)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listening_, 8), 0);
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int socket = 0; (socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(socket)) {
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const timeval patience{10, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        serve_(socket);
      }
    });
  }
  ~LoopbackServer() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  const std::function<void(int)> serve_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// A server of "localhost".
class TlsServer {
 public:
  explicit TlsServer(const test::OwnCertificate& own) : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX_use_certificate(context_.get(), own.certificate());
    SSL_CTX_use_PrivateKey(context_.get(), own.key());
    server_.emplace([this](int socket) { serve(socket); });
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  void serve(int socket) const {
    SSL* tls = SSL_new(context_.get());
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) == 1) {
      std::array<char, 4096> buffer{};
      if (SSL_read(tls, buffer.data(), buffer.size()) > 0) {
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret";
        SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
        SSL_shutdown(tls);
      }
    }
    SSL_free(tls);
  }
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::optional<LoopbackServer> server_;  // The last: it serves until it is gone.
};

TEST(HttpProxy, ChecksTheCertificateOfAnUpstream) {
  const test::OwnCertificate own;
  const TlsServer server(own);
  Forwarding handler("https://localhost:" + std::to_string(server.port()));
  {
    const auto proxy = HttpProxy::start({}, handler);
    ASSERT_TRUE(proxy);
    const auto [status, body] = ask(**proxy, "good", "hello");
    EXPECT_EQ(status, 502U);
    EXPECT_TRUE(body.contains("certificate")) << body;
  }
  const test::TrustedFile trusted(own.certificate_file());
  const auto proxy = HttpProxy::start({}, handler);
  ASSERT_TRUE(proxy);
  const auto [status, body] = ask(**proxy, "good", "hello");
  EXPECT_EQ(status, 200U) << body;
  EXPECT_EQ(body, "secret.");
  // The same certificate under another name is none.
  Forwarding other("https://127.0.0.1:" + std::to_string(server.port()));
  const auto misnamed = HttpProxy::start({}, other);
  EXPECT_EQ(ask(**misnamed, "good", "hello").first, 502U);
}

/// Answers every request of its connections with the same bytes, in pieces of one size.
class PiecesServer {
 public:
  PiecesServer(std::string answer, std::size_t piece) : answer_(std::move(answer)), piece_(piece) {}
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  std::atomic<std::size_t> got_bodies = 0;  ///< Bytes.

 private:
  void serve(int socket) {
    while (read_request(socket)) {
      for (std::size_t at = 0; at < answer_.size(); at += piece_)
        ::send(socket, answer_.data() + at, std::min(piece_, answer_.size() - at), MSG_NOSIGNAL);
      if (answer_.contains("Connection: close")) return;
    }
  }
  bool read_request(int socket) {
    std::string text;
    std::array<char, 65536> buffer;
    while (true) {
      const auto head = text.find("\r\n\r\n");
      const auto length = text.find("Content-Length: ");
      if (head != std::string::npos && length < head) {
        const std::size_t body = std::stoul(text.substr(length + 16));
        if (text.size() == head + 4 + body) {
          got_bodies += body;
          return true;
        }
      }
      const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (size <= 0) return false;
      text.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }
  const std::string answer_;
  const std::size_t piece_;
  const LoopbackServer server_{[this](int socket) { serve(socket); }};  // The last: it serves until it is gone.
};

TEST(HttpProxy, PassesOnWhatComesInPiecesOfAnySize) {
  const std::string large(20'000, 'y');
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string chunked =
      head + "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n4e20\r\n" + large + "\r\nb\r\n, and three\r\n0\r\n\r\n";
  const std::string sized = head + "Content-Length: 20000\r\n\r\n" + large;
  const std::string closed = head + "Connection: close\r\n\r\n" + large;
  for (const std::size_t piece : {1UL, 7UL, 4'096UL, 1'000'000UL})
    for (const auto& [answer, expected] : {std::pair(&chunked, "one" + large + ", and three."),
                                           std::pair(&sized, large + "."), std::pair(&closed, large + ".")}) {
      if (piece == 1 && answer != &chunked) continue;  // The slowest once.
      PiecesServer server(*answer, piece);
      Forwarding handler("http://127.0.0.1:" + std::to_string(server.port()));
      const auto proxy = HttpProxy::start({}, handler);
      ASSERT_TRUE(proxy);
      const auto client = HttpClient::make((*proxy)->port());
      for (const std::size_t body : {0UL, 3UL, 3'000'000UL}) {
        std::string got;
        ClientRequest request;
        request.target = "/x";
        request.headers = {{"X-Key", "good"}};
        request.body = std::string(body, 'x');
        request.on_body = [&](std::string_view bytes) { got += bytes; };
        const auto done = client->send(std::move(request), {});
        ASSERT_TRUE(done) << done.error().to_string();
        EXPECT_EQ(got.size(), expected.size()) << piece << " " << body;
        EXPECT_TRUE(got == expected);
      }
      EXPECT_EQ(server.got_bodies, 3'000'003U);
    }
}

TEST(HttpProxy, EndsWhatSaysNothingForTooLong) {
  PiecesServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 100);
  Forwarding handler("http://127.0.0.1:" + std::to_string(server.port()));
  const auto proxy = HttpProxy::start({.idle = Millis(50)}, handler);
  ASSERT_TRUE(proxy);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons((*proxy)->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = "POST /x HTTP/1.1\r\nHost: x\r\nX-Key: good\r\nContent-Length: 1\r\n\r\nx";
  const timeval patience{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  for (int i = 0; i < 2; ++i) {  // It is there for a second request, and gone after neither comes.
    ASSERT_EQ(::send(socket, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
    std::string got;
    std::array<char, 4096> buffer;
    while (!got.ends_with("0\r\n\r\n")) {
      const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
      ASSERT_GT(size, 0) << got;
      got.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }
  char byte = 0;
  EXPECT_EQ(::recv(socket, &byte, 1, 0), 0);
  ::close(socket);
}

TEST(HttpProxy, RefusesBeforeABodyIsReadAndSaysWhereItCannotGo) {
  Forwarding handler("http://127.0.0.1:1");
  const auto proxy = HttpProxy::start({.body_bytes = 1'000}, handler);
  ASSERT_TRUE(proxy);
  EXPECT_EQ(ask(**proxy, "bad", "x"), (std::pair{401U, std::string("no")}));
  EXPECT_EQ(ask(**proxy, "good", std::string(2'000, 'x')).first, 413U);
  const auto [status, body] = ask(**proxy, "good", "x");
  EXPECT_EQ(status, 502U);
  EXPECT_TRUE(body.contains("http://127.0.0.1:1")) << body;
}

}  // namespace
}  // namespace skein::net
