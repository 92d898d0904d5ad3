// On real loopback sockets, each wait bounded.
#include "net/http_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include <gtest/gtest.h>

namespace skein::net {
namespace {

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  void send(const std::string& text) const {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// Reads until `end` is in it, the other side closes, or ten seconds are over.
  std::string read_until(const std::string& end) {
    std::array<char, 4096> buffer{};
    while (end.empty() || !got_.contains(end)) {
      pollfd polled{socket_, POLLIN, 0};
      if (::poll(&polled, 1, 10'000) <= 0) break;
      const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (size <= 0) break;
      got_.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return std::exchange(got_, {});
  }

 private:
  int socket_;
  std::string got_;
};

std::string ask(std::uint16_t port, const std::string& head) {
  Client client(port);
  client.send(head + "Connection: close\r\n\r\n");
  return client.read_until("");
}

std::unique_ptr<HttpServer> server_of(HttpServerOptions options = {}) {
  auto server = HttpServer::start(std::move(options), [](const HttpRequest& request) {
    HttpResponse made;
    made.body = "asked " + request.target;
    made.etag = "\"e1\"";
    if (request.target == "/events") {
      made.events = true;
      made.body = "retry: 1\n\n";
    }
    return made;
  });
  EXPECT_TRUE(server.has_value());
  return server ? std::move(*server) : nullptr;
}

TEST(HttpServer, AnswersWithTheHeadersThatKeepOthersOut) {
  const auto server = server_of();
  const auto text = ask(server->port(), "GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\nasked /a")) << text;
  for (const auto* part :
       {"X-Content-Type-Options: nosniff", "Content-Security-Policy: default-src 'none'", "ETag: \"e1\""})
    EXPECT_TRUE(text.contains(part)) << text;
  EXPECT_FALSE(text.contains("Access-Control"));
}

TEST(HttpServer, SaysNotModifiedAndAnswersHeadWithoutABody) {
  const auto server = server_of();
  const auto same = ask(server->port(), "GET /a HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"e1\"\r\n");
  EXPECT_TRUE(same.starts_with("HTTP/1.1 304")) << same;
  EXPECT_TRUE(same.ends_with("\r\n\r\n"));
  const auto head = ask(server->port(), "HEAD /abc HTTP/1.1\r\nHost: localhost\r\n");
  EXPECT_TRUE(head.contains("Content-Length: 10\r\n")) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(HttpServer, RefusesOtherHostsMethodsLongHeadsAndWhatIsNoHttp) {
  const auto server = server_of();
  EXPECT_TRUE(ask(server->port(), "GET / HTTP/1.1\r\nHost: evil.example\r\n").starts_with("HTTP/1.1 421"));
  EXPECT_TRUE(ask(server->port(), "GET / HTTP/1.1\r\n").starts_with("HTTP/1.1 421"));
  EXPECT_TRUE(ask(server->port(), "POST / HTTP/1.1\r\nHost: localhost\r\n").starts_with("HTTP/1.1 405"));
  EXPECT_TRUE(
      ask(server->port(), "GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(ask(server->port(), "nonsense\r\n").starts_with("HTTP/1.1 400"));
}

TEST(HttpServer, ASecondServerOnAPortIsAnErrorThatSaysWhatToDo) {
  const auto server = server_of();
  const auto second = HttpServer::start({.port = server->port()}, [](const HttpRequest&) { return HttpResponse{}; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Code::unavailable);
  EXPECT_TRUE(second.error().way_out().contains("--port")) << second.error().way_out();
}

TEST(HttpServer, StreamsEventsToAllWhoListen) {
  const auto server = server_of();
  Client one(server->port());
  Client two(server->port());
  for (auto* client : {&one, &two}) {
    client->send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto head = client->read_until("retry: 1\n\n");
    EXPECT_TRUE(head.contains("text/event-stream")) << head;
  }
  server->publish("changed", "{}");
  EXPECT_TRUE(one.read_until("\n\n").contains("event: changed\ndata: {}\n\n"));
  EXPECT_TRUE(two.read_until("\n\n").contains("event: changed\ndata: {}\n\n"));
}

TEST(HttpServer, MoreConnectionsThanAllowedAreToldSo) {
  const auto server = server_of({.connections = 1});
  Client first(server->port());
  first.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_FALSE(first.read_until("retry").empty());
  Client second(server->port());
  EXPECT_TRUE(second.read_until("").starts_with("HTTP/1.1 503"));
}

TEST(HttpServer, ASlowHeadIsCutOff) {
  const auto server = server_of({.idle = Millis(50)});
  Client client(server->port());
  client.send("GET / HT");
  EXPECT_EQ(client.read_until(""), "");
}

}  // namespace
}  // namespace skein::net
