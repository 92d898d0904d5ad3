// What the relay adds to a request and to an event of a stream, alone and beside 100 streams, and what a turn of a chat
// costs over a bare client: each beside the same client straight to the same server, taking turns.
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "agents/chat_attempt.h"
#include "agents/ledger.h"
#include "agents/relay.h"
#include "bench/harness/bench.h"
#include "bench/harness/processes.h"
#include "net/http_client.h"

namespace skein {
namespace {

using bench::Op;
using SteadyClock = std::chrono::steady_clock;

constexpr const char* kWhole =
    R"({"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":2}})";

std::int64_t now_ns() { return SteadyClock::now().time_since_epoch().count(); }

/// Answers at once; a stream is `events` events, `gap` apart, each with the time at which it was sent.
class StampingServer {
 public:
  StampingServer() {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listening_, 512) != 0 ||
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::abort();
    port = ntohs(address.sin_port);
    accepting_ = std::thread([this] {
      for (int socket = 0; (socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(mutex_);
        sockets_.push_back(socket);
        serving_.emplace_back([this, socket] { serve(socket); });
      }
    });
  }
  ~StampingServer() {
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    for (std::thread& one : serving_) one.join();
    for (const int socket : sockets_) ::close(socket);
    ::close(listening_);
  }
  StampingServer(const StampingServer&) = delete;
  StampingServer& operator=(const StampingServer&) = delete;

  std::uint16_t port = 0;
  std::atomic<int> events = 50;
  std::atomic<int> gap_ms = 20;

 private:
  static bool send(int socket, const std::string& text) {
    return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  static bool send_event(int socket, const std::string& data) {
    const std::string text = "data: " + data + "\n\n";
    return send(socket, fmt::format("{:x}\r\n{}\r\n", text.size(), text));
  }
  void serve(int socket) const {
    std::string got;
    std::array<char, 65536> buffer;
    while (true) {
      const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      got.append(buffer.data(), static_cast<std::size_t>(size));
      const auto head = got.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const auto length = got.find("Content-Length: ");
      if (got.size() < head + 4 + std::stoul(got.substr(length + 16))) continue;
      const bool stream = got.contains("\"stream\":true");
      got.clear();
      if (!stream) {
        if (!send(socket,
                  fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                              std::string_view(kWhole).size(), kWhole)))
          return;
        continue;
      }
      send(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < events; ++i) {
        if (gap_ms > 0) std::this_thread::sleep_for(Millis(gap_ms));
        if (!send_event(socket,
                        fmt::format(R"({{"t":{},"choices":[{{"index":0,"delta":{{"content":"word "}}}}]}})", now_ns())))
          return;
      }
      send_event(socket, R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
      send_event(socket, R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2}})");
      send_event(socket, "[DONE]");
      send(socket, "0\r\n\r\n");
    }
  }

  int listening_ = -1;
  std::mutex mutex_;  // Guards what follows.
  std::vector<int> sockets_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

/// A way to the server: straight, or through the relay.
struct Way {
  std::uint16_t port;
  std::string key;
};

net::ClientRequest request_of(const Way& way, bool stream) {
  net::ClientRequest request;
  request.target = "/v1/chat/completions";
  request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + way.key}};
  request.body = std::string(R"({"model":"m","max_tokens":100,"stream":)") + (stream ? "true" : "false") +
                 R"(,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":")" +
                 std::string(2'000, 'a') + "\"}]}";
  return request;
}

double request_us(net::HttpClient& client, const Way& way) {
  const auto begun = SteadyClock::now();
  const auto answer = client.send(request_of(way, false), {});
  if (!answer || answer->status != 200) std::abort();
  return std::chrono::duration<double, std::micro>(SteadyClock::now() - begun).count();
}

/// How late each event of a stream came, in microseconds.
std::vector<double> stream_us(net::HttpClient& client, const Way& way) {
  std::vector<double> late;
  auto request = request_of(way, true);
  std::string rest;
  request.on_body = [&](std::string_view bytes) {
    const std::int64_t now = now_ns();
    rest += bytes;
    std::size_t at = 0;
    for (auto mark = rest.find("{\"t\":", at); mark != std::string::npos; mark = rest.find("{\"t\":", at)) {
      std::int64_t sent = 0;
      const auto end = rest.find(',', mark);
      if (end == std::string::npos) break;
      std::from_chars(rest.data() + mark + 5, rest.data() + end, sent);
      late.push_back(static_cast<double>(now - sent) / 1e3);
      at = end;
    }
    rest.erase(0, at);
  };
  if (!client.send(std::move(request), {})) std::abort();
  return late;
}

/// The p50 of all events of `count` streams at once.
double streams_us(const Way& way, int count) {
  std::mutex mutex;
  std::vector<double> all;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&] {
      const auto client = net::HttpClient::make(way.port);
      const auto late = stream_us(*client, way);
      const std::lock_guard lock(mutex);
      all.insert(all.end(), late.begin(), late.end());
    });
  for (std::thread& one : threads) one.join();
  return bench::median(std::move(all));
}

/// p50 of requests one after the other, over each way in turns, in microseconds.
std::pair<double, double> requests_us(const Way& direct, const Way& relayed, int count) {
  const auto near = net::HttpClient::make(direct.port), far = net::HttpClient::make(relayed.port);
  std::vector<double> a, b;
  for (int i = 0; i < count; ++i) {
    a.push_back(request_us(*near, direct));
    b.push_back(request_us(*far, relayed));
  }
  return {bench::median(std::move(a)), bench::median(std::move(b))};
}

void measure(bench::Report& report) {
  StampingServer server;
  SystemClock clock;
  agents::PriceTable prices;
  if (!prices.add("date='d'\nsource='s'\n[models.m]\ninput=1\noutput=1", "bench")) std::abort();
  // As `skein run` has it: each request is written down in a ledger.
  const auto files = make_system_file_system();
  const std::string state = bench::trees_folder() + "/relay";
  std::filesystem::remove_all(state);
  std::filesystem::create_directories(state);
  const auto write_down = [&](const agents::ModelCall& call) {
    if (!agents::add_to_ledger(*files, state, {"run", "/workspace", call})) std::abort();
  };
  agents::Budget budget({.money = MicroDollars{1'000'000'000}, .tokens = {}});
  agents::RelayOptions options;
  options.budget = &budget;
  options.on_call = write_down;
  auto relay = agents::Relay::start(prices, clock, std::move(options));
  agents::Provider provider;
  provider.id = "bench";
  provider.url = fmt::format("http://127.0.0.1:{}/v1", server.port);
  provider.dialects = {agents::Dialect::chat};
  auto access = (*relay)->admit("step", "agent", {provider}, {});
  const Way direct{server.port, "x"}, relayed{(*relay)->proxy().port(), access->key()};

  if (report.wants("agents/relay_request_capped")) {
    // A cap of a day is shared with other processes, and read out of the ledger.
    agents::SpentSoFar spent(*files, state);
    agents::SharedReservations shared(*files, clock, state, "/workspace");
    const auto caps = [&] {
      return std::vector<agents::PeriodCap>{{.name = "today",
                                             .limits = {.money = MicroDollars{1'000'000'000}, .tokens = {}},
                                             .spent = spent.at(clock.wall()).day.money}};
    };
    agents::Budget of_day({}, caps, &shared);
    agents::RelayOptions capped;
    capped.budget = &of_day;
    capped.on_call = write_down;
    const auto other = agents::Relay::start(prices, clock, std::move(capped));
    const auto step = (*other)->admit("step", "agent", {provider}, {});
    const auto [near, far] = requests_us(direct, {(*other)->proxy().port(), step->key()}, 500);
    report.figure("agents/relay_request_capped", far - near, "us", Op::at_most, 150);
  }
  if (report.wants("agents/relay_request")) {
    const auto [near, far] = requests_us(direct, relayed, 2'000);
    report.figure("agents/relay_request", far - near, "us", Op::at_most, 150);
    report.note("agents/relay_request_direct", near, "us");
    // Beside 100 streams, which go the same way as the requests that are measured.
    server.events = 150;
    std::array<double, 2> beside{};
    for (const bool through : {false, true}) {
      const Way& way = through ? relayed : direct;
      std::thread streams([&] { streams_us(way, 100); });
      std::this_thread::sleep_for(Millis(300));
      const auto client = net::HttpClient::make(way.port);
      std::vector<double> times;
      for (int i = 0; i < 400; ++i) {
        times.push_back(request_us(*client, way));
        std::this_thread::sleep_for(Millis(5));
      }
      beside[through ? 1 : 0] = bench::median(std::move(times));
      streams.join();
    }
    report.figure("agents/relay_request_100", beside[1] - beside[0], "us", Op::at_most, 150);
    report.note("agents/relay_request_100_direct", beside[0], "us");
  }
  if (report.wants("agents/relay_chunk")) {
    for (const int count : {1, 100}) {
      server.events = count == 1 ? 200 : 60;
      std::vector<double> near, far;
      for (int round = 0; round < 3; ++round) {
        near.push_back(streams_us(direct, count));
        far.push_back(streams_us(relayed, count));
      }
      const double straight = bench::median(near);
      const std::string name = fmt::format("agents/relay_chunk_{}", count);
      report.figure(name, bench::median(far) - straight, "us", Op::at_most, 100);
      report.note(name + "_direct", straight, "us");
    }
  }
  if (report.wants("agents/chat_turn")) {
    server.events = 20;
    server.gap_ms = 0;
    agents::ChatModel model(**relay, *access, Millis(10'000));
    agents::Conversation talk;
    talk.model = "m";
    talk.system = std::string(1'000, 's');
    talk.tools = agents::ChatTools::specs();
    talk.turns.push_back({.from = agents::Turn::From::user, .text = std::string(2'000, 'a')});
    const auto client = net::HttpClient::make(direct.port);
    std::vector<double> bare, ours;
    for (int i = 0; i < 500; ++i) {
      bare.push_back(1e3 * bench::seconds([&] { bench::keep(stream_us(*client, direct)); }));
      ours.push_back(1e3 * bench::seconds([&] {
                       const auto turn = model.next(talk, [](std::string_view) {}, {}, agents::pause_for);
                       if (!turn) std::abort();
                     }));
    }
    const double straight = bench::median(bare);
    report.figure("agents/chat_turn", bench::median(ours) - straight, "ms", Op::at_most, 1);
    report.note("agents/chat_turn_direct", straight, "ms");
  }
}

}  // namespace
}  // namespace skein

int main(int argc, char** argv) {
  skein::bench::Report report(argc, argv);
  skein::measure(report);
  return report.finish();
}
