// What a process is told by the one that starts it: environment, working directory, terminal, system.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skein {

/// The environment variables, by name. Injected: only main reads the real ones.
using Environment = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Environment system_environment();
/// The variable's value where it is set and not empty.
[[nodiscard]] std::optional<std::string> find_variable(const Environment& environment, std::string_view name);

/// The absolute path without links. Errors: `not_found`, `permission_denied`, `io`.
[[nodiscard]] Result<std::string> real_path(const std::string& path);
/// Errors: as chdir(2).
Status change_directory(const std::string& path);
[[nodiscard]] bool is_directory(const std::string& path);
/// True if the path itself is a symbolic link.
[[nodiscard]] bool is_link(const std::string& path);
[[nodiscard]] bool is_file(const std::string& path);

/// Takes all rights from others (chmod 600). Errors: as chmod(2).
Status restrict_to_user(const std::string& path);

/// Gives the file `from` the name `to`, unless there is one of that name. `from` is gone either way.
/// Errors: `already_exists`; as link(2).
Status rename_to_new(const std::string& from, const std::string& to);

/// True for a terminal. `descriptor`: 0 input, 1 output, 2 errors.
[[nodiscard]] bool is_terminal(int descriptor);
/// Columns of a terminal; nothing where it does not say.
[[nodiscard]] std::optional<int> terminal_columns(int descriptor);

/// "Linux 6.1.0 x86_64".
[[nodiscard]] std::string system_name();

}  // namespace skein
