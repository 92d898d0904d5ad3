#include "engine/run.h"

#include "engine/coordinator.h"

namespace skein::engine {

std::string_view to_string(RunStatus status) {
  switch (status) {
    case RunStatus::ok:
      return "ok";
    case RunStatus::failed:
      return "failed";
    case RunStatus::cancelled:
      return "cancelled";
  }
  return "unknown";
}

Result<RunReport> execute(Plan& plan, const RunEnvironment& environment, const RunOptions& options,
                          std::vector<Digest>* artifacts) {
  return Coordinator(plan, environment, options).run(artifacts);
}

}  // namespace skein::engine
