// A shared tier's server behind TLS: a real redis-server with a certificate of its own making.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "cache/redis_connection.h"
#include "support/own_certificate.h"
#include "support/redis_server.h"

namespace skein::cache {
namespace {

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

class RedisOverTls : public ::testing::Test {
 protected:
  RedisConnection connection(const std::string& host, Millis time_limit = Millis(5000)) {
    return {parse_shared_address("rediss://:word@" + host + ":" + std::to_string(port_)).value(), time_limit};
  }
  test::OwnCertificate own_;
  std::uint16_t port_ = free_port();
  test::RedisServer server_{{"--tls-port", std::to_string(port_), "--tls-cert-file", own_.certificate_file(),
                             "--tls-key-file", own_.key_file(), "--tls-ca-cert-file", own_.certificate_file(),
                             "--tls-auth-clients", "no", "--requirepass", "word"}};
};

using Commands = std::vector<RedisConnection::Command>;

TEST_F(RedisOverTls, AnswersAsWithoutIt) {
  const test::TrustedFile trusted(own_.certificate_file());
  auto redis = connection("localhost");
  const std::string large(3'000'000, 'z');
  const auto put = redis.call(Commands{{"SET", "a", large}, {"GET", "a"}, {"NOSUCH"}, {"INCR", "n"}});
  ASSERT_TRUE(put) << put.error().to_string();
  EXPECT_EQ(put->at(1).text, large);
  EXPECT_EQ(put->at(2).kind, RedisReply::Kind::error);
  EXPECT_EQ(put->at(3).number, 1);
  // A server that went away is an error; once it is there again, the next call finds it.
  server_.kill();
  const auto dead = redis.call(Commands{{"GET", "n"}});
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().code(), Code::unavailable);
  server_.start();
  const auto again = redis.call(Commands{{"GET", "n"}});
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(again->at(0).kind, RedisReply::Kind::none);
}

TEST_F(RedisOverTls, TrustsNoServerThatItDoesNotKnow) {
  auto unknown = connection("localhost").call(Commands{{"GET", "n"}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), Code::unavailable);
  EXPECT_TRUE(unknown.error().to_string().contains("certificate")) << unknown.error().to_string();
  EXPECT_TRUE(unknown.error().way_out().contains("SSL_CERT_FILE")) << unknown.error().way_out();
  // The same certificate under another name is none.
  const test::TrustedFile trusted(own_.certificate_file());
  unknown = connection("127.0.0.1").call(Commands{{"GET", "n"}});
  ASSERT_FALSE(unknown);
  EXPECT_TRUE(unknown.error().to_string().contains("certificate")) << unknown.error().to_string();
}

TEST_F(RedisOverTls, AServerThatSpeaksNoTlsIsAnErrorInTime) {
  const test::RedisServer plain({"--port", std::to_string(port_ = free_port())});
  const auto refused = connection("localhost", Millis(300)).call(Commands{{"GET", "n"}});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().code() == Code::timed_out || refused.error().code() == Code::unavailable);
}

}  // namespace
}  // namespace skein::cache
