// The operations table, put together from what the products register.
#pragma once

#include "app/services.h"
#include "engine/operation.h"

namespace skein::app {

/// All operations of this build. `services` must outlive the table.
[[nodiscard]] engine::OperationTable make_operations(const Services& services);

// One function per product or file of operations; `operations.cc` calls them in the order of help.
void register_init(engine::OperationTable& table, const Services& services);
void register_symbols(engine::OperationTable& table, const Services& services);
void register_history(engine::OperationTable& table, const Services& services);
void register_docs(engine::OperationTable& table, const Services& services);
void register_docs_lint(engine::OperationTable& table, const Services& services);
void register_docs_agents(engine::OperationTable& table, const Services& services);
void register_task(engine::OperationTable& table, const Services& services);
void register_apply(engine::OperationTable& table, const Services& services);
void register_answer(engine::OperationTable& table, const Services& services);
void register_agents(engine::OperationTable& table, const Services& services);
void register_agents_try(engine::OperationTable& table, const Services& services);
void register_usage(engine::OperationTable& table, const Services& services);
void register_exec(engine::OperationTable& table, const Services& services);
void register_log_compare(engine::OperationTable& table, const Services& services);  // Called by register_logs.
void register_logs(engine::OperationTable& table, const Services& services);
void register_summarize(engine::OperationTable& table, const Services& services);
void register_runs(engine::OperationTable& table, const Services& services);
void register_explain(engine::OperationTable& table, const Services& services);
void register_verify(engine::OperationTable& table, const Services& services);
void register_gc(engine::OperationTable& table, const Services& services);
void register_hook_run(engine::OperationTable& table);  // Called by register_hook.
void register_hook(engine::OperationTable& table, const Services& services);
void register_cache_stats(engine::OperationTable& table, const Services& services);
void register_cache_namespaces(engine::OperationTable& table);
void register_cache_audit(engine::OperationTable& table, const Services& services);
void register_cache_changes(engine::OperationTable& table, const Services& services);
void register_cache_archive(engine::OperationTable& table, const Services& services);
void register_cache_warm(engine::OperationTable& table, const Services& services);
void register_cache_explain(engine::OperationTable& table, const Services& services);
void register_trust(engine::OperationTable& table, const Services& services);
void register_doctor(engine::OperationTable& table, const Services& services);
void register_version(engine::OperationTable& table);

/// "0.1.0"
[[nodiscard]] std::string_view skein_version();

}  // namespace skein::app
