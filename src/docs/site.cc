#include "docs/site.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <memory>

#include <fcntl.h>

#include "base/random.h"
#include "docs/agents.h"
#include "docs/links.h"
#include "docs/project.h"
#include "docs/site_plan.h"
#include "docs/theme.h"
#include "engine/history.h"
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

/// The inputs of a site's plan: the tree as it is now. Not movable: its parts refer to each other.
class Site {
 public:
  static Result<std::unique_ptr<Site>> scan(const SiteRequest& request, FileSystem& files, Executor& pool) {
    repo::ScanOptions options;
    options.exclude = request.exclude;
    if (auto inside = relative_to(request.root, request.target); !inside.empty())
      options.never_enter.push_back(std::move(inside));
    options.watch = request.watch;
    const auto remembered = store::StatTable::open(request.table);
    SKEIN_TRY(auto snapshot, repo::scan(request.root, options, pool, remembered ? &*remembered : nullptr));
    return std::unique_ptr<Site>(new Site(request, files, std::move(snapshot)));
  }

  [[nodiscard]] const repo::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const engine::World& world() const { return world_; }
  [[nodiscard]] const SiteTree& tree() const { return tree_; }
  [[nodiscard]] const SiteInputs& inputs() const { return inputs_; }
  [[nodiscard]] const SiteAgents& agents() const { return agents_; }

  /// What is published of a plan.
  [[nodiscard]] Publication publication(const SiteRequest& request, const SitePlan& planned, TargetState state,
                                        SiteStage stage) const {
    return {.target = request.target,
            .state = state,
            .stage = stage,
            .pages = planned.pages,
            .site = inputs_.site,
            .past = request.past(),
            .commit = snapshot_.git.commit,
            .look = planned.look,
            .languages = planned.languages,
            .files = planned.files};
  }

 private:
  Site(const SiteRequest& request, FileSystem& files, repo::Snapshot snapshot)
      : snapshot_(std::move(snapshot)),
        world_(files, snapshot_),
        tree_(make_tree(snapshot_, repo::builtin_languages(),
                        [&](const std::string& path) {
                          auto file = files.open(join_path(request.root, path), OpenMode::read);
                          auto start =
                              file ? (*file)->read_at(0, kStart) : Result<std::string>(std::unexpected(file.error()));
                          return start.value_or("");
                        })),
        paths_(paths_of(snapshot_)),
        index_(paths_),
        inputs_{repo::builtin_languages(),
                tree_,
                index_,
                {},
                describe_project(snapshot_, tree_, world_, request.name, request.description)},
        agents_(inputs_) {
    inputs_.site.project = inputs_.project.name;
    inputs_.site.theme = theme_version();
  }
  static std::vector<std::string_view> paths_of(const repo::Snapshot& snapshot) {
    std::vector<std::string_view> paths;
    for (const auto& file : snapshot.files) paths.push_back(file.path);
    return paths;
  }

  repo::Snapshot snapshot_;
  repo::SnapshotWorld world_;
  SiteTree tree_;
  std::vector<std::string_view> paths_;
  repo::PathIndex index_;
  SiteInputs inputs_;
  SiteAgents agents_;
};

/// Adds the step that publishes what `planned` makes.
Status add_publish(SitePlan& planned, const PublishAgent& publisher) {
  engine::Step publish;
  publish.name = "publish";
  publish.agent = &publisher;
  publish.purity = engine::Purity::effectful;
  publish.inputs = planned.page_outputs;
  publish.inputs.insert(publish.inputs.end(), planned.facts.begin(), planned.facts.end());
  SKEIN_DO(planned.plan.add(std::move(publish)));
  return {};
}

/// True where some stage of a site of ours is there.
bool has_site(FileSystem& files, const std::string& target) {
  const auto text = read_file(files, join_path(target, kManifestName));
  return text && decode_manifest(*text);
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
  const auto start = std::chrono::steady_clock::now();
  SKEIN_DO(files.make_directories(parent_path(request.lock)));
  auto lock = FileLock::try_acquire(request.lock);
  if (!lock) return pass(std::move(lock).error(), "another skein is writing to " + request.target);
  // Under the lock, so that nobody else is writing.
  const auto site_table =
      request.use_cache ? store::StatTable::open(folders_table(request)) : fail(Code::not_found, "");
  const bool known =
      site_table && site_table->request() == request_digest(request) && site_table->check(request.target).unchanged;
  const auto target_state = known ? TargetState::as_manifest_says : TargetState::unknown;
  SiteReport report;
  for (int scan = 1;; ++scan) {
    SKEIN_TRY(const auto site, Site::scan(request, files, pool));
    run.world = &site->world();
    run.options.retry.max_attempts = 1;  // A changed file changes the plan: it is scanned again instead.
    // Something to read while the rest is made.
    const bool first = !has_site(files, request.target);
    Published first_published;
    SitePlan first_pages;
    first_pages.pages = first_overview_pages();
    const PublishAgent first_publisher(
        files, session.results(), site->publication(request, first_pages, TargetState::unknown, SiteStage::overview),
        PublishAgent::Mode::install, first_published);
    SKEIN_TRY(auto planned, plan_site(site->inputs(), site->agents(), first ? &first_publisher : nullptr));
    report.site = {};
    const PublishAgent publisher(
        files, session.results(),
        site->publication(request, planned, first ? TargetState::unknown : target_state, SiteStage::pages),
        PublishAgent::Mode::install, report.site);
    SKEIN_DO(add_publish(planned, publisher));
    SKEIN_TRY(auto outcome, session.run(planned.plan, run));
    report.run = outcome.id;
    report.status = outcome.report.status;
    if (first && first_published.when)
      report.first_overview = std::chrono::duration_cast<Micros>(*first_published.when - start);
    report.files = site->snapshot().files.size();
    report.documented = site->tree().pages;
    report.steps_done += outcome.report.executed;
    report.steps_reused = outcome.report.hits;
    report.failures = outcome.report.failures;
    report.wall += outcome.report.usage.wall;
    report.notes = site->snapshot().notes;
    if (scan < kScans && only_changed_files(outcome.report)) continue;
    if (report.status == engine::RunStatus::ok) {
      // Both tables or none: a no-op needs them to agree. Without them the next run only takes longer.
      if (auto saved = remember_site(files, request); saved)
        saved = site->snapshot().table.save(files, request.table, request_digest(request));
    }
    return report;
  }
}

Result<SiteDifference> compare(const SiteRequest& request, FileSystem& files, Executor& pool, EventLoop& loop,
                               const engine::RunOptions& options, std::stop_token stop) {
  SKEIN_TRY(const auto site, Site::scan(request, files, pool));
  SKEIN_TRY(auto planned, plan_site(site->inputs(), site->agents()));
  engine::MemoryResults results;
  Published published;
  const PublishAgent publisher(files, results,
                               site->publication(request, planned, TargetState::unknown, SiteStage::pages),
                               PublishAgent::Mode::compare, published);
  SKEIN_DO(add_publish(planned, publisher));
  ThreadPool disk(1);
  SystemRandom random;
  engine::History history;
  const engine::RunEnvironment environment{.loop = loop,
                                           .pool = pool,
                                           .disk = disk,
                                           .results = results,
                                           .world = &site->world(),
                                           .random = random,
                                           .history = history,
                                           .stop = std::move(stop)};
  SKEIN_TRY(auto outcome, engine::execute(planned.plan, environment, options));
  if (!outcome.failures.empty()) return pass(std::move(outcome.failures.front().error), "while making the pages");
  if (outcome.status == engine::RunStatus::cancelled) return fail(Code::cancelled, "stopped");
  SiteDifference difference;
  difference.notes = site->snapshot().notes;
  const auto text = read_file(files, join_path(request.target, kManifestName));
  const auto manifest = text ? decode_manifest(*text) : Result<Manifest>(std::unexpected(text.error()));
  difference.exists = manifest.has_value();
  for (auto& change : published.changes) {
    if (change.removes())
      difference.surplus.push_back(std::move(change.path));
    else if (read_file(files, join_path(request.target, change.path)))
      difference.stale.push_back(std::move(change.path));
    else
      difference.missing.push_back(std::move(change.path));
  }
  return difference;
}

Result<std::vector<SiteChanges>> change_log(const SiteRequest& request, FileSystem& files) {
  auto text = read_file(files, join_path(request.target, kManifestName));
  if (!text) return fail(Code::not_found, "no site is in {}", request.target);
  SKEIN_TRY(auto past, read_past_site(files, request.past(), sha256(*text)));
  return std::move(past.log);
}

}  // namespace skein::docs
