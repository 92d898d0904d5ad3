#include "app/runs.h"

namespace skein::app {

void register_runs(engine::OperationTable& table, const Services& services) {
  table.add(runs_list_operation(services));
  table.add(runs_show_operation(services));
  table.add(runs_resume_operation(services));
  table.add(runs_retry_operation(services));
}

}  // namespace skein::app
