// What a killed run had decided and not finished: the next command in its workspace does it first, whatever it is.
#pragma once

#include "app/services.h"

namespace skein::app {

/// Finishes or records the runs that were killed in the context's workspace (Session::open); a note says what was done,
/// or why it could not be: what only looks goes on. Where none was killed it lists one folder. State that is not the
/// user's own, or of another format, is left to whoever makes it anew.
void finish_killed_runs(const Services& services, const engine::Context& context);

}  // namespace skein::app
