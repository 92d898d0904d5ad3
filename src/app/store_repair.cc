#include "app/store_repair.h"

#include "app/change_runs.h"
#include "app/past_runs.h"
#include "cache/audit.h"

namespace skein::app {

Status repair_store(const Services& services, engine::Session& session, std::uint64_t damaged) {
  SKEIN_DO(refuse_while_running(services.files, session.folder()));
  SKEIN_TRY(const auto roots, applied_blobs(services, session));  // What `undo` needs stays.
  SKEIN_TRY(const auto left, session.store().gc([](const Digest&) { return true; }, roots));
  return cache::add_audit(services.files, session.folder(),
                          {services.clock.wall(), cache::current_user(), "repair", fmt::format("{} damaged", damaged),
                           static_cast<std::int64_t>(left.results), 0});
}

}  // namespace skein::app
