#include "docs/site.h"

#include <algorithm>
#include <limits>
#include <map>

#include <fcntl.h>

#include "docs/links.h"
#include "docs/project.h"
#include "docs/site_plan.h"
#include "docs/theme.h"
#include "repo/snapshot.h"
#include "repo/snapshot_world.h"
#include "store/stat_table.h"

namespace skein::docs {
namespace {

/// A file may change while it is documented: then the tree is looked at again.
constexpr int kScans = 3;
constexpr std::size_t kStart = 512;
constexpr std::uint64_t kHashedAgain = 1 << 20;

Digest request_digest(const SiteRequest& request) {
  Hasher hasher;
  hasher.field("skein-docs-1").field(request.root).field(request.target).field(request.name).field(request.description);
  hasher.field(request.build);
  for (const auto& path : request.exclude) hasher.field(path);
  return hasher.finish();
}

/// The site's folders have a table of their own, without files: it shows added and removed pages at a stat per folder.
std::string folders_table(const SiteRequest& request) { return request.table + ".site"; }

Status remember_site(FileSystem& files, const SiteRequest& request) {
  const std::string path = join_path(request.target, kManifestName);
  SKEIN_TRY(const auto text, read_file(files, path));
  SKEIN_TRY(const auto manifest, decode_manifest(text));
  // The site is written under its lock, by skein, and was just completed: its stamps are trusted however young they
  // are. Otherwise the next check would find a manifest too young and do all again.
  store::StatTableBuilder builder(std::numeric_limits<std::int64_t>::max());
  std::map<std::string, std::uint32_t> known;  // Folders of the site, by path; "" is the target.
  const auto add = [&](const std::string& folder) -> Status {
    const std::string full = folder.empty() ? request.target : join_path(request.target, folder);
    store::FileStamp stamp;
    if (const int error = store::stamp_at(AT_FDCWD, full.c_str(), stamp); error != 0)
      return std::unexpected(system_error(error, "cannot look at " + full));
    SKEIN_TRY(const auto entries, files.list(full));
    std::vector<store::ListedName> names;
    for (const auto& entry : entries)
      names.push_back({entry.name, entry.is_directory ? store::EntryKind::folder : store::EntryKind::file});
    const Digest listing = store::listing_digest(names);
    if (folder.empty()) {
      known[folder] = builder.add_root(stamp, listing);
      return {};
    }
    const auto slash = folder.rfind('/');
    const auto parent = slash == std::string::npos ? std::string() : folder.substr(0, slash);
    known[folder] =
        builder.add_folder(known.at(parent), folder.substr(slash == std::string::npos ? 0 : slash + 1), stamp, listing);
    return {};
  };
  SKEIN_DO(add(""));
  for (const auto& file : manifest)
    for (auto slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1))
      if (const auto folder = file.path.substr(0, slash); !known.contains(folder)) SKEIN_DO(add(folder));
  // As a file with its digest: it was written a moment ago, so its stamp alone proves nothing.
  store::FileStamp stamp;
  if (const int error = store::stamp_at(AT_FDCWD, path.c_str(), stamp); error != 0)
    return std::unexpected(system_error(error, "cannot look at " + path));
  builder.add_file(store::StatTable::kRoot, kManifestName, stamp, sha256(text));
  return builder.save(files, folders_table(request), request_digest(request));
}

bool only_changed_files(const engine::RunReport& report) {
  return !report.failures.empty() &&
         std::all_of(report.failures.begin(), report.failures.end(),
                     [](const auto& failure) { return failure.error.code() == Code::unavailable; });
}

std::string relative_to(const std::string& root, const std::string& path) {
  if (path.size() > root.size() && path.starts_with(root) && path[root.size()] == '/')
    return path.substr(root.size() + 1);
  return {};
}

}  // namespace

bool is_unchanged(const SiteRequest& request) {
  if (!request.use_cache) return false;
  const Digest wanted = request_digest(request);
  const auto site = store::StatTable::open(folders_table(request));
  if (!site || site->request() != wanted) return false;
  const auto tree = store::StatTable::open(request.table);
  if (!tree || tree->request() != wanted) return false;
  const auto found = tree->check(request.root);
  // Much read again because it was written just before the table: a new table makes the next check cheap.
  return found.unchanged && found.hashed_bytes < kHashedAgain && site->check(request.target).unchanged;
}

Result<SiteReport> document(const SiteRequest& request, FileSystem& files, Executor& pool, engine::Session& session,
                            engine::RunRequest run) {
  SKEIN_DO(files.make_directories(parent_path(request.lock)));
  auto lock = FileLock::try_acquire(request.lock);
  if (!lock) return pass(std::move(lock).error(), "another skein is writing to " + request.target);
  // Under the lock, so that nobody else is writing.
  const auto site_table =
      request.use_cache ? store::StatTable::open(folders_table(request)) : fail(Code::not_found, "");
  const bool known =
      site_table && site_table->request() == request_digest(request) && site_table->check(request.target).unchanged;
  const auto target_state = known ? PublishAgent::Target::as_manifest_says : PublishAgent::Target::unknown;
  SiteReport report;
  for (int scan = 1;; ++scan) {
    repo::ScanOptions options;
    options.exclude = request.exclude;
    if (auto inside = relative_to(request.root, request.target); !inside.empty())
      options.never_enter.push_back(std::move(inside));
    options.watch = request.watch;
    const auto remembered = store::StatTable::open(request.table);
    SKEIN_TRY(const auto snapshot, repo::scan(request.root, options, pool, remembered ? &*remembered : nullptr));
    const repo::SnapshotWorld world(files, snapshot);
    const auto& languages = repo::builtin_languages();
    const SiteTree tree = make_tree(snapshot, languages, [&](const std::string& path) {
      auto file = files.open(join_path(request.root, path), OpenMode::read);
      auto start = file ? (*file)->read_at(0, kStart) : Result<std::string>(std::unexpected(file.error()));
      return start.value_or("");
    });
    std::vector<std::string_view> paths;
    for (const auto& file : snapshot.files) paths.push_back(file.path);
    const repo::PathIndex index(paths);
    SiteInputs site{
        languages, tree, index, {}, describe_project(snapshot, tree, world, request.name, request.description)};
    site.site.project = site.project.name;
    site.site.theme = theme_version();
    const SiteAgents agents(site);
    SKEIN_TRY(auto planned, plan_site(site, agents));
    report.site = {};
    const PublishAgent publisher(files, session.results(), request.target, target_state, planned.pages, report.site);
    engine::Step publish;
    publish.name = "publish";
    publish.agent = &publisher;
    publish.purity = engine::Purity::effectful;
    publish.inputs = planned.page_outputs;
    SKEIN_DO(planned.plan.add(std::move(publish)));

    run.world = &world;
    run.options.retry.max_attempts = 1;  // A changed file changes the plan: it is scanned again instead.
    SKEIN_TRY(auto outcome, session.run(planned.plan, run));
    report.run = outcome.id;
    report.status = outcome.report.status;
    report.files = snapshot.files.size();
    report.documented = tree.pages;
    report.steps_done += outcome.report.executed;
    report.steps_reused = outcome.report.hits;
    report.failures = outcome.report.failures;
    report.wall += outcome.report.usage.wall;
    report.notes = snapshot.notes;
    if (scan < kScans && only_changed_files(outcome.report)) continue;
    if (report.status == engine::RunStatus::ok) {
      // Both tables or none: a no-op needs them to agree. Without them the next run only takes longer.
      if (auto saved = remember_site(files, request); saved)
        saved = snapshot.table.save(files, request.table, request_digest(request));
    }
    return report;
  }
}

}  // namespace skein::docs
