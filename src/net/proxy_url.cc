#include <algorithm>
#include <cctype>

#include "net/http_proxy.h"

namespace skein::net {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::string_view ProxyRequest::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const Header& one) { return same_name(one.first, name); });
  return found == headers.end() ? std::string_view() : found->second;
}

std::optional<UrlParts> parse_url(std::string_view url) {
  UrlParts parts;
  if (url.starts_with("https://"))
    parts.tls = true;
  else if (!url.starts_with("http://"))
    return {};
  url.remove_prefix(parts.tls ? 8 : 7);
  const auto is_bad = [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '\\' || c == '#'; };
  if (std::ranges::any_of(url, is_bad)) return {};
  const auto slash = std::min(url.find('/'), url.size());
  std::string_view authority = url.substr(0, slash);
  parts.target = slash == url.size() ? "/" : std::string(url.substr(slash));
  if (authority.contains('@')) return {};  // Keys in an address are shown where addresses are.
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return {};
    parts.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
  } else {
    parts.host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(parts.host.size());
  }
  if (parts.host.empty() || parts.host.contains('?')) return {};
  parts.port = parts.tls ? "443" : "80";
  if (!authority.empty()) {
    if (authority.front() != ':' || authority.size() < 2 || authority.size() > 6) return {};
    parts.port = authority.substr(1);
    if (!std::ranges::all_of(parts.port, [](unsigned char c) { return std::isdigit(c) != 0; })) return {};
  }
  return parts;
}

bool is_this_machine(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  // 127.0.0.0/8, by its digits: a name like 127.evil.example is none.
  return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
         std::ranges::all_of(host, [](unsigned char c) { return c == '.' || std::isdigit(c) != 0; });
}

}  // namespace skein::net
