// Who uses a symbol, for `skein symbols --users`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/remembered_facts.h"
#include "app/services.h"
#include "base/executor.h"
#include "base/result.h"
#include "engine/operation.h"
#include "repo/snapshot.h"

namespace skein::app {

struct UsersFound {
  std::int64_t files = 0;       ///< That hold the name, of languages whose symbols are known.
  std::int64_t uses = 0;        ///< Lines that were given.
  std::int64_t unreadable = 0;  ///< Files that could not be read.
};

/// Gives a line for each file that uses a symbol called `name` ("swap", "any.swap", "any::swap") defined in one of
/// `defining` (sorted paths), by definition and path. Inferred as repo::symbol_users says: the file imports the one
/// that defines it, or is of its package (repo/package_mates.h), and names it. Only files that hold the name's bytes
/// are looked at, and of these only those are parsed of which nothing is remembered. Errors: `cancelled`; what reading
/// a language's data gives.
[[nodiscard]] Result<UsersFound> users_of_symbol(const Services& services, const engine::Context& context,
                                                 const RememberedFacts& remembered, const repo::Snapshot& snapshot,
                                                 Executor& executor, const std::string& name,
                                                 const std::vector<std::string>& defining);

}  // namespace skein::app
