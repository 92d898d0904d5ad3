#include "app/site_check.h"

#include <algorithm>
#include <set>

#include "base/file_lock.h"
#include "docs/manifest.h"
#include "engine/journal.h"

namespace skein::app {

Result<std::vector<DocsTarget>> known_sites(const Services& services, const engine::Context& context,
                                            const std::string& state) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const DocsTarget usual, docs_target(context, state, folders.state, {}));
  SKEIN_TRY(const auto runs, engine::list_runs(services.files, state));
  std::set<std::string> sites{usual.site};
  for (const auto& run : runs) {
    // What of a damaged journal can be read is good enough here.
    [[maybe_unused]] const auto read = engine::read_journal(
        services.files, engine::journal_path(state, run), [&](const engine::JournalRecord& record) {
          if (const auto* commit = std::get_if<engine::JournalCommit>(&record)) sites.insert(commit->target);
          return true;
        });
  }
  std::vector<DocsTarget> targets;
  for (const auto& site : sites) targets.push_back(docs_target_at(site, state, folders.state));
  return targets;
}

Result<SiteCheck> check_site(FileSystem& files, const std::string& site) {
  SiteCheck check;
  check.site = site;
  const auto text = read_file(files, join_path(site, docs::kManifestName));
  if (!text) {
    if (text.error().code() == Code::not_found) return check;
    return pass(text.error(), "while reading the site in " + site);
  }
  check.found = true;
  const auto manifest = docs::decode_manifest(*text);
  if (!manifest) {
    check.manifest_problem = manifest.error().message();
    return check;
  }
  check.files = manifest->size();
  for (const auto& file : *manifest) {
    const auto bytes = read_file(files, join_path(site, file.path));
    // What cannot be read is no better than what is not there.
    if (!bytes || (sha256(*bytes) != file.digest && !file.digest.is_none())) check.damaged.push_back(file.path);
  }
  return check;
}

Status distrust_damaged(FileSystem& files, const DocsTarget& target, const SiteCheck& check) {
  if (!check.found || check.sound()) return {};
  SKEIN_DO(files.make_directories(parent_path(target.lock)));
  auto lock = FileLock::try_acquire(target.lock);
  if (!lock) return pass(std::move(lock).error(), "another skein is writing to " + target.site);
  const std::string path = join_path(target.site, docs::kManifestName);
  if (!check.manifest_problem.empty()) return files.remove(path);
  SKEIN_TRY(const auto text, read_file(files, path));
  auto stage = docs::SiteStage::pages;
  SKEIN_TRY(auto manifest, docs::decode_manifest(text, &stage));
  std::erase_if(manifest,
                [&](const docs::SiteFile& file) { return std::ranges::binary_search(check.damaged, file.path); });
  return write_file_atomically(files, path, docs::encode(manifest, stage), true);
}

}  // namespace skein::app
