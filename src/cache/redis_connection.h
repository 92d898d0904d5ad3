// One connection to a Redis server, opened when first used and again after it was lost. Every call has a time limit.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"
#include "cache/redis_library.h"
#include "cache/shared_address.h"
#include "cache/tls_channel.h"

namespace skein::cache {

/// What a server answered.
struct RedisReply {
  enum class Kind : std::uint8_t { none, text, number, list, error } kind = Kind::none;
  std::string text;  ///< Also of an error.
  std::int64_t number = 0;
  std::vector<RedisReply> list;
};

/// Not thread-safe.
class RedisConnection {
 public:
  using Command = std::vector<std::string>;

  RedisConnection(SharedAddress address, Millis time_limit) : address_(std::move(address)), time_limit_(time_limit) {}

  /// Sends all commands at once and gives one answer for each; an answer may itself be an error of the server's.
  /// Errors: `unavailable` (no library, no server, a broken connection), `timed_out`; then the connection is closed, so
  /// that a late answer is not taken for the next one's. One wait may take the time limit, a first call three, over TLS
  /// five.
  [[nodiscard]] Result<std::vector<RedisReply>> call(std::span<const Command> commands);
  void close();

 private:
  struct Free {
    void operator()(redisContext* context) const { RedisLibrary::get()->free(context); }
  };
  Status connect();
  [[nodiscard]] Result<std::vector<RedisReply>> exchange(std::span<const Command> commands);
  [[nodiscard]] Result<std::vector<RedisReply>> exchange_over_tls(std::span<const Command> commands);
  [[nodiscard]] Error lost(std::string_view what);

  SharedAddress address_;
  Millis time_limit_;
  std::unique_ptr<redisContext, Free> context_;
  std::optional<TlsChannel> tls_;  // Over the context's socket; then hiredis only forms commands and reads answers.
};

}  // namespace skein::cache
