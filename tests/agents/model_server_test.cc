// The scripted model server says what its script says: tests that stand on it need not look.
#include "support/model_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <array>

#include <gtest/gtest.h>

namespace skein::test {
namespace {

std::string ask(const ModelServer& server, const std::string& path, const std::string& body) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string text =
      "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  EXPECT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  ::shutdown(socket, SHUT_WR);
  std::string got;
  std::array<char, 4096> buffer{};
  for (ssize_t size = 0; (size = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
    got.append(buffer.data(), static_cast<std::size_t>(size));
  ::close(socket);
  return got;
}

TEST(ModelServer, AnswersEachDialectStreamedAndNot) {
  Reply reply;
  reply.text = "hello";
  reply.calls = {{"write", R"({"path":"a"})"}};
  reply.again = true;
  const ModelServer server({reply});
  for (const char* path : {"/v1/chat/completions", "/v1/responses", "/v1/messages"}) {
    const auto whole = ask(server, path, R"({"model":"m","messages":[]})");
    EXPECT_TRUE(whole.contains("\"hello\"") && whole.contains("\"write\"") && whole.contains("_tokens\"")) << whole;
    const auto stream = ask(server, path, R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})");
    EXPECT_TRUE(stream.contains("text/event-stream") && stream.contains("hello")) << stream;
    EXPECT_TRUE(stream.contains("_tokens\"") && stream.contains("0\r\n\r\n")) << stream;
  }
  EXPECT_EQ(server.asked().size(), 6U);
}

TEST(ModelServer, KeepsToTheOutputLimitAndFailsAsTold) {
  ModelServer server;
  server.add({.match = "limited", .text = std::string(400, 'x')});
  server.add({.text = "slow down", .status = 429, .retry_after = 7});
  server.add({.text = "half of this", .fault = Fault::cut});
  EXPECT_TRUE(ask(server, "/v1/messages", R"({"q":"other"})").contains("Retry-After: 7\r\n"));
  const auto limited = ask(server, "/v1/messages", R"({"q":"limited","max_tokens":10})");
  EXPECT_TRUE(limited.contains(R"("output_tokens":10)") && limited.contains("max_tokens")) << limited;
  EXPECT_FALSE(limited.contains(std::string(41, 'x')));
  EXPECT_FALSE(ask(server, "/v1/messages", R"({"stream":true})").contains("0\r\n\r\n"));
  EXPECT_TRUE(ask(server, "/v1/messages", "{}").contains("\"done\""));
}

TEST(ModelServer, ReadsAScriptAndNamesWhatIsWrong) {
  std::string why;
  const auto script = parse_script(
      R"([{"text":"a","usage":{"input":3},"calls":[{"name":"w","arguments":{"p":1}}],"fault":"stall"}])", why);
  ASSERT_TRUE(script) << why;
  EXPECT_EQ(script->front().usage->input, 3);
  EXPECT_EQ(script->front().calls.front().arguments, R"({"p":1})");
  EXPECT_EQ(script->front().fault, Fault::stall);
  EXPECT_FALSE(parse_script(R"([{"txt":"a"}])", why));
  EXPECT_TRUE(why.contains("txt")) << why;
}

}  // namespace
}  // namespace skein::test
