// Who answers for models, as data: where, in which dialects, and where its key is. Shipped ones under data/providers,
// the user's beside them; never a workspace's, which could send a key elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agents/dialect.h"
#include "base/file_system.h"
#include "base/result.h"

namespace skein::agents {

/// Where a key is. At most one is set; none: no key is needed.
struct KeySource {
  std::string environment;           ///< Name of a variable.
  std::string file;                  ///< Absolute path, or below the home folder with "~/"; only its owner may read it.
  std::vector<std::string> command;  ///< Prints it.
};

struct Provider {
  std::string id;
  std::string url;  ///< Without the last slash; what stands for the "/v1" of requests.
  std::vector<Dialect> dialects;
  KeySource key;
  std::string output_limit = "max_tokens";  ///< The field of chat requests that limits their output.
  bool free = false;                        ///< Costs nothing: a model on this machine.
  std::string origin;                       ///< The file.

  [[nodiscard]] bool speaks(Dialect dialect) const;
  [[nodiscard]] bool is_local() const;  ///< On this machine's loopback.
};

/// Errors: `invalid_argument`, naming `origin`, the line or the key.
[[nodiscard]] Result<Provider> parse_provider(std::string_view toml, std::string origin);

/// The shipped ones, and those of `folder` (may be missing) in their place. Sorted by id. Errors: of reading, and as
/// `parse_provider`.
[[nodiscard]] Result<std::vector<Provider>> load_providers(FileSystem& files, const std::string& folder);

/// What keys are looked for in.
using Variables = std::vector<std::pair<std::string, std::string>>;
/// The key; empty where none is needed. Waits for a command, 30 s at most. Errors: `not_found`, `permission_denied`
/// (a file that others may read), `failed_check`; none of them holds the key.
[[nodiscard]] Result<std::string> find_key(const Provider& provider, const Variables& environment);

}  // namespace skein::agents
