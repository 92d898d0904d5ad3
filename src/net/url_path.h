// The path of a request, decoded: what a client may ask of a folder, and nothing that leads out of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skein::net {

/// "/a%20b/c.html?x=1#y" gives "a b/c.html"; "/" gives "". Nothing for what is no such path: no "/" in front, a broken
/// "%", NUL or control bytes, a backslash, an empty, "." or ".." part, more than 4,096 bytes.
[[nodiscard]] std::optional<std::string> decode_path(std::string_view target);

/// The value of `name` in a target's query, decoded; empty where there is none or it is broken.
[[nodiscard]] std::string query_value(std::string_view target, std::string_view name);

/// True for a Host header that names this machine: "127.0.0.1", "localhost", "[::1]", with the port or without. Any
/// other name means that a page of somebody else's reached us by its own name (DNS rebinding).
[[nodiscard]] bool is_loopback_host(std::string_view host, unsigned short port);

}  // namespace skein::net
