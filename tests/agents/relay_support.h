// A plain client of the relay, and a relay before a scripted server.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agents/relay.h"
#include "support/model_server.h"

namespace skein::agents {

/// Sends a request and gives the whole answer, head and body; chunks as they came.
inline std::string ask(std::uint16_t port, const std::string& head, const std::string& body) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string text = head +
                           "Host: 127.0.0.1\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\n\r\n" + body;
  EXPECT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  std::string got;
  std::array<char, 65536> buffer{};
  for (ssize_t size = 0; (size = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
    got.append(buffer.data(), static_cast<std::size_t>(size));
  ::close(socket);
  return got;
}

/// One million tokens of "m": input $1, cached $0.10, written $1.25, output $10.
inline PriceTable test_prices() {
  PriceTable table;
  EXPECT_TRUE(
      table.add("date = \"2026-01-01\"\nsource = \"test\"\n[models.m]\ninput = 1_000_000\ncached = 100_000\n"
                "cache_write = 1_250_000\noutput = 10_000_000\n",
                "test"));
  return table;
}

struct RelayFixture {
  explicit RelayFixture(std::vector<test::Reply> script = {}, std::optional<BudgetLimits> limits = {})
      : server(std::move(script)) {
    if (limits) budget = std::make_unique<Budget>(*limits);
    RelayOptions options;
    options.budget = budget.get();
    options.on_call = [this](const ModelCall& call) {
      const std::lock_guard lock(mutex);
      calls.push_back(call);
      if (budget) reserved.push_back(budget->state().reserved);
    };
    options.after_call = [this](const ModelCall&) {
      const std::lock_guard lock(mutex);
      if (budget) reserved.push_back(budget->state().reserved);
    };
    auto started = Relay::start(test_prices(), clock, std::move(options));
    EXPECT_TRUE(started) << started.error().to_string();
    relay = std::move(*started);
  }
  Provider provider() const {
    Provider made;
    made.id = "scripted";
    made.url = server.url() + "/v1";
    made.dialects = {Dialect::chat, Dialect::responses, Dialect::messages};
    made.key.environment = "REAL_KEY";
    return made;
  }
  RelayAccess admit() {
    auto access = relay->admit("task", "agent", {provider()}, {{"REAL_KEY", "the-real-key"}});
    EXPECT_TRUE(access) << access.error().to_string();
    return std::move(*access);
  }
  std::string post(const RelayAccess& access, const std::string& path, const std::string& body) {
    return ask(relay->proxy().port(), "POST " + path + " HTTP/1.1\r\nAuthorization: Bearer " + access.key() + "\r\n",
               body);
  }
  /// Waits until so many calls are settled: the last bytes of an answer may come before.
  std::vector<ModelCall> settled(std::size_t count) {
    for (int i = 0; i < 1000; ++i) {
      {
        const std::lock_guard lock(mutex);
        if (calls.size() >= count) return calls;
      }
      ::usleep(2'000);
    }
    const std::lock_guard lock(mutex);
    return calls;
  }

  SystemClock clock;
  test::ModelServer server;
  std::unique_ptr<Budget> budget;
  std::mutex mutex;
  std::vector<ModelCall> calls;
  std::vector<MicroDollars> reserved;  // Of the budget, when a call is told and after its answer.
  std::unique_ptr<Relay> relay;
};

}  // namespace skein::agents
