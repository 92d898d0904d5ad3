#include "net/http_client.h"

#include <array>
#include <optional>

#include <sys/socket.h>

#include "net/beast.h"
#include "net/coroutines.h"

namespace skein::net {
namespace {

constexpr std::size_t kReadBytes = 32'768;

class Client final : public HttpClient {
 public:
  Client(std::uint16_t port, SocketSource socket) : port_(port), socket_(std::move(socket)), stream_(context_) {
    buffer_.reserve(kReadBytes);  // Else it is read by 512 bytes.
  }

  Result<ClientAnswer> send(ClientRequest request, std::stop_token stop) override {
    std::optional<Result<ClientAnswer>> answer;
    context_.restart();
    asio::co_spawn(context_, exchange(request, answer), asio::detached);
    {
      const std::stop_callback wake(stop, [this] { asio::post(context_, [this] { stream_.close(); }); });
      context_.run();
    }
    if (stop.stop_requested()) {
      stream_.close();
      return fail(Code::cancelled, "stopped while 127.0.0.1:{} was asked", port_);
    }
    return std::move(*answer);
  }

 private:
  /// False where the server has closed it meanwhile.
  bool is_open() {
    char byte = 0;
    return stream_.socket().is_open() &&
           ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
  }

  asio::awaitable<void> exchange(ClientRequest& request, std::optional<Result<ClientAnswer>>& answer) {
    Failure failure;
    const auto gives_up = [&] {
      stream_.close();
      if (failure == beast::error::timeout)
        answer = fail(Code::timed_out, "no answer for {} s", request.silence.count() / 1000);
      else
        answer = fail(Code::unavailable, "127.0.0.1:{}: {}", port_, failure.message());
    };
    if (!is_open()) {
      buffer_.clear();
      stream_.close();
      if (socket_) {
        const int given = socket_();
        if (given < 0) failure = asio::error::no_descriptors;
        if (!failure) stream_.socket().assign(tcp::v4(), given, failure);
        if (failure) co_return gives_up();
      }
      stream_.expires_after(std::chrono::seconds(10));
      co_await stream_.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port_),
                                     asio::redirect_error(asio::use_awaitable, failure));
      if (!failure) stream_.socket().set_option(tcp::no_delay(true), failure);
      if (failure) co_return gives_up();
    }
    http::request<http::string_body> message(http::string_to_verb(request.method), request.target, 11);
    message.set(http::field::host, fmt::format("127.0.0.1:{}", port_));
    for (const Header& one : request.headers) message.insert(one.first, one.second);
    message.body() = std::move(request.body);
    message.prepare_payload();
    stream_.expires_after(request.silence);
    co_await http::async_write(stream_, message, asio::redirect_error(asio::use_awaitable, failure));
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    if (!failure)
      co_await http::async_read_header(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return gives_up();
    ClientAnswer made;
    made.status = parser.get().result_int();
    const auto after = parser.get()[http::field::retry_after];
    made.retry_after.assign(after.data(), after.size());
    std::array<char, 16'384> bytes;
    while (!parser.is_done() && !failure) {
      parser.get().body().data = bytes.data();
      parser.get().body().size = bytes.size();
      parser.get().body().more = true;
      stream_.expires_after(request.silence);
      co_await http::async_read_some(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, failure));
      if (failure == http::error::need_buffer) failure = {};
      const std::size_t got = bytes.size() - parser.get().body().size;
      if (got > 0 && request.on_body) request.on_body({bytes.data(), got});
    }
    if (failure == beast::error::timeout) co_return gives_up();
    made.complete = parser.is_done() && !failure;
    if (made.complete && parser.get().keep_alive())
      stream_.expires_never();
    else
      stream_.close();
    answer = made;
  }

  std::uint16_t port_;
  SocketSource socket_;
  asio::io_context context_{1};
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
};

}  // namespace

std::unique_ptr<HttpClient> HttpClient::make(std::uint16_t port, SocketSource socket) {
  return std::make_unique<Client>(port, std::move(socket));
}

}  // namespace skein::net
