// What a step's body sees while it runs: its inputs, the outside (recorded), and where its outputs go.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal.h"
#include "engine/person_need.h"
#include "engine/plan.h"
#include "engine/result_store.h"
#include "engine/world.h"

namespace skein::engine {

/// Belongs to one attempt of one step and is used by one thread at a time.
class StepContext {
 public:
  StepContext(const Step& step, std::vector<Digest> inputs, ResultStore& results, const World* world,
              std::stop_token stop);

  [[nodiscard]] const Step& step() const { return step_; }
  /// The value of a declared part; empty where there is none.
  [[nodiscard]] std::string_view part(std::string_view name) const;
  [[nodiscard]] std::size_t input_count() const { return inputs_.size(); }
  [[nodiscard]] const Digest& input_digest(std::size_t i) const { return inputs_[i]; }
  /// The bytes of an input. When they are lost, the run makes them again and calls the step anew: return the error.
  [[nodiscard]] Result<std::string> input(std::size_t i);

  /// Reads of the outside, recorded for the key. Errors: as `World`; `not_found` is recorded too.
  [[nodiscard]] Result<std::string> read_file(const std::string& path);
  /// The digest of a folder's names, recorded.
  [[nodiscard]] Digest read_listing(const std::string& path);

  /// Gives output `i`; every output must be given once.
  Status output(std::size_t i, std::string_view bytes);
  /// Keeps bytes that an output names by their digest, for steps that learn how many things they make only while they
  /// make them: they stay, travel and go with the step's result. Whoever takes the output reads them from the store.
  [[nodiscard]] Result<Digest> attach(std::string_view bytes);
  /// Tells that bytes which were attached to what input `i` names are lost: as with a lost input, return the error.
  void attachment_lost(std::size_t i) { lost_input_ = i; }
  /// Adds to what the step printed.
  void print(std::string_view text) { log_ += text; }
  /// How the program ended in which the step did its work; of several the last counts.
  void program_ended(int exit_code, bool timed_out) {
    exit_code_ = exit_code;
    timed_out_ = timed_out;
  }
  /// True when the step should end soon: its time is over, or the run is.
  [[nodiscard]] std::stop_token stop() const { return stop_; }
  /// Waits for a person: tells of it once, and calls `body`, which returns when there is an answer or a stop. Until
  /// then the step holds no slot, and the time is none of its own. For blocking steps.
  void while_waiting(const PersonNeed& need, const std::function<void()>& body);
  /// What the body knows of its own usage (tokens, money, a child's memory); added to what is measured.
  [[nodiscard]] Usage& usage() { return usage_; }

  /// Tells that a file of the user was changed; listeners get it as `FileChanged` when the step is done.
  void file_changed(std::string path, bool removed) { changes_.push_back({std::move(path), removed}); }
  /// Adds to the run's journal before the step goes on. Returns when it is durable, with all before it. Only for
  /// effectful steps, which run one at a time.
  Status record(JournalRecord record);
  /// The same without waiting: it is durable when what follows it is.
  Status note(JournalRecord record);

  // For the engine.
  struct Change {
    std::string path;
    bool removed = false;
  };
  /// `waits`: until it is durable.
  using Recorder = std::function<Status(JournalRecord, bool waits)>;
  /// Told when a wait begins, and, with null, when it ends.
  using Parking = std::function<void(const PersonNeed*)>;
  void set_parking(Parking parking) { parking_ = std::move(parking); }
  [[nodiscard]] Micros waited() const { return waited_; }
  /// How many commits the run's journal holds: the number of the next one. Shared by the steps of a run.
  [[nodiscard]] std::uint32_t& commits() { return *commits_; }
  void set_commits(std::uint32_t* commits) { commits_ = commits; }
  void set_recorder(Recorder recorder) { recorder_ = std::move(recorder); }
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
  [[nodiscard]] const std::vector<Digest>& outputs() const { return outputs_; }
  [[nodiscard]] const std::vector<Digest>& attachments() const { return attachments_; }
  [[nodiscard]] const std::vector<Digest>& inputs() const { return inputs_; }
  [[nodiscard]] std::vector<Read>& reads() { return reads_; }
  [[nodiscard]] const std::string& log() const { return log_; }
  [[nodiscard]] int exit_code() const { return exit_code_; }
  [[nodiscard]] bool timed_out() const { return timed_out_; }
  /// The input whose bytes were lost, if one was.
  [[nodiscard]] std::optional<std::size_t> lost_input() const { return lost_input_; }

 private:
  const Step& step_;
  std::vector<Digest> inputs_;
  ResultStore& results_;
  const World* world_;
  std::stop_token stop_;
  std::vector<Digest> outputs_;  // None until given.
  std::vector<Digest> attachments_;
  std::vector<Read> reads_;
  std::string log_;
  int exit_code_ = 0;
  bool timed_out_ = false;
  Usage usage_;
  std::optional<std::size_t> lost_input_;
  std::vector<Change> changes_;
  Recorder recorder_;
  Parking parking_;
  Micros waited_{};
  std::uint32_t own_commits_ = 0;
  std::uint32_t* commits_ = &own_commits_;
};

}  // namespace skein::engine
