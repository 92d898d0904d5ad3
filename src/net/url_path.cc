#include "net/url_path.h"

#include <algorithm>
#include <array>

namespace skein::net {
namespace {

constexpr std::size_t kLongest = 4'096;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 32);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return {};
      c = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return {};
    out += c;
  }
  return out;
}

}  // namespace

std::optional<std::string> decode_path(std::string_view target) {
  if (target.size() > kLongest || !target.starts_with('/')) return {};
  target = target.substr(1, std::min(target.find_first_of("?#"), target.size()) - 1);
  auto path = decoded(target);
  if (!path || path->empty()) return path;
  for (std::size_t at = 0; at <= path->size();) {
    const auto end = std::min(path->find('/', at), path->size());
    const auto part = std::string_view(*path).substr(at, end - at);
    // A folder is asked for by its final slash.
    const bool last = end == path->size();
    if ((part.empty() && !last) || part == "." || part == "..") return {};
    at = end + 1;
  }
  return path;
}

std::string query_value(std::string_view target, std::string_view name) {
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return {};
  auto query = target.substr(mark + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const auto field = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), field.size() + 1));
    const auto equal = field.find('=');
    if (equal != std::string_view::npos && field.substr(0, equal) == name)
      return decoded(field.substr(equal + 1)).value_or("");
  }
  return {};
}

bool is_loopback_host(std::string_view host, unsigned short port) {
  const std::string with_port = ":" + std::to_string(port);
  if (host.ends_with(with_port)) host.remove_suffix(with_port.size());
  static constexpr std::array<std::string_view, 3> kNames{"127.0.0.1", "localhost", "[::1]"};
  return std::ranges::find(kNames, host) != kNames.end();
}

}  // namespace skein::net
