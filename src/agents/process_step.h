// A step that an agent does: its own command, or a model with skein's tools, in a sandbox, and the checks that its
// result must pass.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/gates.h"
#include "agents/manifest.h"
#include "agents/next_try.h"
#include "agents/people.h"
#include "agents/relay.h"
#include "agents/sandbox.h"
#include "engine/step.h"

namespace skein::agents {

/// What a step is done with, beside its manifest and the workspace.
struct ProcessStepOptions {
  std::string sandboxes;                                         ///< Folder for sandboxes.
  std::vector<std::string> secret_places;                        ///< As in SandboxOptions.
  std::vector<std::pair<std::string, std::string>> environment;  ///< The user's.
  bool may_use_network = false;                                  ///< The mode allows what the manifest asks for.
  IsolationPath isolation = IsolationPath::overlay;              ///< As in SandboxOptions.
  Relay* relay = nullptr;                         ///< Null: agents that want one are refused. Outlives the agent.
  std::vector<Provider> providers;                ///< All that a manifest may name.
  std::function<void(std::string_view)> on_said;  ///< Gets what the agent said, as its manifest reads it. May be empty.
  HiddenFiles* hidden = nullptr;                  ///< As in SandboxOptions.
  Executor* executor = nullptr;                   ///< As in SandboxOptions.
  Executor* sweeper = nullptr;                    ///< As in SandboxOptions.
  Digest workspace;          ///< What keys say of the workspace's files; none: the digest of all of them.
  People* people = nullptr;  ///< Who is asked what only a person knows; null: nobody. Outlives the agent.
  bool prove_checks = true;  ///< Look whether the checks can fail. No part of keys.
};

/// What one of several steps has for itself.
struct OwnStepOptions {
  std::vector<std::string> verify{};  ///< Checks beside the manifest's.
  /// Takes over where the same failure comes again. Null: the agent alone. Outlives the agent.
  const AgentManifest* stronger = nullptr;
  std::vector<std::string> earlier{};  ///< Names of the steps whose change sets are its inputs, in their order.
};

/// The providers that a manifest names, in its order. Errors: `not_found`, naming those that there are.
[[nodiscard]] Result<std::vector<Provider>> named_providers(const AgentManifest& manifest,
                                                            const std::vector<Provider>& all);

/// Waits for a program, or for a model. In: the change sets of all steps that it stands on, which it sees as part of
/// the workspace; out: the change set of its own work, and a GateReport as JSON where the step has a second output.
/// Parts: those of `parts`. What the program and the checks print
/// is what the step printed. Errors: `unavailable` for a program that cannot be started or a sandbox that cannot be
/// built, `permission_denied` for what it may not do, `timed_out`, `resource_exhausted` for a limit; `failed_check` for
/// an agent that fails, that neither prints nor changes anything, or whose result does not pass its checks; `conflict`,
/// naming files and steps, where what it stands on cannot be put together.
class ProcessStepAgent final : public engine::Agent {
 public:
  /// `base` and `options` outlive it: a plan has many steps.
  ProcessStepAgent(AgentManifest manifest, const repo::Snapshot& base, const ProcessStepOptions& options,
                   OwnStepOptions own = {});
  ProcessStepAgent(AgentManifest manifest, const repo::Snapshot& base, ProcessStepOptions&& options,
                   OwnStepOptions own = {}) = delete;

  std::string_view name() const override { return name_; }
  std::string_view result_version() const override { return version_; }
  engine::WorkKind kind() const override { return engine::WorkKind::blocking; }
  Status run(engine::StepContext& context) const override;

  /// All that can change its result, beside its name and version.
  [[nodiscard]] std::vector<engine::KeyPart> parts(const std::string& prompt) const;

  /// Lets it mend what does not pass: `given` is the work of all, its own included, `failure` says what fails, and
  /// `checks` must pass, beside its own. Returns what it changed beside what was given. Errors: as `run`.
  [[nodiscard]] Result<ChangeSet> mend(engine::StepContext& context, const std::string& task, ChangeSet given,
                                       const std::string& failure, const std::vector<std::string>& checks) const;

 private:
  /// What a sandbox of it is; with the reach that its stronger agent needs.
  [[nodiscard]] SandboxOptions sandbox_options(ChangeSet given, std::stop_token stop) const;
  Status may_run() const;
  /// One try: its own way to its models, for as long as it takes.
  Status try_once(engine::StepContext& context, Sandbox& sandbox, const std::string& prompt) const;
  using Block = RelayAccess::Block;
  Status set_up(engine::StepContext& context, Sandbox& sandbox) const;
  Status converse(engine::StepContext& context, Sandbox& sandbox, const RelayAccess* access, const std::string& prompt,
                  const std::stop_token& stop, std::optional<Block>& block) const;
  /// A session of an agent's server.
  Status serve(engine::StepContext& context, Sandbox& sandbox, const RelayAccess* access, const std::string& prompt,
               const std::stop_token& stop) const;
  /// `block`: what the program says that a person mends.
  Status attempt(engine::StepContext& context, Sandbox& sandbox, const RelayAccess* access, const std::string& prompt,
                 const std::stop_token& stop, std::optional<Block>& block) const;
  /// An error for an agent that did neither.
  Status says_or_changes(const Sandbox& sandbox, bool spoke) const;
  Status chat_attempt(engine::StepContext& context, Sandbox& sandbox, const RelayAccess& access,
                      const std::string& prompt, const std::stop_token& stop) const;
  /// One try with a way to its models of its own, whose usage it adds. `block`: what ended it that a person mends.
  Status try_by_relay(engine::StepContext& context, Sandbox& sandbox, const std::string& prompt,
                      std::optional<Block>& block) const;
  struct Worked {
    LayerReading reading;
    std::vector<std::string> moving;  // Files that the checks change each time.
    int tries = 1;
  };
  /// Tries until the checks pass. The first prompt is `prompt`, `task` what later ones repeat.
  Result<Worked> work(engine::StepContext& context, Sandbox& sandbox, const std::string& task, std::string prompt,
                      const std::vector<std::string>& checks) const;
  /// Runs the checks on what is there now, again where they edit it. Empty: they passed on what `worked` holds.
  Result<std::string> check(engine::StepContext& context, Sandbox& sandbox, const std::vector<std::string>& checks,
                            Worked& worked) const;
  Status report(engine::StepContext& context, const ChangeSet& given, const Worked& worked) const;
  Result<ChangeSet> changes_before(engine::StepContext& context) const;
  [[nodiscard]] Command command(const Sandbox& sandbox, const RelayAccess* access) const;
  [[nodiscard]] std::vector<std::string> environment(const Sandbox& sandbox, const RelayAccess* access) const;
  /// A word of the manifest with what its places stand for.
  [[nodiscard]] std::string filled(std::string word, const RelayAccess* access) const;

  AgentManifest manifest_;
  const repo::Snapshot& base_;
  const ProcessStepOptions& options_;
  OwnStepOptions own_;
  std::string name_, version_;
  std::unique_ptr<ProcessStepAgent> stronger_;
};

}  // namespace skein::agents
