// The journal: the durable record of one run's transitions. One append-only, checksummed file per run; any prefix of it
// is valid. Results live in the store, so a journal can be dropped by age.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/file_lock.h"
#include "engine/key.h"
#include "engine/usage.h"
#include "store/record_log.h"

namespace skein::engine {

/// The first record of every journal.
struct JournalStart {
  std::string run;
  std::string operation;  ///< Name in the operations table: "docs".
  std::string request;    ///< Its input as JSON, for `runs resume`.
  std::string version;    ///< skein's.
  WallTime at{};
};

enum class StepState : std::uint8_t { executed, hit, failed, skipped, cancelled };
[[nodiscard]] std::string_view to_string(StepState state);

/// A step ended.
struct JournalStep {
  std::string name;
  std::string agent;  ///< "repo.facts@1.0".
  StepState state{};
  Digest key;  ///< Complete where the step succeeded, else of the declared stage.
  std::vector<Digest> outputs;
  Usage usage;
};

/// Why a step failed: enough to understand it without the run.
struct JournalFailure {
  std::string name;
  std::string agent;
  std::string code;
  std::string message;
  int attempts = 1;
  std::vector<KeyPart> parts;
  std::vector<Digest> inputs;
  std::string last_output;           ///< The end of what it printed, 4 KiB at most; the rest is in the store.
  std::vector<std::string> not_run;  ///< Steps that stand on it.
};

/// From here on the run's changes to `target` are decided: whoever opens this journal after a crash installs them.
struct JournalCommit {
  std::string target;  ///< Absolute path of the folder.
  std::string stage;   ///< "overview", "pages".
  Digest changes;      ///< Blob: engine/change_list.h.
};
/// The commit with this number (0: the first of the journal) is fully installed.
struct JournalInstalled {
  std::uint32_t commit = 0;
};

/// What a step printed is kept whole under this name (engine/output_sink.h).
struct JournalOutput {
  std::string step;
  std::string name;
};

struct JournalEnd {
  std::string status;  ///< "ok", "failed", "cancelled".
  std::uint64_t executed = 0, hits = 0, failed = 0, skipped = 0;
  Usage usage;  ///< Sum over steps; wall is the run's own.
  Micros first_result{};
  double parallel_efficiency = 0;  ///< Time spent in computing steps / (wall time * CPU tokens).
  WallTime at{};
};

using JournalRecord =
    std::variant<JournalStart, JournalStep, JournalFailure, JournalCommit, JournalInstalled, JournalEnd, JournalOutput>;

[[nodiscard]] std::string encode(const JournalRecord& record);
/// The record log's type number of a record.
[[nodiscard]] std::uint32_t type_of(const JournalRecord& record);
/// Errors: `data_corrupt`. An unknown type (of a newer skein) gives nothing.
[[nodiscard]] Result<std::optional<JournalRecord>> decode_record(std::uint32_t type, std::string_view payload);

/// Reads a journal's valid prefix in order until `visit` returns false.
Status read_journal(FileSystem& files, const std::string& path, const std::function<bool(const JournalRecord&)>& visit);

/// How a journal begins and ends.
struct JournalEnds {
  JournalStart start;
  std::optional<JournalEnd> end;  ///< None: the run goes on, was killed, or the journal is damaged behind its start.
};
/// Reads only the two, so that hundreds of journals are listed at once. Errors: as `read_journal`; `not_found` for
/// a run that was killed before its start was durable; `data_corrupt` where the first record is damaged.
[[nodiscard]] Result<JournalEnds> read_journal_ends(FileSystem& files, const std::string& path);

/// A run's name: the UTC time of its start to the second and four random letters, "20261121-010203-kfqz". Sorted names
/// are sorted times.
[[nodiscard]] std::string make_run_id(WallTime at, std::uint64_t random);
[[nodiscard]] bool is_run_id(std::string_view text);

/// Folder and file names of journals.
[[nodiscard]] std::string journal_path(const std::string& state_folder, const std::string& run);
/// Names of all runs that have a journal, oldest first.
[[nodiscard]] Result<std::vector<std::string>> list_runs(FileSystem& files, const std::string& state_folder);

}  // namespace skein::engine
