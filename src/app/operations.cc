#include "app/operations.h"

namespace skein::app {

engine::OperationTable make_operations(const Services& services) {
  engine::OperationTable table;
  register_init(table, services);
  // The products, in the order of help.
  register_docs(table, services);
  register_docs_lint(table, services);
  register_docs_agents(table, services);
  register_symbols(table, services);
  register_history(table, services);
  register_task(table, services);
  register_apply(table, services);
  register_answer(table, services);
  register_agents(table, services);
  register_agents_try(table, services);
  register_usage(table, services);
  register_exec(table, services);
  register_logs(table, services);
  register_summarize(table, services);
  register_runs(table, services);
  register_explain(table, services);
  register_verify(table, services);
  register_gc(table, services);
  register_hook(table, services);
  register_cache_stats(table, services);
  register_cache_namespaces(table);
  register_cache_audit(table, services);
  register_cache_changes(table, services);
  register_cache_archive(table, services);
  register_cache_warm(table, services);
  register_cache_explain(table, services);
  register_trust(table, services);
  register_doctor(table, services);
  register_version(table);
  return table;
}

}  // namespace skein::app
