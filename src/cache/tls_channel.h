// TLS over a connected socket: the way to a Redis server whose address begins with rediss://. OpenSSL, linked in.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "base/result.h"

namespace skein::cache {

/// Does not own the socket, whose time limits (SO_RCVTIMEO, SO_SNDTIMEO) bound each wait. May raise SIGPIPE where the
/// other side is gone. Not thread-safe. After an error it is of no use any more.
class TlsChannel {
 public:
  /// Shakes hands. The server's certificate must be of an authority that the system trusts, or of one in the file that
  /// SSL_CERT_FILE names, and be made out to `host`, a name or an address. Errors: `unavailable`, saying which of it
  /// failed; `timed_out`.
  [[nodiscard]] static Result<TlsChannel> open(int socket, const std::string& host);

  /// All of it. Errors: `unavailable`, `timed_out`.
  [[nodiscard]] Status write(std::string_view bytes);
  /// One byte at least. Errors: `unavailable`, also at the end; `timed_out`.
  [[nodiscard]] Result<std::size_t> read(std::span<char> into);

 private:
  struct Free {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
  };
  explicit TlsChannel(SSL* ssl) : ssl_(ssl) {}
  [[nodiscard]] Error failed(int returned, std::string_view what);

  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace skein::cache
