// `skein cache warm`: the results of another state of the workspace, or of this one, made before anybody waits for
// them.
#include <filesystem>
#include <utility>

#include "app/docs_target.h"
#include "app/machinery.h"
#include "app/operations.h"
#include "base/random.h"
#include "cache/audit.h"
#include "repo/commit_files.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct WarmInput {
  std::optional<std::string> revision;
  template <class V>
  static void describe(V& v) {
    v.field(
        "revision", &WarmInput::revision,
        "A commit: HEAD, a branch, a tag or the beginning of an id, with ~N for earlier ones. Without it: the files "
        "as they are now.",
        {.positional = true, .value_name = "REV"});
  }
};

struct WarmOutput {
  std::string source;
  std::int64_t files = 0;
  std::int64_t made = 0;
  std::int64_t known = 0;
  std::int64_t wall_us = 0;
  std::string run;

  template <class V>
  static void describe(V& v) {
    v.field("source", &WarmOutput::source, "The commit, or \"the work tree\".");
    v.field("files", &WarmOutput::files, "Of that state.");
    v.field("made", &WarmOutput::made, "Results that were made.");
    v.field("known", &WarmOutput::known, "Results that were there.");
    v.field("wall_us", &WarmOutput::wall_us, "How long it took, in microseconds.");
    v.field("run", &WarmOutput::run, "The run that did it.");
  }
};

std::string render(const WarmOutput& output, const engine::Style&) {
  return fmt::format("{}: {} files; {} results made, {} were there; {:.2f} s\n", text::printable(output.source),
                     text::format_count(output.files), text::format_count(output.made),
                     text::format_count(output.known), static_cast<double>(output.wall_us) / 1e6);
}

/// A folder that is gone, with all in it, when this is.
class Scratch {
 public:
  static Result<Scratch> make(FileSystem& files, const std::string& state) {
    SystemRandom random;
    std::string path = join_path(state, fmt::format("tmp/warm-{:016x}", random.next()));
    SKEIN_DO(files.make_directories(path));
    return Scratch(std::move(path));
  }
  explicit Scratch(std::string path) : path_(std::move(path)) {}
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<WarmOutput> warm(const Services& services, const Context& context, const WarmInput& input) {
  WarmOutput output;
  output.source = "the work tree";
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const Scratch scratch, Scratch::make(services.files, session->folder()));
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_DO(services.files.make_directories(join_path(session->folder(), "tables")));
  // A site of its own, written beside and thrown away: what remains are the results.
  auto target = docs_target_at(join_path(scratch.path(), "site"), session->folder(), folders.state);
  target.table = join_path(scratch.path(), "table");
  target.lock = join_path(scratch.path(), "lock");
  docs::SiteRequest request = site_request(services, context, session->folder(), target);
  if (input.revision) {
    const repo::GitInfo git = repo::read_git(context.workspace);
    request.root = join_path(scratch.path(), "files");
    SKEIN_TRY(const auto written, repo::write_commit(services.files, git, *input.revision, request.root));
    output.source = "commit " + written.commit;
    request.history_log.clear();
  }
  auto run = machinery.request("cache warm", engine::write_json(input).dump());
  SKEIN_TRY(const auto report, docs::document(request, services.files, machinery.pool(), *session, std::move(run)));
  output.files = static_cast<std::int64_t>(report.files);
  output.made = static_cast<std::int64_t>(report.steps_done);
  output.known = static_cast<std::int64_t>(report.steps_reused);
  output.wall_us = report.wall.count();
  output.run = report.run;
  SKEIN_DO(cache::add_audit(services.files, session->folder(),
                            {services.clock.wall(), cache::current_user(), "warm", output.source, output.made, 0}));
  if (report.status == engine::RunStatus::cancelled) return fail(Code::cancelled, "stopped; what was made is kept");
  if (report.status != engine::RunStatus::ok)
    return fail(Code::unavailable, "not all could be made; `skein runs show {}` tells more", report.run);
  return output;
}

}  // namespace

void register_cache_warm(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<WarmInput, WarmOutput>(
      {.name = "cache warm",
       .summary = "Make results before anybody waits for them",
       .description = "Does what `skein docs` does for REV, or for the files as they are, but for publishing: the next "
                      "`skein docs` finds the results. Of another commit the work tree is not touched; its files are "
                      "read from git's objects. Results that stand on history (owners, hot spots) are not the same "
                      "there.",
       .examples = {{"skein cache warm", "before a demonstration"}, {"skein cache warm main~1", "another commit"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state},
       .records_runs = true},
      [&services](const Context& context, const WarmInput& input) { return warm(services, context, input); }, render));
}

}  // namespace skein::app
