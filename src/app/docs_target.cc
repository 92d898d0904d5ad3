#include "app/docs_target.h"

#include <algorithm>

#include "app/history_window.h"
#include "app/program_path.h"
#include "base/platform/build_id.h"

#include "base/digest.h"

namespace skein::app {
namespace {

/// An absolute path; relative ones are below `base`.
std::string absolute(const std::string& base, const std::string& path) {
  std::string full = path.starts_with('/') ? path : join_path(base, path);
  while (full.size() > 1 && full.ends_with('/')) full.pop_back();
  return full;
}

}  // namespace

DocsTarget docs_target_at(std::string site, const std::string& state, const std::string& user_state) {
  const std::string name = sha256(site).short_hex(16);
  return {std::move(site), join_path(state, "tables/docs-" + name), join_path(user_state, "targets/" + name + ".lock")};
}

Result<DocsTarget> docs_target(const engine::Context& context, const std::string& state, const std::string& user_state,
                               const std::optional<std::string>& out) {
  if (out) {
    SKEIN_TRY(const std::string here, real_path("."));
    return docs_target_at(absolute(here, *out), state, user_state);
  }
  const std::string& set = settings_of(context).values().docs.out;
  return docs_target_at(set == ".skein/docs" ? join_path(state, "docs") : absolute(context.workspace, set), state,
                        user_state);
}

docs::SiteRequest site_request(const Services& services, const engine::Context& context, const std::string& state,
                               const DocsTarget& target) {
  const auto& settings = settings_of(context).values();
  docs::SiteRequest request;
  request.root = context.workspace;
  request.target = target.site;
  request.table = target.table;
  request.lock = target.lock;
  request.name = settings.project.name.value_or("");
  request.description = settings.project.description.value_or("");
  request.exclude = settings.docs.exclude;
  request.graphviz = program_path(services, "dot");
  request.history = history_window(settings.history);
  request.history_log = join_path(state, "tables/history");
  request.build = build_id();
  request.use_cache = !context.no_cache && context.refresh.empty();
  return request;
}

}  // namespace skein::app
