// Where a shared tier is, as people write it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skein::cache {

struct SharedAddress {
  std::string socket;  ///< Path of a unix socket; empty: TCP.
  std::string host;
  int port = 6379;
  int database = 0;
  bool tls = false;  ///< The server's certificate must be of a trusted authority and made out to `host`.
  std::string user;
  std::string password;

  /// A unix socket, or a host that is this machine by its name or number: nothing is resolved.
  [[nodiscard]] bool is_local() const;
  /// For people: without the password.
  [[nodiscard]] std::string shown() const;
};

/// "redis://[[user]:password@]host[:port][/database]", the same with "rediss://" for TLS,
/// "unix:///path/to/socket[?db=number]" or an absolute path of a socket. Errors: `invalid_argument`.
[[nodiscard]] Result<SharedAddress> parse_shared_address(std::string_view url);

}  // namespace skein::cache
