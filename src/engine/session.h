// A workspace's state while skein works on it: its store, its history, and runs that are recorded in journals. Opening
// it finishes what a killed run had decided and not completed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/change_list.h"
#include "engine/run.h"
#include "engine/store_results.h"
#include "store/store.h"

namespace skein::engine {

/// What a session uses of the machine. All of it outlives the session.
struct SessionEnvironment {
  FileSystem& files;
  const Clock& clock;
  Random& random;
  EventLoop& loop;
  Executor& pool;
  Executor& disk;      ///< Width 1.
  bool shared = true;  ///< False only under simulation: no locks, no SQLite.
  /// Puts tiers around the results on disk; empty: there are none.
  std::function<std::unique_ptr<ResultStore>(ResultStore& disk, const std::string& folder)> tiers{};
  /// Agents whose outputs are kept as they are, not compressed; empty: none.
  std::function<bool(std::string_view agent)> is_plain{};
};

/// What is to be run, and for whom.
struct RunRequest {
  std::string operation;  ///< Its name in the operations table.
  std::string request;    ///< Its input as JSON: `runs resume` runs it again.
  std::string version;    ///< skein's.
  RunOptions options;     ///< `id` is made here.
  const World* world = nullptr;
  MetricsSink* metrics = nullptr;
  OutputSink* outputs = nullptr;  ///< Gets the whole of what steps print.
  Executor* blocking = nullptr;   ///< As in RunEnvironment.
  std::vector<Observer*> observers{};
  std::stop_token stop{};
};

/// A finished run and its name.
struct RunOutcome {
  std::string id;
  RunReport report;
};

/// Single-threaded, but for what it hands to its executors.
class Session {
 public:
  /// Opens the state in `folder`. `notes` gets a line for whatever was recovered. Errors: of the store; and
  /// `unavailable` when another process just recovers.
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(const SessionEnvironment& environment, std::string folder,
                                                             std::vector<std::string>* notes);

  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] ResultStore& results() { return tiers_ != nullptr ? *tiers_ : results_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

  /// Runs `plan` and records it. Errors: as `execute`.
  [[nodiscard]] Result<RunOutcome> run(Plan& plan, RunRequest request, std::vector<Digest>* artifacts = nullptr);

 private:
  Session(const SessionEnvironment& environment, std::string folder, std::unique_ptr<store::Store> store);
  Status recover(std::vector<std::string>* notes);
  Result<Installed> finish_commit(const JournalCommit& decided);
  Status recover_run(const std::string& run, std::vector<std::string>* notes);

  SessionEnvironment env_;
  std::string folder_;
  std::unique_ptr<store::Store> store_;
  StoreResults results_;
  std::unique_ptr<ResultStore> tiers_;  // Around results_.
};

/// How a commit is installed.
struct Installation {
  Executor* helpers = nullptr;        ///< As in `install`,
  const std::string* last = nullptr;  ///< and so is this.
  /// Nobody else writes to the target: the record that all is installed is not waited for, and where a run is killed
  /// before it is durable, all is installed once more.
  bool is_ours = false;
};

/// Does what an effectful step does to publish files: decides (a durable record in the journal), installs, and records
/// that it did. Nothing is written for an empty list.
[[nodiscard]] Result<Installed> commit(FileSystem& files, ResultStore& results, StepContext& context,
                                       const ChangeList& list, std::string_view stage, const Installation& how = {});

}  // namespace skein::engine
