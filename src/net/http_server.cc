#include "net/http_server.h"

#include <deque>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <boost/asio/steady_timer.hpp>
#pragma GCC diagnostic pop

#include "net/beast.h"
#include "net/url_path.h"

namespace skein::net {
namespace {

constexpr std::size_t kStreamBacklog = 64;

class Session;

class Server final : public HttpServer {
 public:
  Server(HttpServerOptions options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)), acceptor_(context_), timer_(context_) {}
  ~Server() override {
    context_.stop();
    if (thread_.joinable()) thread_.join();
    streams.clear();  // While the loop that their sockets belong to is there.
  }

  Status listen() {
    Failure failure;
    const tcp::endpoint here(asio::ip::address_v4::loopback(), options_.port);
    acceptor_.open(here.protocol(), failure);
    if (!failure) acceptor_.set_option(asio::socket_base::reuse_address(true), failure);
    if (!failure) acceptor_.bind(here, failure);
    if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
    if (failure)
      return std::unexpected(
          Error(Code::unavailable, fmt::format("cannot listen on 127.0.0.1:{}: {}", options_.port, failure.message()))
              .or_do("choose another with --port, or 0 for a free one"));
    port_ = acceptor_.local_endpoint().port();
    accept();
    if (options_.tick) tick();
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }
  void publish(std::string_view name, std::string_view data) override;

  [[nodiscard]] const HttpServerOptions& options() const { return options_; }
  [[nodiscard]] const Handler& handler() const { return handler_; }
  /// Touched on the server's thread only.
  std::set<std::shared_ptr<Session>> streams;
  std::size_t open = 0;

 private:
  void accept();
  void tick() {
    timer_.expires_after(options_.tick_every);
    timer_.async_wait([this](const Failure& failure) {
      if (failure) return;
      options_.tick();
      tick();
    });
  }

  HttpServerOptions options_;
  Handler handler_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// One connection. Lives as long as something waits for it.
class Session final : public std::enable_shared_from_this<Session> {
 public:
  Session(Server& server, tcp::socket socket)
      : server_(server), stream_(std::move(socket)), heartbeat_(stream_.get_executor()) {
    ++server_.open;
  }
  ~Session() { --server_.open; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() {
    if (server_.open > server_.options().connections) {
      keep_alive_ = false;
      return answer({.status = 503, .body = "too many connections\n"}, false);
    }
    read();
  }

  void send(std::string text) {
    if (queue_.size() >= kStreamBacklog) return close();
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) write_next();
  }

 private:
  void read() {
    parser_.emplace();
    parser_->header_limit(server_.options().header_bytes);
    parser_->body_limit(std::uint64_t{0});
    stream_.expires_after(server_.options().idle);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const Failure& failure, std::size_t) { self->on_read(failure); });
  }

  void on_read(const Failure& failure) {
    if (failure) {
      keep_alive_ = false;
      if (failure == http::error::header_limit)
        return answer({.status = 431, .body = "the request's head is too long\n"}, false);
      if (failure == http::error::body_limit) return answer({.status = 413, .body = "no bodies here\n"}, false);
      if (failure.category() == http::make_error_code(http::error::bad_method).category() &&
          failure != http::error::end_of_stream && failure != http::error::partial_message)
        return answer({.status = 400, .body = "bad request\n"}, false);
      return;  // Gone, or too slow.
    }
    const auto& request = parser_->get();
    keep_alive_ = request.keep_alive();
    const bool head = request.method() == http::verb::head;
    const auto field = [&](http::field name) { return std::string(request[name]); };
    if (!head && request.method() != http::verb::get)
      return answer({.status = 405, .body = "only GET and HEAD\n"}, false);
    if (request.count(http::field::host) != 1 || !is_loopback_host(field(http::field::host), server_.port()))
      return answer({.status = 421, .body = "this server answers to 127.0.0.1 and localhost only\n"}, head);
    HttpResponse made = server_.handler()({std::string(request.target()), field(http::field::if_none_match)});
    if (made.status == 200 && !made.etag.empty() && field(http::field::if_none_match) == made.etag) {
      made.status = 304;
      made.body.clear();
    }
    if (made.events && !head) return open_stream(std::move(made));
    answer(std::move(made), head);
  }

  template <class Message>
  void add_fields(Message& message, const HttpResponse& made) {
    message.set(http::field::content_type, made.content_type);
    message.set("X-Content-Type-Options", "nosniff");
    message.set("Referrer-Policy", "no-referrer");
    message.set("Cross-Origin-Resource-Policy", "same-origin");
    message.set("Content-Security-Policy",
                made.content_security_policy.empty() ? "default-src 'none'" : made.content_security_policy);
    message.set(http::field::cache_control, made.events ? "no-store" : "no-cache");
    if (!made.etag.empty()) message.set(http::field::etag, made.etag);
    if (!made.location.empty()) message.set(http::field::location, made.location);
    if (made.status == 405) message.set(http::field::allow, "GET, HEAD");
  }

  void answer(HttpResponse made, bool head) {
    auto message = std::make_shared<http::response<http::string_body>>();
    message->version(11);
    message->result(made.status);
    message->keep_alive(keep_alive_);
    add_fields(*message, made);
    if (made.status != 304) message->content_length(made.body.size());
    if (!head) message->body() = std::move(made.body);
    stream_.expires_after(server_.options().idle);
    auto serializer = std::make_shared<http::response_serializer<http::string_body>>(*message);
    const auto done = [self = shared_from_this(), message, serializer](const Failure& failure, std::size_t) {
      if (failure || !self->keep_alive_) return self->close();
      self->read();
    };
    if (head || made.status == 304)
      http::async_write_header(stream_, *serializer, done);
    else
      http::async_write(stream_, *serializer, done);
  }

  void open_stream(HttpResponse made) {
    http::response<http::empty_body> head;
    head.version(11);
    head.result(http::status::ok);
    head.keep_alive(false);
    made.content_type = "text/event-stream";
    add_fields(head, made);
    std::ostringstream text;
    text << head.base();
    stream_.expires_never();
    server_.streams.insert(shared_from_this());
    send(text.str() + "\r\n" + made.body);
    beat();
    wait_for_end();
  }

  void beat() {
    heartbeat_.expires_after(server_.options().heartbeat);
    heartbeat_.async_wait([self = weak_from_this()](const Failure& failure) {
      const auto session = self.lock();
      if (failure || !session || session->closed_) return;
      session->send(": still here\n\n");
      session->beat();
    });
  }

  /// The reader of a stream says nothing more: what comes is its end.
  void wait_for_end() {
    stream_.socket().async_wait(tcp::socket::wait_read, [self = shared_from_this()](const Failure&) { self->close(); });
  }

  void write_next() {
    asio::async_write(stream_.socket(), asio::buffer(queue_.front()),
                      [self = shared_from_this()](const Failure& failure, std::size_t) {
                        if (failure) return self->close();
                        if (!self->queue_.empty()) self->queue_.pop_front();
                        if (!self->queue_.empty()) self->write_next();
                      });
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    heartbeat_.cancel();
    Failure ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
    server_.streams.erase(shared_from_this());
  }

  Server& server_;
  beast::tcp_stream stream_;
  asio::steady_timer heartbeat_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::deque<std::string> queue_;
  bool keep_alive_ = true;
  bool closed_ = false;
};

void Server::accept() {
  acceptor_.async_accept([this](const Failure& failure, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!failure) std::make_shared<Session>(*this, std::move(socket))->start();
    accept();
  });
}

void Server::publish(std::string_view name, std::string_view data) {
  asio::post(context_, [this, text = fmt::format("event: {}\ndata: {}\n\n", name, data)] {
    const auto all = streams;  // A slow one is taken out meanwhile.
    for (const auto& stream : all) stream->send(text);
  });
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options, Handler handler) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler));
  SKEIN_DO(server->listen());
  return server;
}

}  // namespace skein::net
