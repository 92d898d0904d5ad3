// Which commands of an agent run under `skein exec`, and how they read then.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skein::app {

/// A line for the shell as it runs under `program` exec, or nothing where it stays as it is: it reads (cat, git diff),
/// changes the shell (cd, export), or goes to the background. "cd folder && rest" keeps the cd outside.
[[nodiscard]] std::optional<std::string> under_exec(std::string_view command, std::string_view program);

}  // namespace skein::app
