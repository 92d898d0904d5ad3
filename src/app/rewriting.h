// How an operation rewrites files of the user: one run, one commit.
#pragma once

#include <vector>

#include "app/services.h"
#include "prose/rewrite.h"

namespace skein::app {

/// Opens the workspace's state, which ends what a killed run had decided to write: what is read after that is not
/// rewritten by the past. Errors: as opening it.
Status finish_rewriting(const Services& services, const engine::Context& context);

/// Runs the rewrites as a run of `operation`; `input` is what `runs resume` would ask again. Errors: of the state
/// folder, the run, and the first failed step.
Status rewrite_files(const Services& services, const engine::Context& context, std::string operation, std::string input,
                     std::vector<prose::Rewrite> rewrites);

}  // namespace skein::app
