#include "docs/site.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <memory>

#include <fcntl.h>

#include "base/random.h"
#include "docs/agents.h"
#include "docs/graphviz.h"
#include "docs/links.h"
#include "docs/project.h"
#include "docs/site_plan.h"
#include "docs/theme.h"
#include "engine/history.h"
#include "repo/history_cache.h"
#include "repo/snapshot.h"
#include "repo/snapshot_world.h"
#include "repo/tree_source.h"
#include "store/stat_table.h"

namespace skein::docs {
namespace {

/// A file may change while it is documented: then the tree is looked at again.
constexpr int kScans = 3;
/// Publications that are begun again because bytes in the store were damaged; each finds one of them at least.
constexpr int kMostMended = 50;
constexpr std::size_t kStart = 512;
constexpr std::uint64_t kHashedAgain = 1 << 20;

/// Of the program that lays out pictures, as its file stands there: reading it would cost a no-op more than all
/// folders. It decides only whether a run is needed; the keys of pictures have the version.
std::string stamp_of_program(const std::string& path) {
  store::FileStamp stamp;
  if (path.empty() || store::stamp_at(AT_FDCWD, path.c_str(), stamp) != 0) return {};
  return fmt::format("{} {} {} {}", stamp.inode, stamp.size, stamp.mtime_ns, stamp.ctime_ns);
}

std::string window_of(const SiteRequest& request) {
  const auto& window = request.history;
  return fmt::format("{} {} {}", static_cast<int>(window.by), window.commits, window.months);
}

Digest request_digest(const SiteRequest& request) {
  Hasher hasher;
  hasher.field("skein-docs-3")
      .field(stamp_of_program(request.graphviz))
      .field(request.root)
      .field(request.target)
      .field(request.name)
      .field(request.description);
  hasher.field(request.build).field(window_of(request));
  for (const auto& path : request.exclude) hasher.field(path);
  return hasher.finish();
}

/// The site's folders have a table of their own, without files: it shows added and removed pages at a stat per folder.
std::string folders_table(const SiteRequest& request) { return request.table + ".site"; }

/// The digest of what a folder of the site lists: as `before` (may be null) has it in its folder `known`, where the
/// folder was not touched since.
Result<Digest> listing_of(FileSystem& files, const std::string& path, const store::FileStamp& stamp,
                          const store::StatTable* before, std::optional<std::uint32_t> known) {
  if (before != nullptr && known) {
    const auto folder = before->folder(*known);
    if (folder && folder->stamp == stamp && !folder->racy && !folder->listing.is_none()) return folder->listing;
  }
  SKEIN_TRY(const auto entries, files.list(path));
  std::vector<store::ListedName> names;
  for (const auto& entry : entries)
    names.push_back({entry.name, entry.is_directory ? store::EntryKind::folder : store::EntryKind::file});
  return store::listing_digest(names);
}

/// `before`: the table of the last time, or null.
Status remember_site(FileSystem& files, const SiteRequest& request, const Digest& wanted,
                     const store::StatTable* before) {
  const std::string path = join_path(request.target, kManifestName);
  SKEIN_TRY(const auto text, read_file(files, path));
  SKEIN_TRY(const auto manifest, decode_manifest(text));
  // The site is written under its lock, by skein, and was just completed: its stamps are trusted however young they
  // are. Otherwise the next check would find a manifest too young and do all again.
  store::StatTableBuilder builder(std::numeric_limits<std::int64_t>::max());
  struct Known {
    std::uint32_t number = 0;             // In the new table,
    std::optional<std::uint32_t> before;  // and in the one before.
  };
  std::map<std::string, Known> known;  // Folders of the site, by path; "" is the target.
  const auto add = [&](const std::string& folder) -> Status {
    const std::string full = folder.empty() ? request.target : join_path(request.target, folder);
    store::FileStamp stamp;
    if (const int error = store::stamp_at(AT_FDCWD, full.c_str(), stamp); error != 0)
      return std::unexpected(system_error(error, "cannot look at " + full));
    Known& made = known[folder];
    if (folder.empty()) {
      made.before = store::StatTable::kRoot;
      SKEIN_TRY(const auto listing, listing_of(files, full, stamp, before, made.before));
      made.number = builder.add_root(stamp, listing);
      return {};
    }
    const auto slash = folder.rfind('/');
    const auto& parent = known.at(slash == std::string::npos ? std::string() : folder.substr(0, slash));
    const auto name = folder.substr(slash == std::string::npos ? 0 : slash + 1);
    if (before != nullptr && parent.before) made.before = before->find_folder(*parent.before, name);
    SKEIN_TRY(const auto listing, listing_of(files, full, stamp, before, made.before));
    made.number = builder.add_folder(parent.number, name, stamp, listing);
    return {};
  };
  SKEIN_DO(add(""));
  std::string_view last;  // The folder of the page before: pages of one stand together.
  for (const auto& file : manifest) {
    const auto end = file.path.rfind('/');
    const auto folder = std::string_view(file.path).substr(0, end == std::string::npos ? 0 : end);
    if (folder == last) continue;
    last = folder;
    for (auto slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1))
      if (const auto above = file.path.substr(0, slash); !known.contains(above)) SKEIN_DO(add(above));
  }
  // As a file with its digest: it was written a moment ago, so its stamp alone proves nothing.
  store::FileStamp stamp;
  if (const int error = store::stamp_at(AT_FDCWD, path.c_str(), stamp); error != 0)
    return std::unexpected(system_error(error, "cannot look at " + path));
  builder.add_file(store::StatTable::kRoot, kManifestName, stamp, sha256(text));
  return builder.save(files, folders_table(request), wanted);
}

bool only_changed_files(const engine::RunReport& report) {
  return !report.failures.empty() &&
         std::all_of(report.failures.begin(), report.failures.end(),
                     [](const auto& failure) { return failure.error.code() == Code::unavailable; });
}

/// True if a publication found only that bytes it had were lost: the store has forgotten them since, so that the next
/// attempt makes them again. `forgot`: an earlier attempt met damage, so that bytes may be missing of results that are
/// still there.
bool only_lost_bytes(const engine::RunReport& report, bool forgot) {
  return !report.failures.empty() && std::ranges::all_of(report.failures, [forgot](const auto& failure) {
    const Code code = failure.error.code();
    return code == Code::data_corrupt || (forgot && code == Code::not_found);
  });
}

std::string relative_to(const std::string& root, const std::string& path) {
  if (path.size() > root.size() && path.starts_with(root) && path[root.size()] == '/')
    return path.substr(root.size() + 1);
  return {};
}

/// The inputs of a site's plan: the tree as it is now. Not movable: its parts refer to each other.
class Site {
 public:
  static Result<std::unique_ptr<Site>> scan(const SiteRequest& request, FileSystem& files, Executor& pool,
                                            const PictureLayouter* layouter) {
    SKEIN_TRY(auto snapshot, scan_workspace(request, pool));
    return std::unique_ptr<Site>(new Site(request, files, std::move(snapshot), layouter));
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
  Site(const SiteRequest& request, FileSystem& files, repo::Snapshot snapshot, const PictureLayouter* layouter)
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
        // A file that changed since the scan is missing here and ends this run: its snapshot is taken again.
        index_(paths_, repo::import_roots(snapshot_, [&](const std::string& path) { return world_.read(path); })),
        inputs_{repo::builtin_languages(),
                tree_,
                index_,
                {},
                describe_project(snapshot_, tree_, index_, world_, request.name, request.description)},
        agents_(inputs_) {
    inputs_.pictures = choose_pictures(tree_);
    inputs_.name_groups = name_groups(tree_);
    inputs_.layouter = layouter;
    if (!snapshot_.git.commit.empty()) {
      // A commit's id names all that came before it: nothing else does, so it is in this key.
      inputs_.history = snapshot_.git.commit + " " + window_of(request) + " " + snapshot_.git.prefix +
                        (snapshot_.git.shallow ? " shallow" : "");
      inputs_.read_history = [this, &files, window = request.history, remembered = request.history_log] {
        return remembered.empty() ? repo::read_history_log(snapshot_.git, window)
                                  : repo::read_remembered_history(files, remembered, snapshot_.git, window);
      };
    }
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

Result<repo::Snapshot> scan_workspace(const SiteRequest& request, Executor& pool) {
  repo::ScanOptions options;
  options.exclude = request.exclude;
  if (auto inside = relative_to(request.root, request.target); !inside.empty())
    options.never_enter.push_back(std::move(inside));
  options.watch = request.watch;
  const auto remembered = store::StatTable::open(request.table);
  return repo::scan(request.root, options, pool, remembered ? &*remembered : nullptr);
}

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
  const auto layouter = Graphviz::find(files, request.graphviz);
  const Digest wanted = request_digest(request);
  const bool known = site_table && site_table->request() == wanted && site_table->check(request.target).unchanged;
  const auto target_state = known ? TargetState::as_manifest_says : TargetState::unknown;
  SiteReport report;
  int mended = 0;
  for (int scan = 1;; ++scan) {
    SKEIN_TRY(auto site, Site::scan(request, files, pool, layouter.get()));
    run.world = &site->world();
    run.options.source = repo::tree_source(site->snapshot());
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
        PublishAgent::Mode::install, report.site, &pool);
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
    if (only_lost_bytes(outcome.report, mended > 0) && ++mended < kMostMended) continue;
    if (report.status == engine::RunStatus::ok) {
      // Both tables or none: a no-op needs them to agree. Without them the next run only takes longer.
      if (auto saved = remember_site(files, request, wanted, known ? &*site_table : nullptr); saved)
        saved = site->snapshot().table.save(files, request.table, wanted);
    }
    if (request.remains != nullptr) {
      request.remains->push_back(std::make_shared<SitePlan>(std::move(planned)));
      request.remains->push_back(std::shared_ptr<Site>(std::move(site)));
    }
    return report;
  }
}

Result<SiteDifference> compare(const SiteRequest& request, FileSystem& files, Executor& pool, EventLoop& loop,
                               const engine::RunOptions& options, std::stop_token stop) {
  const auto layouter = Graphviz::find(files, request.graphviz);
  SiteRequest asked = request;
  asked.history_log.clear();  // Nothing is written.
  SKEIN_TRY(const auto site, Site::scan(asked, files, pool, layouter.get()));
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
