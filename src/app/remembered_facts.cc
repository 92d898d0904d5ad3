#include "app/remembered_facts.h"

#include <algorithm>

#include "app/docs_target.h"
#include "app/state_folder.h"
#include "app/user_key.h"
#include "docs/manifest.h"
#include "docs/publish.h"

namespace skein::app {

RememberedFacts::RememberedFacts(const Services& services, const engine::Context& context)
    : machinery_(services, context) {
  // Nothing remembered, or something damaged: it is found out again.
  if (!open(services, context)) session_ = nullptr;
}

Status RememberedFacts::open(const Services& services, const engine::Context& context) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const StateFolder state, locate_state_folder(context.workspace, folders.state, services.mount_of));
  // Who only asks makes no state, and does not move one of somebody else aside.
  if (!services.files.list(join_path(state.path, "tables"))) return {};
  SKEIN_TRY(const std::string key, user_key(services.files, folders.state));
  if (!is_own_state(services.files, state.path, key)) return {};
  SKEIN_TRY(const DocsTarget target, docs_target(context, state.path, folders.state, std::nullopt));
  const auto request = site_request(services, context, state.path, target);
  if (auto table = store::StatTable::open(request.table)) table_ = std::move(*table);
  const auto manifest = read_file(services.files, join_path(request.target, docs::kManifestName));
  if (!manifest) return {};
  SKEIN_TRY(past_, docs::read_past_site(services.files, request.past(), sha256(*manifest)));
  if (past_.languages != repo::builtin_languages().digest().hex()) return {};
  SKEIN_TRY(session_, machinery_.session());
  return {};
}

std::optional<repo::FileFacts> RememberedFacts::of(const std::string& path, const Digest& content) const {
  if (session_ == nullptr) return {};
  const auto found = std::ranges::lower_bound(past_.files, path, {}, &docs::PastFile::path);
  if (found == past_.files.end() || found->path != path || found->content != content) return {};
  const auto bytes = session_->store().get_blob(found->facts);
  auto facts = bytes ? repo::decode_facts(*bytes) : Result<repo::FileFacts>(std::unexpected(bytes.error()));
  return facts ? std::optional(std::move(*facts)) : std::nullopt;
}

}  // namespace skein::app
