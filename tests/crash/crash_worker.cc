// The process that the crash tests kill: runs one plan with a real store and journal in a folder, and says on its
// standard output what is durable.
//
//   crash_worker FOLDER STEPS [die-at N | file-limit BYTES]
//
//   did NAME             a pure step was done, not found in the store
//   ack DIGEST           this blob, and the result that names it, are durable
//   done DIGEST          the plan ended well; digest of all its outputs
//   operations N         how many writes, syncs, renames and removals there were
//   failed MESSAGE       the run ended with an error (exit code 1)
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "base/check.h"
#include "engine/run.h"
#include "engine/step_context.h"
#include "engine/store_results.h"
#include "net/asio_loop.h"

namespace skein {
namespace {

constexpr int kGroup = 20;  // Steps for which one effect answers.

void say(std::string_view what, std::string_view value) {
  const std::string line = fmt::format("{} {}\n", what, value);
  // One write, so that a line is whole or not there.
  if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(4);
}

/// Ends the process during the n-th operation.
class Countdown {
 public:
  explicit Countdown(std::uint64_t die_at) : die_at_(die_at) {}
  /// True if the process must end in this operation.
  bool count() { return ++operations_ == die_at_; }
  [[nodiscard]] std::uint64_t operations() const { return operations_; }

 private:
  std::uint64_t die_at_;
  std::atomic<std::uint64_t> operations_{0};
};

class DyingFile final : public File {
 public:
  DyingFile(std::unique_ptr<File> file, Countdown& countdown) : file_(std::move(file)), countdown_(countdown) {}
  Status append(std::string_view data) override {
    if (countdown_.count()) {
      [[maybe_unused]] const auto part = file_->append(data.substr(0, data.size() / 2));
      ::_exit(137);
    }
    return file_->append(data);
  }
  Result<std::string> read_at(std::uint64_t offset, std::size_t size) const override {
    return file_->read_at(offset, size);
  }
  Status sync() override {
    if (countdown_.count()) ::_exit(137);
    return file_->sync();
  }
  Status truncate(std::uint64_t size) override {
    if (countdown_.count()) ::_exit(137);
    return file_->truncate(size);
  }
  Result<std::uint64_t> size() const override { return file_->size(); }

 private:
  std::unique_ptr<File> file_;
  Countdown& countdown_;
};

class DyingFiles final : public FileSystem {
 public:
  explicit DyingFiles(Countdown& countdown) : countdown_(countdown) {}
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    SKEIN_TRY(auto file, files_->open(path, mode));
    return std::make_unique<DyingFile>(std::move(file), countdown_);
  }
  Status rename(const std::string& from, const std::string& to) override {
    if (countdown_.count()) ::_exit(137);
    return files_->rename(from, to);
  }
  Status remove(const std::string& path) override {
    if (countdown_.count()) ::_exit(137);
    return files_->remove(path);
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override { return files_->list(path); }
  Status set_mode(const std::string& path, unsigned mode) override {
    if (countdown_.count()) ::_exit(137);
    return files_->set_mode(path, mode);
  }
  Status make_link(const std::string& target, const std::string& path) override {
    if (countdown_.count()) ::_exit(137);
    return files_->make_link(target, path);
  }
  Status make_directories(const std::string& path) override { return files_->make_directories(path); }
  Status sync_directory(const std::string& path) override {
    if (countdown_.count()) ::_exit(137);
    return files_->sync_directory(path);
  }
  Status sync_all(const std::string& path) override { return files_->sync_all(path); }

 private:
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
  Countdown& countdown_;
};

/// Does a little work, so that a run lasts long enough to be killed.
class Worker final : public engine::Agent {
 public:
  std::string_view name() const override { return "crash.worker"; }
  std::string_view result_version() const override { return "1.0"; }
  Status run(engine::StepContext& context) const override {
    std::string text = context.step().name;
    for (std::size_t i = 0; i < context.input_count(); ++i) {
      SKEIN_TRY(const auto input, context.input(i));
      text += " " + sha256(input).hex();
    }
    std::string large(50'000, 'x');
    for (int i = 0; i < 4; ++i) large.replace(static_cast<std::size_t>(i) * 64, 64, sha256(large + text).hex());
    say("did", context.step().name);
    return context.output(0, large.substr(0, 1'000) + text);
  }
};

/// An effect: by then all it depends on is durable.
class Acknowledger final : public engine::Agent {
 public:
  std::string_view name() const override { return "crash.acknowledger"; }
  std::string_view result_version() const override { return "1.0"; }
  Status run(engine::StepContext& context) const override {
    for (std::size_t i = 0; i < context.input_count(); ++i) say("ack", context.input_digest(i).hex());
    return context.output(0, "acknowledged");
  }
};

Status build(engine::Plan& plan, int steps, const Worker& worker, const Acknowledger& acknowledger) {
  std::vector<engine::ArtifactId> group;
  for (int i = 0; i < steps; ++i) {
    engine::Step step;
    step.name = fmt::format("step {}", i);
    step.agent = &worker;
    step.parts = {{"name", step.name}};
    if (i >= 10)
      step.inputs = {plan.artifact(fmt::format("out {}", i - 10)), plan.artifact(fmt::format("out {}", i - 7))};
    step.outputs = {plan.artifact(fmt::format("out {}", i))};
    group.push_back(step.outputs[0]);
    SKEIN_DO(plan.add(std::move(step)));
    if (group.size() < kGroup && i + 1 < steps) continue;
    engine::Step effect;
    effect.name = fmt::format("acknowledge {}", i);
    effect.agent = &acknowledger;
    effect.purity = engine::Purity::effectful;
    effect.inputs = std::move(group);
    effect.outputs = {plan.artifact(effect.name)};
    group.clear();
    SKEIN_DO(plan.add(std::move(effect)));
  }
  return {};
}

Result<Digest> run(const std::string& folder, int steps, Countdown& countdown) {
  DyingFiles files(countdown);
  const std::string journals = folder + "/journals";
  SKEIN_DO(files.make_directories(journals));
  SKEIN_TRY(auto store, store::Store::open(files, folder, {}));
  SKEIN_TRY(const auto before, files.list(journals));
  SKEIN_TRY(auto journal, store::RecordLogWriter::open(files, fmt::format("{}/{}.journal", journals, before.size()),
                                                       store::LogKind::journal));
  SKEIN_DO(files.sync_directory(journals));
  const auto loop = net::make_asio_loop();
  ThreadPool pool(2);
  ThreadPool disk(1);
  engine::StoreResults results(*store);
  SystemRandom random;
  engine::History history;
  const Worker worker;
  const Acknowledger acknowledger;
  engine::Plan plan;
  SKEIN_DO(build(plan, steps, worker, acknowledger));
  const engine::RunOptions options{.id = "20260101-000000-kill", .capacity = {.cpu = 2}, .inline_below_us = 0};
  const engine::RunEnvironment environment{.loop = *loop,
                                           .pool = pool,
                                           .disk = disk,
                                           .results = results,
                                           .journal = &journal,
                                           .random = random,
                                           .history = history};
  std::vector<Digest> artifacts;
  SKEIN_TRY(const auto report, engine::execute(plan, environment, options, &artifacts));
  if (!report.failures.empty()) return std::unexpected(report.failures[0].error);
  Hasher hasher;
  for (const auto& artifact : artifacts) {
    SKEIN_TRY(const auto bytes, store->get_blob(artifact));
    hasher.field(bytes);
  }
  return hasher.finish();
}

}  // namespace
}  // namespace skein

int main(int argc, char** argv) {
  using namespace skein;
  if (argc != 3 && argc != 5) return 2;
  const std::string_view fault = argc == 5 ? argv[3] : "";
  const std::uint64_t amount = argc == 5 ? std::strtoull(argv[4], nullptr, 10) : 0;
  if (fault == "file-limit") {
    ::signal(SIGXFSZ, SIG_IGN);  // A write beyond it fails, as on a full disk.
    const rlimit limit{amount, amount};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
  }
  Countdown countdown(fault == "die-at" ? amount : 0);
  const auto digest = run(argv[1], std::atoi(argv[2]), countdown);
  if (!digest) {
    say("failed", digest.error().to_string());
    return 1;
  }
  say("done", digest->hex());
  say("operations", std::to_string(countdown.operations()));
  return 0;
}
