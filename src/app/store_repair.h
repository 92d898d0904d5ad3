// Takes what is damaged out of a store: the one way of `skein verify --repair` and `skein cache verify --repair`.
#pragma once

#include <string>

#include "app/services.h"
#include "engine/session.h"

namespace skein::app {

/// Rewrites the store of the state folder `state` without what is damaged, and puts it on record. Errors: `unavailable`
/// while a run goes on; of the store.
Status repair_store(const Services& services, engine::Session& session, std::uint64_t damaged);

}  // namespace skein::app
