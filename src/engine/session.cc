#include "engine/session.h"

#include <algorithm>

#include "engine/step_context.h"

namespace skein::engine {
namespace {

constexpr int kRunIdTries = 8;

std::string lock_path(const std::string& folder, const std::string& run) {
  return join_path(folder, "journals/" + run + ".lock");
}

/// No later session will do better: blobs were lost with a damaged store, or the target is not to be written to.
/// Whoever publishes to that target next finds it in an unknown state and makes it whole.
bool is_beyond_recovery(Code code) {
  return code == Code::not_found || code == Code::data_corrupt || code == Code::permission_denied;
}

}  // namespace

Session::Session(const SessionEnvironment& environment, std::string folder, std::unique_ptr<store::Store> store)
    : env_(environment), folder_(std::move(folder)), store_(std::move(store)), results_(*store_, environment.is_plain) {
  if (env_.tiers) tiers_ = env_.tiers(results_, folder_);
}

Result<std::unique_ptr<Session>> Session::open(const SessionEnvironment& environment, std::string folder,
                                               std::vector<std::string>* notes) {
  SKEIN_DO(environment.files.make_directories(join_path(folder, "journals")));
  store::StoreOptions options;
  options.shared = environment.shared;
  SKEIN_TRY(auto store, store::Store::open(environment.files, folder, options, notes));
  auto session = std::unique_ptr<Session>(new Session(environment, std::move(folder), std::move(store)));
  SKEIN_DO(session->recover(notes));
  return session;
}

Status Session::recover(std::vector<std::string>* notes) {
  // A run's lock file is there from its start to its clean end: what lies here unlocked was killed.
  SKEIN_TRY(const auto entries, env_.files.list(join_path(folder_, "journals")));
  for (const auto& entry : entries) {
    if (!entry.name.ends_with(".lock")) continue;
    const std::string run = entry.name.substr(0, entry.name.size() - 5);
    if (!is_run_id(run)) continue;
    std::optional<FileLock> lock;
    if (env_.shared) {
      auto held = FileLock::try_acquire(lock_path(folder_, run));
      if (!held) continue;  // Alive, or being recovered by somebody else.
      lock = std::move(*held);
    }
    if (auto status = recover_run(run, notes); !status)
      return pass(std::move(status).error(), "while finishing the killed run " + run);
    if (auto removed = env_.files.remove(lock_path(folder_, run));
        !removed && removed.error().code() != Code::not_found)
      return removed;
  }
  return {};
}

Result<Installed> Session::finish_commit(const JournalCommit& decided) {
  SKEIN_TRY(const auto bytes, store_->get_blob(decided.changes));
  SKEIN_TRY(const auto list, decode_change_list(bytes));
  return install(env_.files, list, [&](const Digest& digest) { return store_->get_blob(digest); });
}

Status Session::recover_run(const std::string& run, std::vector<std::string>* notes) {
  const std::string path = journal_path(folder_, run);
  std::vector<JournalCommit> commits;
  std::size_t installed = 0;
  bool ended = false;
  JournalEnd end;
  const auto read = read_journal(env_.files, path, [&](const JournalRecord& record) {
    if (const auto* decided = std::get_if<JournalCommit>(&record)) commits.push_back(*decided);
    if (const auto* done = std::get_if<JournalInstalled>(&record))
      installed = std::max<std::size_t>(installed, done->commit + 1);
    if (const auto* step = std::get_if<JournalStep>(&record)) {
      ++(step->state == StepState::hit ? end.hits : end.executed);
      end.usage += step->usage;
    }
    if (std::holds_alternative<JournalFailure>(record)) ++end.failed;
    ended = ended || std::holds_alternative<JournalEnd>(record);
    return true;
  });
  if (!read) {
    // No journal, or one that never got its first record: the run had decided nothing.
    if (read.error().code() == Code::not_found || read.error().code() == Code::data_corrupt) return {};
    return read;
  }
  if (ended) return {};
  SKEIN_TRY(auto journal, store::RecordLogWriter::open(env_.files, path, store::LogKind::journal));
  const auto append = [&](const JournalRecord& record) -> Status {
    journal.add(type_of(record), encode(record));
    SKEIN_DO(journal.write());
    return journal.sync();
  };
  for (std::size_t i = installed; i < commits.size(); ++i) {
    const auto done = finish_commit(commits[i]);
    if (!done && is_beyond_recovery(done.error().code())) {
      if (notes != nullptr)
        notes->push_back(fmt::format("what the killed run {} had decided for {} cannot be finished: {}. Do it again.",
                                     run, commits[i].target, done.error().to_string()));
      continue;
    }
    if (!done) return std::unexpected(done.error());
    SKEIN_DO(append(JournalInstalled{static_cast<std::uint32_t>(i)}));
    if (notes != nullptr)
      notes->push_back(fmt::format("finished what the killed run {} had decided: {} files written and {} removed in {}",
                                   run, done->written, done->removed, commits[i].target));
  }
  end.status = "killed";
  end.at = env_.clock.wall();
  return append(end);
}

Result<RunOutcome> Session::run(Plan& plan, RunRequest request, std::vector<Digest>* artifacts) {
  std::optional<FileLock> lock;
  for (int attempt = 0;; ++attempt) {
    request.options.id = make_run_id(env_.clock.wall(), env_.random.next());
    if (!env_.shared) {
      SKEIN_TRY(auto made, env_.files.open(lock_path(folder_, request.options.id), OpenMode::create));
      break;
    }
    auto held = FileLock::try_acquire(lock_path(folder_, request.options.id));
    if (held) {
      lock = std::move(*held);
      break;
    }
    if (held.error().code() != Code::unavailable || attempt >= kRunIdTries) return std::unexpected(held.error());
  }
  const std::string& run = request.options.id;
  SKEIN_TRY(auto journal,
            store::RecordLogWriter::open(env_.files, journal_path(folder_, run), store::LogKind::journal));
  const auto append = [&](const JournalRecord& record) -> Status {
    journal.add(type_of(record), encode(record));
    return journal.write();
  };
  // Synced with the first group: a run of which nothing is durable has decided nothing.
  SKEIN_DO(append(JournalStart{run, request.operation, request.request, request.version, env_.clock.wall()}));
  SKEIN_DO(env_.files.sync_directory(join_path(folder_, "journals")));

  const std::string history_path = join_path(folder_, "history");
  History history = History::load(env_.files, history_path);
  const RunEnvironment environment{.loop = env_.loop,
                                   .pool = env_.pool,
                                   .disk = env_.disk,
                                   .results = results(),
                                   .journal = &journal,
                                   .world = request.world,
                                   .random = env_.random,
                                   .history = history,
                                   .metrics = request.metrics,
                                   .blocking = request.blocking,
                                   .outputs = request.outputs,
                                   .observers = request.observers,
                                   .stop = request.stop};
  auto report = execute(plan, environment, request.options, artifacts);
  JournalEnd end;
  end.at = env_.clock.wall();
  if (report) {
    end.status = to_string(report->status);
    end.executed = report->executed;
    end.hits = report->hits;
    end.failed = report->failed;
    end.skipped = report->skipped;
    end.usage = report->usage;
    end.first_result = report->first_result;
    end.parallel_efficiency = report->parallel_efficiency;
  } else {
    end.status = "failed";
  }
  // A run whose journal cannot be written stays open: the next session finishes it.
  auto closed = append(end);
  if (closed) closed = journal.sync();
  if (closed) {
    if (auto removed = env_.files.remove(lock_path(folder_, run)); !removed) return std::unexpected(removed.error());
  }
  if (!report) return std::unexpected(report.error());
  if (!closed) return pass(std::move(closed).error(), "while closing the journal of run " + run);
  [[maybe_unused]] const auto only_orders_work = history.save(env_.files, history_path);
  return RunOutcome{run, std::move(*report)};
}

Result<Installed> commit(FileSystem& files, ResultStore& results, StepContext& context, const ChangeList& list,
                         std::string_view stage, const Installation& how) {
  if (list.changes.empty() && list.last.path.empty()) return Installed{};
  SKEIN_TRY(const auto digest, results.put_blob(encode(list)));
  const std::uint32_t number = context.commits()++;
  SKEIN_DO(context.record(JournalCommit{list.target, std::string(stage), digest}));
  SKEIN_TRY(const auto installed, install(
                                      files, list, [&](const Digest& blob) { return results.get_blob(blob); },
                                      [&](const FileChange& change) {
                                        context.file_changed(join_path(list.target, change.path), change.removes());
                                      },
                                      how.helpers, how.last));
  SKEIN_DO(how.is_ours ? context.note(JournalInstalled{number}) : context.record(JournalInstalled{number}));
  return installed;
}

}  // namespace skein::engine
