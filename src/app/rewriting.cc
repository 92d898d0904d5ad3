#include "app/rewriting.h"

#include "app/machinery.h"
#include "app/state_folder.h"

namespace skein::app {

Status finish_rewriting(const Services& services, const engine::Context& context) {
  Machinery machinery(services, context);
  SKEIN_DO(machinery.session());
  return {};
}

Status rewrite_files(const Services& services, const engine::Context& context, std::string operation, std::string input,
                     std::vector<prose::Rewrite> rewrites) {
  if (rewrites.empty()) return {};
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  const prose::RewriteAgent agent(services.files, session->results(), context.workspace, std::move(rewrites));
  engine::Plan plan;
  engine::Step step;
  step.name = "rewrite";
  step.agent = &agent;
  step.purity = engine::Purity::effectful;
  SKEIN_DO(plan.add(std::move(step)));
  auto request = machinery.request(std::move(operation), std::move(input));
  request.options.retry.max_attempts = 1;
  SKEIN_TRY(auto outcome, session->run(plan, std::move(request)));
  if (!outcome.report.failures.empty()) return std::unexpected(std::move(outcome.report.failures.front().error));
  if (outcome.report.status == engine::RunStatus::cancelled)
    return fail(Code::cancelled, "stopped before anything was written");
  return {};
}

}  // namespace skein::app
