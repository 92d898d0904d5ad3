#include "docs/site.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include <fcntl.h>

#include "base/random.h"
#include "docs/agents.h"
#include "docs/graphviz.h"
#include "docs/links.h"
#include "docs/project.h"
#include "docs/site_memory.h"
#include "docs/site_plan.h"
#include "docs/site_renewal.h"
#include "docs/site_tables.h"
#include "docs/theme.h"
#include "engine/history.h"
#include "repo/history_cache.h"
#include "repo/lock.h"
#include "repo/manifest.h"
#include "repo/snapshot.h"
#include "repo/snapshot_renewal.h"
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
    // Several threads read for a publication: what one found damaged is not there for another.
    return code == Code::data_corrupt || (code == Code::not_found && (forgot || failure.step == "publish"));
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
  static std::unique_ptr<Site> make(const SiteRequest& request, FileSystem& files, repo::Snapshot snapshot,
                                    const PictureLayouter* layouter) {
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
  /// The same where a change is published alone.
  [[nodiscard]] Publication publication(const SiteRequest& request, const PastSite& past) const {
    SitePlan nothing;
    nothing.look = past.look;
    nothing.languages = past.languages;
    return publication(request, nothing, TargetState::as_manifest_says, SiteStage::pages);
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
  planned.tags.push_back(0);
  return {};
}

/// True where some stage of a site of ours is there.
bool has_site(FileSystem& files, const std::string& target) {
  const auto text = read_file(files, join_path(target, kManifestName));
  return text && decode_manifest(*text);
}

repo::ScanOptions scan_options(const SiteRequest& request) {
  repo::ScanOptions options;
  options.exclude = request.exclude;
  if (auto inside = relative_to(request.root, request.target); !inside.empty())
    options.never_enter.push_back(std::move(inside));
  options.watch = request.watch;
  return options;
}

/// The tree as it is now, and the table of the next check.
struct Scanned {
  repo::Snapshot snapshot;
  std::optional<store::StatTablePatch> table;  ///< Nothing: it is the snapshot's.
};

/// Where `memory` belongs to the table that is there and only bytes of files are new, nothing else is looked at.
/// `look`: may be null.
Result<Scanned> scan_tree(const SiteRequest& request, const Digest& wanted, Executor& pool, const SiteMemory* memory,
                          const SiteLook* look) {
  const auto table = store::StatTable::open(request.table);
  if (table && table->request() == wanted && memory != nullptr && memory->bond().table == table->checksum()) {
    std::optional<store::StatChanges> changes;
    if (look == nullptr || look->table != table->checksum()) changes = table->changes(request.root);
    if (auto renewed = repo::renew(request.root, scan_options(request), pool, *table,
                                   changes ? *changes : look->changes, memory->rest()))
      return Scanned{std::move(renewed->snapshot), std::move(renewed->table)};
  }
  SKEIN_TRY(auto snapshot, repo::scan(request.root, scan_options(request), pool, table ? &*table : nullptr));
  return Scanned{std::move(snapshot), std::nullopt};
}

/// Reads what every plan needs and what is read once in a process, while the caller looks at the tree.
void read_rules(Executor& pool) {
  pool.submit([] {
    [[maybe_unused]] const auto& languages = repo::builtin_languages();
    [[maybe_unused]] const bool none = repo::manifest_kind("Makefile") && repo::lock_kind("yarn.lock");
  });
}

/// Whether a site's folders are as a table has them: looked at by another thread, meanwhile.
class SiteCheck {
 public:
  /// `table`, which may be null, and `target` outlive it.
  SiteCheck(Executor& pool, const store::StatTable* table, const std::string& target) {
    if (table == nullptr) return;
    std::packaged_task<bool()> look([table, &target] { return table->check(target).unchanged; });
    unchanged_ = look.get_future().share();
    pool.submit(std::move(look));
  }
  ~SiteCheck() {
    if (unchanged_.valid()) unchanged_.wait();
  }
  SiteCheck(const SiteCheck&) = delete;
  SiteCheck& operator=(const SiteCheck&) = delete;

  /// False without a table.
  [[nodiscard]] bool is_unchanged() const { return unchanged_.valid() && unchanged_.get(); }

 private:
  std::shared_future<bool> unchanged_;
};

/// One documentation, which may take several runs.
class Documentation {
 public:
  Documentation(const SiteRequest& request, FileSystem& files, Executor& pool, engine::Session& session,
                engine::RunRequest run, const SiteLook* look)
      : request_(request),
        files_(files),
        pool_(pool),
        session_(session),
        run_(std::move(run)),
        look_(look),
        wanted_(request_digest(request)) {}

  Result<SiteReport> make() {
    const auto start = std::chrono::steady_clock::now();
    read_rules(pool_);
    if (request_.use_cache)
      if (auto opened = store::StatTable::open(site_table_path(request_)); opened && opened->request() == wanted_)
        site_table_ = std::move(*opened);
    SiteCheck site_check(pool_, site_table_ ? &*site_table_ : nullptr, request_.target);
    if (site_table_)
      if (auto opened = SiteMemory::open(request_.memory());
          opened && opened->bond().request == wanted_ && opened->bond().manifest == known_manifest(*site_table_))
        memory_ = std::move(*opened);
    const auto layouter = Graphviz::find(files_, request_.graphviz);
    run_.options.retry.max_attempts = 1;  // A changed file changes the plan: it is scanned again instead.
    bool whole = !run_.options.use_cache || !run_.options.use_cutoff || !run_.options.refresh.empty();
    int mended = 0;
    std::string last_lost;
    for (int scan = 1;; ++scan) {
      SKEIN_TRY(auto scanned,
                scan_tree(request_, wanted_, pool_, memory_ ? &*memory_ : nullptr, scan == 1 ? look_ : nullptr));
      auto site = Site::make(request_, files_, std::move(scanned.snapshot), layouter.get());
      Making making{*site, std::move(scanned.table), SiteSteps(site->inputs(), site->agents()), {}};
      making.sources = SiteSources::of(site->tree(), making.steps);
      if (site_table_ && !site_check.is_unchanged()) {
        site_table_.reset();
        memory_.reset();
      }
      run_.world = &site->world();
      run_.options.source = repo::tree_source(site->snapshot());
      report_.site = {};
      std::optional<std::vector<std::uint32_t>> changed;
      if (!whole && memory_) changed = memory_->changed(site->tree(), making.sources);
      const auto past = changed ? read_past_site(files_, request_.past(), memory_->bond().manifest)
                                : Result<PastSite>(fail(Code::not_found, ""));
      const bool renews = past && past->files.size() == site->tree().pages;
      SKEIN_TRY(const auto outcome, renews ? renew(making, *past, *changed) : make_whole(making, start));
      report_.run = outcome.id;
      report_.status = outcome.report.status;
      report_.files = site->snapshot().files.size();
      report_.documented = site->tree().pages;
      report_.steps_done += outcome.report.executed;
      report_.failures = outcome.report.failures;
      report_.wall += outcome.report.usage.wall;
      report_.notes = site->snapshot().notes;
      if (request_.remains != nullptr) request_.remains->push_back(std::shared_ptr<Site>(std::move(site)));
      if (scan < kScans && only_changed_files(outcome.report)) continue;
      if (renews && report_.status == engine::RunStatus::failed) {
        whole = true;  // What it stood on is not there any more, or a step fails: the whole plan tells.
        continue;
      }
      if (only_lost_bytes(outcome.report, mended > 0) && ++mended < kMostMended) {
        // The same again is not what a new attempt mends.
        const std::string lost = outcome.report.failures.front().error.to_string();
        if (lost != std::exchange(last_lost, lost)) continue;
      }
      return std::move(report_);
    }
  }

 private:
  /// What one run is made of.
  struct Making {
    Site& site;
    std::optional<store::StatTablePatch> table;
    SiteSteps steps;
    SiteSources sources;
  };

  /// Every step is planned.
  Result<engine::RunOutcome> make_whole(Making& making, Instant start) {
    const Site& site = making.site;
    // Something to read while the rest is made.
    const bool first = !has_site(files_, request_.target);
    Published first_published;
    SitePlan first_pages;
    first_pages.pages = first_overview_pages();
    const PublishAgent first_publisher(
        files_, session_.results(), site.publication(request_, first_pages, TargetState::unknown, SiteStage::overview),
        PublishAgent::Mode::install, first_published);
    auto planned = std::make_shared<SitePlan>();  // Shared with what remains of it when the process ends.
    SKEIN_TRY(*planned, plan_site(site.inputs(), site.agents(), first ? &first_publisher : nullptr));
    const auto state = !first && site_table_ ? TargetState::as_manifest_says : TargetState::unknown;
    const PublishAgent publisher(files_, session_.results(),
                                 site.publication(request_, *planned, state, SiteStage::pages),
                                 PublishAgent::Mode::install, report_.site, &pool_);
    SKEIN_DO(add_publish(*planned, publisher));
    if (request_.remains != nullptr) request_.remains->push_back(planned);
    std::vector<Digest> artifacts;
    SKEIN_TRY(auto outcome, session_.run(planned->plan, run_, &artifacts));
    if (first && first_published.when)
      report_.first_overview = std::chrono::duration_cast<Micros>(*first_published.when - start);
    report_.steps_reused = outcome.report.hits;
    report_.renewed = false;
    if (outcome.report.status == engine::RunStatus::ok) {
      const auto manifest = remember_site(files_, request_, wanted_, site_table_ ? &*site_table_ : nullptr);
      remember(making, manifest, [&](const SiteMemory::Bond& bond, std::string_view rest) -> Status {
        SKEIN_TRY(const auto bytes, SiteMemory::of_run(*planned, artifacts, bond, making.sources, rest));
        // Not synced: cut by a power failure, it fails its checksum, and all is planned.
        return write_file_atomically(files_, request_.memory(), bytes, false);
      });
    }
    return outcome;
  }

  /// Only the steps that stand on what changed are planned.
  Result<engine::RunOutcome> renew(Making& making, const PastSite& past, const std::vector<std::uint32_t>& changed) {
    const Site& site = making.site;
    SiteRenewal renewal(*memory_, site.tree(), making.steps, past, files_, session_.results(),
                        site.publication(request_, past), report_.site, pool_);
    SKEIN_DO(renewal.begin(changed));
    SKEIN_TRY(auto outcome, session_.run(renewal.plan(), run_));
    report_.steps_reused = outcome.report.hits;
    report_.renewed = true;
    if (outcome.report.status == engine::RunStatus::ok) {
      const Digest written = report_.site.manifest;
      Result<Digest> manifest = written.is_none() ? known_manifest(*site_table_) : written;
      if (!written.is_none() && !renew_site(files_, request_, wanted_, *site_table_, report_.site.changes, *manifest))
        manifest = remember_site(files_, request_, wanted_, &*site_table_);
      remember(making, manifest, [&](const SiteMemory::Bond& bond, std::string_view rest) {
        return memory_->save_after(files_, request_.memory(), renewal.changed(), bond, making.sources, rest);
      });
    }
    return outcome;
  }

  /// After a run in which all was made and `manifest` of the site was remembered. All tables or none: a no-op needs
  /// them to agree. Without them the next run only takes longer.
  void remember(Making& making, const Result<Digest>& manifest,
                const std::function<Status(const SiteMemory::Bond&, std::string_view)>& keep) {
    if (!manifest) return;
    const auto& snapshot = making.site.snapshot();
    if (!(making.table ? making.table->save(files_, request_.table, wanted_)
                       : snapshot.table.save(files_, request_.table, wanted_)))
      return;
    const auto table = store::StatTable::open(request_.table);
    if (!table) return;
    [[maybe_unused]] const auto kept = keep({wanted_, *manifest, table->checksum()}, repo::encode_rest(snapshot));
  }

  const SiteRequest& request_;
  FileSystem& files_;
  Executor& pool_;
  engine::Session& session_;
  engine::RunRequest run_;
  const SiteLook* look_;
  Digest wanted_;
  std::optional<store::StatTable> site_table_;  // Where the site is as it was left.
  std::optional<SiteMemory> memory_;            // Of what is in it.
  SiteReport report_;
};

}  // namespace

Result<repo::Snapshot> scan_workspace(const SiteRequest& request, Executor& pool) {
  const auto remembered = store::StatTable::open(request.table);
  return repo::scan(request.root, scan_options(request), pool, remembered ? &*remembered : nullptr);
}

SiteLook look_at(const SiteRequest& request) {
  SiteLook look;
  if (!request.use_cache) return look;
  const Digest wanted = request_digest(request);
  const auto tree = store::StatTable::open(request.table);
  if (!tree || tree->request() != wanted) return look;
  look.table = tree->checksum();
  look.changes = tree->changes(request.root);
  if (!look.changes.none()) return look;
  const auto site = store::StatTable::open(site_table_path(request));
  // Much read again because it was written just before the table: a new table makes the next check cheap.
  look.unchanged = site && site->request() == wanted && look.changes.hashed_bytes < kHashedAgain &&
                   site->check(request.target).unchanged;
  return look;
}

Result<SiteReport> document(const SiteRequest& request, FileSystem& files, Executor& pool, engine::Session& session,
                            engine::RunRequest run, const SiteLook* look) {
  SKEIN_DO(files.make_directories(parent_path(request.lock)));
  auto lock = FileLock::try_acquire(request.lock);
  if (!lock) return pass(std::move(lock).error(), "another skein is writing to " + request.target);
  // Under the lock, so that nobody else is writing.
  return Documentation(request, files, pool, session, std::move(run), look).make();
}

Result<SiteDifference> compare(const SiteRequest& request, FileSystem& files, Executor& pool, EventLoop& loop,
                               const engine::RunOptions& options, std::stop_token stop) {
  const auto layouter = Graphviz::find(files, request.graphviz);
  SiteRequest asked = request;
  asked.history_log.clear();  // Nothing is written.
  SKEIN_TRY(auto snapshot, scan_workspace(asked, pool));
  const auto site = Site::make(asked, files, std::move(snapshot), layouter.get());
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
