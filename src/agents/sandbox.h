// A step's private view of the workspace: it looks as the workspace does, and what is written in it lies beside it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/hidden_files.h"
#include "agents/isolation.h"
#include "agents/upper_layer.h"
#include "agents/workspace_copy.h"
#include "base/executor.h"
#include "base/file_lock.h"
#include "base/platform/confinement.h"
#include "base/process.h"
#include "net/http_proxy.h"
#include "repo/snapshot.h"

namespace skein::agents {

struct SandboxOptions {
  std::string folder;             ///< Where sandboxes may lie: a folder of the user's, outside of any workspace.
  std::vector<std::string> hide;  ///< Files that must not be seen, as lines of .gitignore; .skein never is.
  std::vector<std::string> secret_places;  ///< Folders and files elsewhere that must not be read.
  bool network = false;
  IsolationPath isolation = IsolationPath::overlay;  ///< One that this machine has.
  ProcessLimits limits;
  HiddenFiles* hidden = nullptr;  ///< Of the same snapshot: what other sandboxes found is not looked for again.
  ChangeSet given;                ///< What earlier steps changed: laid over the workspace, and seen as part of it.
  net::HttpProxy* reachable = nullptr;  ///< Reached from inside at its port on loopback, as from outside. Outlives it.
  std::stop_token stop;                 ///< Ends the making, with the error `cancelled`: a large copy takes its time.
  Executor* executor = nullptr;         ///< Whose threads help to copy; null: none. Outlives it.
  Executor* sweeper = nullptr;          ///< Removes what it made when it goes; null: it itself. Outlives it.
};

/// Belongs to one thread at a time. What it made is removed when it goes; what a killed process left is removed by the
/// next sandbox in the same folder.
class Sandbox {
 public:
  /// Over the workspace that `base` was taken of. Errors: `unavailable` where this machine lacks what it is made of; of
  /// the file system.
  [[nodiscard]] static Result<std::unique_ptr<Sandbox>> make(const repo::Snapshot& base, const SandboxOptions& options);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// Runs a program in it: its working folder is the workspace where `command` names none. Errors: as
  /// `ProcessRunner::run`.
  [[nodiscard]] Result<ProcessOutcome> run(Command command, std::stop_token stop) {
    return run(std::move(command), std::move(stop), {});
  }
  /// And gives `take_socket` what reaches the program's own network from out here: kSockets TCP sockets that are not
  /// connected, before the program prints anything. None where it shares the machine's network.
  [[nodiscard]] Result<ProcessOutcome> run(Command command, std::stop_token stop,
                                           std::function<void(int descriptor)> take_socket);
  /// True if its programs have a network of their own.
  [[nodiscard]] bool has_own_network() const { return !walls_.network && walls_.kind == WallKind::namespaces; }
  static constexpr int kSockets = 16;
  /// Where programs in it see the workspace: at its own path, but for a copy that nothing puts in its place.
  [[nodiscard]] const std::string& root() const { return root_; }
  /// A folder that programs in it may write to, for what is no part of the workspace: "home" and "tmp" are in it. Not
  /// part of the change set.
  [[nodiscard]] const std::string& scratch() const { return scratch_; }
  /// What was changed so far, beside what was given, but for what git ignores. Errors: as `read_upper_layer`;
  /// `unavailable` naming files of the workspace that somebody else changed since `base` was taken and that were
  /// changed here, too.
  [[nodiscard]] Result<LayerReading> changes() const;
  /// A name that no other sandbox of this user has: for services and containers that are started in it.
  [[nodiscard]] std::string name() const;
  /// The first of `kPorts` ports. Where it shares the machine's network no other such sandbox of this user has them at
  /// the same time; else all ports of its loopback are its own.
  [[nodiscard]] int first_port() const { return first_port_; }
  static constexpr int kPorts = 20;
  /// Files that are hidden, below the workspace.
  [[nodiscard]] const std::vector<std::string>& hidden() const { return hidden_; }

 private:
  Sandbox(const repo::Snapshot& base, std::string folder, FileLock lock, ChangeSet given);
  Status lay_out(const SandboxOptions& options);
  Status lay_over(const std::string& root);
  Status copy(const SandboxOptions& options);
  [[nodiscard]] std::vector<std::string> git_folders() const;
  [[nodiscard]] Status lead_git(const std::string& original, const std::string& copied) const;
  Status take_ports(const std::string& sandboxes);
  Status mask();

  const repo::Snapshot& base_;
  std::string folder_;  // All of it is ours.
  FileLock lock_;
  std::optional<FileLock> ports_lock_;
  int first_port_ = 20'000;
  std::string root_;     // As programs in it see it.
  std::string written_;  // What they write: a layer, or a copy.
  std::string scratch_;
  std::optional<CopyStamps> stamps_;  // Of a copy.
  std::vector<std::string> hidden_;   // Sorted.
  ChangeSet given_;
  SeenFiles below_{base_.root, given_};
  Confinement walls_;
  net::HttpProxy* reachable_ = nullptr;
  Executor *executor_ = nullptr, *sweeper_ = nullptr;
  std::unique_ptr<ProcessRunner> runner_ = make_system_process_runner();
};

}  // namespace skein::agents
