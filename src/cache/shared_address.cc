#include "cache/shared_address.h"

#include <charconv>

namespace skein::cache {
namespace {

constexpr std::string_view kForms =
    "write redis://host:port, rediss://host:port (TLS), unix:///path/to/socket, or the socket's absolute path";

Result<int> number_of(std::string_view text, std::string_view what, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most)
    return std::unexpected(Error(Code::invalid_argument, fmt::format("'{}' is no {} of a shared cache", text, what))
                               .or_do(std::string(kForms)));
  return value;
}

/// Takes what stands behind the last `mark` off `text`.
std::string_view cut_after(std::string_view& text, char mark) {
  const auto at = text.rfind(mark);
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

/// Undoes %xx.
std::string plain(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      result += static_cast<char>(value);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

bool SharedAddress::is_local() const {
  return !socket.empty() || host == "localhost" || host == "::1" || host == "127.0.0.1";
}

std::string SharedAddress::shown() const {
  if (!socket.empty()) return "unix://" + socket;
  return fmt::format("{}://{}:{}", tls ? "rediss" : "redis", host.contains(':') ? "[" + host + "]" : host, port);
}

Result<SharedAddress> parse_shared_address(std::string_view url) {
  SharedAddress address;
  const auto bad = [&](std::string_view why) {
    return std::unexpected(
        Error(Code::invalid_argument, fmt::format("a shared cache's address {}", why)).or_do(std::string(kForms)));
  };
  if (url.find('\0') != std::string_view::npos) return bad("holds a zero byte");
  const bool is_path = url.starts_with('/');
  if (is_path || url.starts_with("unix://")) {
    if (!is_path) url.remove_prefix(7);
    std::string_view rest = url;
    if (const auto query = rest.find("?db="); query != std::string_view::npos) {
      SKEIN_TRY(address.database, number_of(rest.substr(query + 4), "database", 1 << 20));
      rest = rest.substr(0, query);
    }
    if (!rest.starts_with('/') || rest.size() > 107)
      return bad("names no absolute path of a socket (107 bytes at most)");
    address.socket = rest;
    return address;
  }
  address.tls = url.starts_with("rediss://");
  if (!address.tls && !url.starts_with("redis://")) return bad("begins with neither redis://, rediss:// nor unix://");
  url.remove_prefix(url.find("://") + 3);
  std::string_view place = url;
  if (const auto slash = place.find('/'); slash != std::string_view::npos) {
    const auto database = place.substr(slash + 1);
    place = place.substr(0, slash);
    if (!database.empty()) {
      SKEIN_TRY(address.database, number_of(database, "database", 1 << 20));
    }
  }
  if (const auto at = place.rfind('@'); at != std::string_view::npos) {
    const auto who = place.substr(0, at);
    place = place.substr(at + 1);
    const auto colon = who.find(':');
    if (colon == std::string_view::npos) return bad("has a user and no password");
    address.user = plain(who.substr(0, colon));
    address.password = plain(who.substr(colon + 1));
  }
  if (place.starts_with('[')) {
    const auto end = place.find(']');
    if (end == std::string_view::npos) return bad("has no end of its host");
    address.host = place.substr(1, end - 1);
    place.remove_prefix(end + 1);
    if (!place.empty() && !place.starts_with(':')) return bad("has something behind its host that is no port");
    if (!place.empty()) {
      SKEIN_TRY(address.port, number_of(place.substr(1), "port", 65535));
    }
  } else {
    if (place.find(':') != std::string_view::npos) {
      const auto port = cut_after(place, ':');
      SKEIN_TRY(address.port, number_of(port, "port", 65535));
    }
    address.host = place;
  }
  if (address.host.empty() || address.port == 0) return bad("names no host");
  return address;
}

}  // namespace skein::cache
