#include "cache/tls_channel.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace skein::cache {

Error TlsChannel::failed(int returned, std::string_view what) {
  const int number = errno;
  const int kind = ::SSL_get_error(ssl_.get(), returned);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
    return {Code::timed_out, fmt::format("{}: no answer in time", what)};
  if (const long verdict = ::SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK)
    return Error(Code::unavailable, fmt::format("{}: the server's certificate is not trusted: {}", what,
                                                ::X509_verify_cert_error_string(verdict)))
        .or_do("name the file of its authority's certificate by SSL_CERT_FILE");
  if (const auto reason = ::ERR_peek_last_error(); reason != 0) {
    std::array<char, 160> text{};
    ::ERR_error_string_n(reason, text.data(), text.size());
    return {Code::unavailable, fmt::format("{}: {}", what, text.data())};
  }
  return {Code::unavailable,
          fmt::format("{}: {}", what, number != 0 ? std::strerror(number) : "the server closed the connection")};
}

Result<TlsChannel> TlsChannel::open(int socket, const std::string& host) {
  ::ERR_clear_error();
  const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(::SSL_CTX_new(::TLS_client_method()),
                                                                    &::SSL_CTX_free);
  if (!context || ::SSL_CTX_set_default_verify_paths(context.get()) != 1 ||
      ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
    return fail(Code::unavailable, "TLS cannot be set up");
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  TlsChannel channel(::SSL_new(context.get()));
  SSL* const ssl = channel.ssl_.get();
  if (ssl == nullptr || ::SSL_set_fd(ssl, socket) != 1) return fail(Code::unavailable, "TLS cannot be set up");
  const bool is_address = ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1;
  ::ERR_clear_error();
  if (!is_address && (::SSL_set1_host(ssl, host.c_str()) != 1 || ::SSL_set_tlsext_host_name(ssl, host.c_str()) != 1))
    return fail(Code::unavailable, "'{}' is no name that a certificate can be made out to", host);
  errno = 0;
  if (const int done = ::SSL_connect(ssl); done != 1) return std::unexpected(channel.failed(done, "TLS"));
  return channel;
}

Status TlsChannel::write(std::string_view bytes) {
  if (bytes.empty()) return {};
  ::ERR_clear_error();
  errno = 0;
  std::size_t written = 0;
  // Without SSL_MODE_ENABLE_PARTIAL_WRITE it writes all or fails.
  if (const int done = ::SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written); done != 1)
    return std::unexpected(failed(done, "writing"));
  return {};
}

Result<std::size_t> TlsChannel::read(std::span<char> into) {
  ::ERR_clear_error();
  errno = 0;
  std::size_t got = 0;
  if (const int done = ::SSL_read_ex(ssl_.get(), into.data(), into.size(), &got); done != 1)
    return std::unexpected(failed(done, "reading"));
  return got;
}

}  // namespace skein::cache
