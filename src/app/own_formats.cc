#include "app/own_formats.h"

#include "app/operations.h"
#include "app/trust.h"

namespace skein::app {

Result<std::unique_ptr<summary::Formats>> own_formats(const Services& services, const engine::Context& context) {
  const std::string folder = join_path(context.workspace, ".skein/formats");
  const auto entries = services.files.list(folder);
  if (!entries || entries->empty()) return nullptr;
  SKEIN_TRY(const auto items, collect_trust_items(services.files, context.workspace, settings_of(context).guarded()));
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  if (TrustStore(services.files, folders.state).state(context.workspace, items) != TrustState::trusted) {
    if (context.note) context.note(".skein/formats is not used: it is not trusted (`skein trust` shows it)");
    return nullptr;
  }
  std::vector<summary::FormatFile> own;
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_directory || !entry.name.ends_with(".toml")) continue;
    SKEIN_TRY(std::string bytes, read_file(services.files, join_path(folder, entry.name)));
    own.push_back({".skein/formats/" + entry.name, std::move(bytes)});
  }
  return summary::Formats::with(own);
}

}  // namespace skein::app
