#include "net/http_proxy.h"

#include <array>
#include <atomic>
#include <map>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include <openssl/ssl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#pragma GCC diagnostic pop

#include "base/check.h"
#include "net/beast.h"
#include "net/coroutines.h"

namespace skein::net {
namespace {

using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;
template <class T>
using Async = asio::awaitable<T>;

constexpr std::uint32_t kHeadBytes = 65'536;
constexpr std::size_t kReadBytes = 32'768;
constexpr std::size_t kKeptUpstreams = 64;

/// A way to an upstream server.
struct Upstream {
  std::string name;  // "https://host:port"
  std::unique_ptr<Plain> plain;
  std::unique_ptr<Secure> secure;
  beast::flat_buffer buffer;

  Plain& tcp() { return plain ? *plain : beast::get_lowest_layer(*secure); }
  /// False where the other side has closed it, or sent what nobody asked for.
  bool is_quiet() {
    char byte = 0;
    return ::recv(tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
  }
};

std::string text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

template <class Fields>
std::vector<Header> headers_of(const Fields& fields) {
  std::vector<Header> made;
  for (const auto& field : fields) made.emplace_back(text_of(field.name_string()), text_of(field.value()));
  return made;
}

/// Of one connection only, made anew by us, or no business of an agent.
bool is_of_the_way(const std::string& name) {
  for (const char* one : {"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "trailer",
                          "proxy-authenticate", "te", "set-cookie"})
    if (beast::iequals(name, one)) return true;
  return false;
}

/// What passes on the events of many streams has little to do each time, and is awaited: on a busy machine it gets its
/// turn sooner for taking a shorter one (Linux 6.12 and above; before, this does nothing). No privilege is needed.
void ask_for_short_turns() {
  if (::sched_getscheduler(0) != SCHED_OTHER) return;
  const struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t turn_ns, deadline, period;
  } wish{48, SCHED_OTHER, 0, ::getpriority(PRIO_PROCESS, 0), 0, 100'000, 0, 0};
  static_assert(sizeof wish == 48);
  ::syscall(SYS_sched_setattr, 0, &wish, 0);
}

/// Ends a connection on which nothing has moved for too long. One timer for all that happens on a client's connection,
/// set again only where it would come too late: to arm and cancel one for each event of a stream costs more than to
/// pass it on.
class Silence {
 public:
  explicit Silence(asio::io_context& context) : state_(std::make_shared<State>(context)) {}
  ~Silence() {
    state_->awaited = nullptr;
    state_->timer.cancel();
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

  /// Something has moved, and what moves next is on this connection, which lives until the next call or `rest`.
  void wait_for(Plain& connection, Millis limit) {
    state_->awaited = &connection;
    state_->over = false;
    state_->until = std::chrono::steady_clock::now() + limit;
    if (!state_->is_armed || state_->until < state_->timer.expiry()) State::watch(state_);
  }
  void rest() { state_->awaited = nullptr; }
  /// Too long: the connection waited for was closed.
  [[nodiscard]] bool over() const { return state_->over; }

 private:
  struct State {
    explicit State(asio::io_context& context) : timer(context) {}
    static void watch(const std::shared_ptr<State>& self) {
      self->is_armed = true;
      self->timer.expires_at(self->until);
      self->timer.async_wait([self](const Failure& failure) {
        if (failure) return;  // Set anew, or its owner went.
        self->is_armed = false;
        if (self->awaited == nullptr) return;
        if (std::chrono::steady_clock::now() < self->until) return watch(self);
        self->over = true;
        self->awaited->close();
      });
    }
    asio::steady_timer timer;
    Plain* awaited = nullptr;
    std::chrono::steady_clock::time_point until;
    bool is_armed = false, over = false;
  };
  std::shared_ptr<State> state_;  // Shared with the handler, which the loop may call after we went.
};

class Proxy final : public HttpProxy {
 public:
  Proxy(HttpProxyOptions options, ProxyHandler& handler) : options_(options), handler_(handler) {}
  ~Proxy() override {
    context_.stop();
    if (thread_.joinable()) thread_.join();
    acceptors_.clear();  // While the loop that their sockets belong to is there.
    kept_.clear();
  }

  Status listen() {
    Failure failure;
    auto acceptor = std::make_unique<tcp::acceptor>(context_);
    acceptor->open(tcp::v4(), failure);
    if (!failure) acceptor->bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0), failure);
    if (!failure) acceptor->listen(asio::socket_base::max_listen_connections, failure);
    if (failure) return fail(Code::unavailable, "cannot listen on 127.0.0.1: {}", failure.message());
    port_ = acceptor->local_endpoint().port();
    accept_on(std::move(acceptor), 0);
    thread_ = std::thread([this] {
      ask_for_short_turns();
      context_.run();
    });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  std::uint64_t add_listener(int descriptor) override {
    const std::uint64_t number = ++last_listener_;
    asio::post(context_, [this, descriptor, number] {
      Failure failure;
      auto acceptor = std::make_unique<tcp::acceptor>(context_);
      acceptor->assign(tcp::v4(), descriptor, failure);
      if (!failure) accept_on(std::move(acceptor), number);
    });
    return number;
  }
  void remove_listener(std::uint64_t number) override {
    asio::post(context_, [this, number] {
      if (const auto found = acceptors_.find(number); found != acceptors_.end()) {
        Failure ignored;
        found->second->close(ignored);  // Its accepting coroutine takes it out.
      }
    });
  }

 private:
  void accept_on(std::unique_ptr<tcp::acceptor> acceptor, std::uint64_t number) {
    tcp::acceptor& here = *acceptor;
    acceptors_.emplace(number, std::move(acceptor));
    asio::co_spawn(context_, accept(here, number), asio::detached);
  }
  Async<void> accept(tcp::acceptor& acceptor, std::uint64_t number);
  Async<void> serve(Plain client);
  Async<bool> serve_one(Plain& client, beast::flat_buffer& buffer, Silence& silence);
  Async<bool> answer(Plain& client, Silence& silence, ProxyAnswer made, bool keep);
  Async<bool> forward(Plain& client, Silence& silence, ProxyForward made, bool keep);
  Async<std::unique_ptr<Upstream>> upstream_for(const UrlParts& parts, std::string& why);
  template <class Stream>
  Async<bool> exchange(Plain& client, Silence& silence, Stream& stream, std::unique_ptr<Upstream>& upstream,
                       const UrlParts& parts, ProxyForward& made, bool keep);

  HttpProxyOptions options_;
  ProxyHandler& handler_;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> last_listener_ = 0;
  std::size_t open_ = 0;
  std::multimap<std::string, std::unique_ptr<Upstream>> kept_;
  std::map<std::uint64_t, std::unique_ptr<tcp::acceptor>> acceptors_;
  std::unique_ptr<asio::ssl::context> tls_;  // Made when first needed: it reads the system's certificates.
  asio::io_context context_{1};
  std::thread thread_;
};

Async<void> Proxy::accept(tcp::acceptor& acceptor, std::uint64_t number) {
  while (acceptor.is_open()) {
    Failure failure;
    tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, failure));
    if (failure == asio::error::operation_aborted || !acceptor.is_open()) break;
    if (failure || open_ >= options_.connections) continue;
    Failure ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    asio::co_spawn(context_, serve(Plain(std::move(socket))), asio::detached);
  }
  acceptors_.erase(number);
}

Async<void> Proxy::serve(Plain client) {
  ++open_;
  beast::flat_buffer buffer;
  buffer.reserve(kReadBytes);  // Else it is read by 512 bytes.
  client.expires_never();
  Silence silence(context_);
  while (co_await serve_one(client, buffer, silence)) {
  }
  --open_;
}

Async<bool> Proxy::serve_one(Plain& client, beast::flat_buffer& buffer, Silence& silence) {
  Failure failure;
  http::request_parser<http::string_body> parser;
  parser.header_limit(kHeadBytes);
  parser.body_limit(options_.body_bytes);
  silence.wait_for(client, options_.idle);
  co_await http::async_read_header(client, buffer, parser, asio::redirect_error(asio::use_awaitable, failure));
  const auto refuse = [&](unsigned status, std::string why) {
    return answer(client, silence, {status, {{"Content-Type", "text/plain"}}, std::move(why)}, false);
  };
  if (failure == http::error::header_limit) co_return co_await refuse(431, "the request's head is too long\n");
  if (failure == http::error::body_limit) co_return co_await refuse(413, "the request is too long\n");
  if (failure) co_return false;  // Gone, too slow, or no HTTP.
  ProxyRequest request;
  request.method = text_of(parser.get().method_string());
  request.target = text_of(parser.get().target());
  request.headers = headers_of(parser.get());
  if (parser.get().version() != 11) co_return co_await refuse(505, "HTTP/1.1 is needed\n");
  if (auto refused = handler_.refusal(request)) co_return co_await answer(client, silence, std::move(*refused), false);
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(client, asio::buffer(kGoOn), asio::redirect_error(asio::use_awaitable, failure));
  }
  // What came with the head needs no turn of the loop.
  parser.eager(true);
  while (!failure && !parser.is_done() && buffer.size() > 0) buffer.consume(parser.put(buffer.data(), failure));
  if (failure == http::error::need_more) failure = {};
  silence.wait_for(client, options_.idle);
  if (!failure && !parser.is_done())
    co_await http::async_read(client, buffer, parser, asio::redirect_error(asio::use_awaitable, failure));
  if (failure == http::error::body_limit) co_return co_await refuse(413, "the request is too long\n");
  if (failure) co_return false;
  const bool keep = parser.get().keep_alive();
  request.body = std::move(parser.get().body());
  ProxyVerdict verdict = handler_.decide(std::move(request));
  if (auto* made = std::get_if<ProxyAnswer>(&verdict))
    co_return co_await answer(client, silence, std::move(*made), keep);
  co_return co_await forward(client, silence, std::move(std::get<ProxyForward>(verdict)), keep);
}

Async<bool> Proxy::answer(Plain& client, Silence& silence, ProxyAnswer made, bool keep) {
  http::response<http::string_body> message;
  message.version(11);
  message.result(made.status);
  for (const Header& one : made.headers) message.insert(one.first, one.second);
  message.keep_alive(keep);
  message.body() = std::move(made.body);
  message.prepare_payload();
  silence.wait_for(client, options_.idle);
  Failure failure;
  co_await http::async_write(client, message, asio::redirect_error(asio::use_awaitable, failure));
  co_return keep && !failure;
}

Async<std::unique_ptr<Upstream>> Proxy::upstream_for(const UrlParts& parts, std::string& why) {
  const std::string name = fmt::format("{}://{}:{}", parts.tls ? "https" : "http", parts.host, parts.port);
  while (true) {
    const auto found = kept_.find(name);
    if (found == kept_.end()) break;
    auto kept = std::move(found->second);
    kept_.erase(found);
    if (kept->is_quiet()) co_return kept;
  }
  auto made = std::make_unique<Upstream>();
  made->name = name;
  made->buffer.reserve(kReadBytes);
  Failure failure;
  tcp::resolver resolver(context_);
  const auto places =
      co_await resolver.async_resolve(parts.host, parts.port, asio::redirect_error(asio::use_awaitable, failure));
  if (!failure) {
    if (parts.tls) {
      if (!tls_) {
        tls_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
        tls_->set_default_verify_paths(failure);
        tls_->set_verify_mode(asio::ssl::verify_peer);
      }
      made->secure = std::make_unique<Secure>(context_, *tls_);
    } else {
      made->plain = std::make_unique<Plain>(context_);
    }
    made->tcp().expires_after(options_.connect);
    co_await made->tcp().async_connect(places, asio::redirect_error(asio::use_awaitable, failure));
  }
  if (!failure) made->tcp().socket().set_option(tcp::no_delay(true), failure);
  if (!failure && parts.tls) {
    made->secure->set_verify_callback(asio::ssl::host_name_verification(parts.host));
    ::SSL_set_tlsext_host_name(made->secure->native_handle(), parts.host.c_str());
    co_await made->secure->async_handshake(asio::ssl::stream_base::client,
                                           asio::redirect_error(asio::use_awaitable, failure));
  }
  made->tcp().expires_never();
  if (failure) {
    why = fmt::format("cannot reach {}: {}", name, failure.message());
    co_return nullptr;
  }
  co_return made;
}

Async<bool> Proxy::forward(Plain& client, Silence& silence, ProxyForward made, bool keep) {
  const auto parts = parse_url(made.url);
  SKEIN_CHECK(parts.has_value());
  std::string why;
  silence.rest();  // The way to an upstream has its own limit.
  auto upstream = co_await upstream_for(*parts, why);
  if (!upstream) {
    // In statements of their own: g++ 12 destroys an aggregate twice that is made within a co_await.
    const ProxyFailure failed{false, why};
    ProxyAnswer told = made.exchange->on_failure(failed);
    co_return co_await answer(client, silence, std::move(told), keep);
  }
  bool goes_on = false;
  if (upstream->plain)
    goes_on = co_await exchange(client, silence, *upstream->plain, upstream, *parts, made, keep);
  else
    goes_on = co_await exchange(client, silence, *upstream->secure, upstream, *parts, made, keep);
  silence.rest();  // The upstream goes, or waits for others.
  co_return goes_on;
}

/// Ends the way to the upstream when the client goes while it waits for an answer.
class Watch {
 public:
  Watch(Plain& client, Plain& upstream) : client_(client), state_(std::make_shared<State>()) {
    state_->upstream = &upstream;
    client.socket().async_wait(tcp::socket::wait_read, [state = state_, &client](const Failure& failure) {
      state->waits = false;
      if (failure || state->upstream == nullptr) return;
      char byte = 0;
      if (::recv(client.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) return;  // The next request.
      state->gone = true;
      state->upstream->close();
    });
  }
  ~Watch() {
    state_->upstream = nullptr;
    if (state_->waits) {
      Failure ignored;
      client_.socket().cancel(ignored);
    }
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  [[nodiscard]] bool gone() const { return state_->gone; }

 private:
  struct State {
    Plain* upstream = nullptr;
    bool waits = true, gone = false;
  };
  Plain& client_;
  std::shared_ptr<State> state_;  // Shared with the handler, which the loop may call after we went.
};

/// What goes out at once, without waiting for the loop.
std::size_t sent_at_once(Plain& stream, const std::string& bytes) {
  const ssize_t sent = ::send(stream.socket().native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

/// The request as the upstream gets it.
std::string request_text(const UrlParts& parts, ProxyForward& made) {
  const bool usual_port = parts.port == (parts.tls ? "443" : "80");
  const std::string host = parts.host.contains(':') ? "[" + parts.host + "]" : parts.host;
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}{}{}\r\n", made.method, parts.target, host,
                                 usual_port ? "" : ":", usual_port ? "" : parts.port);
  for (const Header& one : made.headers) text.append(one.first).append(": ").append(one.second).append("\r\n");
  if (!made.body.empty() || made.method == "POST") text += fmt::format("Content-Length: {}\r\n", made.body.size());
  text += "\r\n";
  text += std::exchange(made.body, {});
  return text;
}

template <class Stream>
Async<bool> Proxy::exchange(Plain& client, Silence& silence, Stream& stream, std::unique_ptr<Upstream>& upstream,
                            const UrlParts& parts, ProxyForward& made, bool keep) {
  Failure failure;
  http::response_parser<http::buffer_body> parser;
  parser.header_limit(kHeadBytes);
  parser.body_limit(boost::none);
  std::optional<Watch> watch(std::in_place, client, upstream->tcp());
  silence.wait_for(upstream->tcp(), made.silence);
  {
    const std::string request = request_text(parts, made);
    std::size_t sent = 0;
    if constexpr (std::is_same_v<Stream, Plain>) sent = sent_at_once(stream, request);
    if (sent < request.size())
      co_await asio::async_write(stream, asio::buffer(request) + sent,
                                 asio::redirect_error(asio::use_awaitable, failure));
  }
  if (!failure)
    co_await http::async_read_header(stream, upstream->buffer, parser,
                                     asio::redirect_error(asio::use_awaitable, failure));
  if (watch->gone()) co_return false;
  if (silence.over()) failure = beast::error::timeout;
  if (failure) {
    const ProxyFailure failed{true, fmt::format("{}: {}", upstream->name, failure.message())};
    ProxyAnswer told = made.exchange->on_failure(failed);
    co_return co_await answer(client, silence, std::move(told), keep);
  }

  const auto& head = parser.get();
  const auto headers = headers_of(head);
  made.exchange->on_head(head.result_int(), headers);
  // Always in chunks: what the exchange makes of a body need not have its length.
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", head.result_int(), text_of(head.reason()));
  for (const Header& one : headers)
    if (!is_of_the_way(one.first)) out += fmt::format("{}: {}\r\n", one.first, one.second);
  out += fmt::format("Connection: {}\r\nTransfer-Encoding: chunked\r\n\r\n", keep ? "keep-alive" : "close");
  std::string made_bytes;
  std::array<char, kReadBytes> bytes;
  bool complete = false;
  const auto give_room = [&] {
    auto& body = parser.get().body();
    body.data = bytes.data();
    body.size = bytes.size();
    body.more = true;
  };
  const auto take = [&] {
    if (failure == http::error::need_buffer) failure = {};
    made.exchange->on_body({bytes.data(), bytes.size() - parser.get().body().size}, made_bytes);
  };
  bool needs_more = upstream->buffer.size() == 0;  // What is there says nothing whole.
  for (bool over = false; !over;) {
    if (!parser.is_done() && needs_more && out.empty()) {
      give_room();
      silence.wait_for(upstream->tcp(), made.silence);
      // `read_some` gives what is there: an event of a stream is not kept waiting for the next.
      co_await http::async_read_some(stream, upstream->buffer, parser,
                                     asio::redirect_error(asio::use_awaitable, failure));
      if (watch->gone()) co_return false;
      take();
      needs_more = upstream->buffer.size() == 0;
    }
    // Events that came together go on together.
    while (!failure && !parser.is_done() && !needs_more && made_bytes.size() < kReadBytes) {
      give_room();
      const std::size_t used = parser.put(upstream->buffer.data(), failure);
      upstream->buffer.consume(used);
      needs_more = failure == http::error::need_more || upstream->buffer.size() == 0;
      if (failure == http::error::need_more)
        failure = {};
      else
        take();
    }
    over = failure || parser.is_done();
    if (over) {
      complete = !failure;
      made.exchange->on_end(complete, made_bytes);
    }
    if (!made_bytes.empty()) {
      out += fmt::format("{:x}\r\n", made_bytes.size());
      out += made_bytes;
      out += "\r\n";
      made_bytes.clear();
    }
    if (over && complete) out += "0\r\n\r\n";
    const std::size_t sent = out.empty() ? 0 : sent_at_once(client, out);
    if (over) made.exchange->on_sent();
    if (sent < out.size()) {
      Failure sending;
      silence.wait_for(client, made.silence);
      co_await asio::async_write(client, asio::buffer(out) + sent, asio::redirect_error(asio::use_awaitable, sending));
      if (sending) co_return false;
    }
    out.clear();
  }
  // A client learns of a broken answer as it would without us: the connection ends in the middle of it.
  if (!complete) co_return false;
  watch.reset();
  if (parser.get().keep_alive() && upstream->buffer.size() == 0 && kept_.size() < kKeptUpstreams) {
    std::string name = upstream->name;
    kept_.emplace(std::move(name), std::move(upstream));
  }
  co_return keep;
}

}  // namespace

Result<std::unique_ptr<HttpProxy>> HttpProxy::start(HttpProxyOptions options, ProxyHandler& handler) {
  auto proxy = std::make_unique<Proxy>(options, handler);
  SKEIN_DO(proxy->listen());
  return proxy;
}

}  // namespace skein::net
