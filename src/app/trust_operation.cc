// `skein trust`.
#include "app/operations.h"
#include "app/trust.h"

namespace skein::app {
namespace {

using engine::Context;

struct TrustInput {
  bool yes = false;
  bool revoke = false;
  bool list = false;

  template <class V>
  static void describe(V& v) {
    v.field("yes", &TrustInput::yes, "Trust without being asked.", {.short_name = 'y'});
    v.field("revoke", &TrustInput::revoke, "Take the trust back.");
    v.field("list", &TrustInput::list, "List all workspaces that you trust.");
  }
};

struct TrustedWorkspace {
  std::string workspace;
  std::string when;

  template <class V>
  static void describe(V& v) {
    v.field("workspace", &TrustedWorkspace::workspace, "The folder.");
    v.field("when", &TrustedWorkspace::when, "When you said so, UTC.");
  }
};

struct TrustOutput {
  TrustState state = TrustState::nothing_to_trust;
  std::string workspace;
  std::vector<std::string> items;
  std::vector<TrustedWorkspace> trusted;
  bool revoked = false;
  bool listed = false;

  template <class V>
  static void describe(V& v) {
    v.field("state", &TrustOutput::state, "What holds for this workspace now.");
    v.field("workspace", &TrustOutput::workspace, "The folder.");
    v.field("items", &TrustOutput::items, "What it brings that needs trust.");
    v.field("trusted", &TrustOutput::trusted, "With --list: all workspaces that you trust.");
    v.field("revoked", &TrustOutput::revoked, "True if trust was taken back.");
    v.field("listed", &TrustOutput::listed, "True for --list.");
  }
  [[nodiscard]] bool succeeded() const {
    return listed || revoked || state == TrustState::trusted || state == TrustState::nothing_to_trust;
  }
};

std::string render(const TrustOutput& output, const engine::Style&) {
  std::string text;
  if (output.listed) {
    if (output.trusted.empty()) return "You trust no workspace.\n";
    for (const TrustedWorkspace& row : output.trusted) text += fmt::format("{}  {}\n", row.when, row.workspace);
    return text;
  }
  if (output.revoked) return fmt::format("{} is no longer trusted.\n", output.workspace);
  if (output.state == TrustState::nothing_to_trust)
    return fmt::format("{} brings nothing that needs trust.\n", output.workspace);
  for (const std::string& item : output.items) text += fmt::format("  {}\n", item);
  if (output.state == TrustState::trusted) return fmt::format("Trusted, until it changes:\n{}", text);
  return fmt::format("{}\n{}Read them, then run `skein trust --yes`.\n",
                     output.state == TrustState::changed ? "Changed since you trusted it, and not used now:"
                                                         : "Not trusted, and not used:",
                     text);
}

Result<TrustOutput> trust(const Services& services, const Context& context, const TrustInput& input) {
  if (static_cast<int>(input.yes) + static_cast<int>(input.revoke) + static_cast<int>(input.list) > 1)
    return fail(Code::invalid_argument, "--yes, --revoke and --list exclude each other");
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  TrustStore store(services.files, folders.state);
  TrustOutput output;
  output.workspace = context.workspace;
  if (input.list) {
    output.listed = true;
    SKEIN_TRY(const auto records, store.list());
    for (const TrustRecord& record : records) output.trusted.push_back({record.workspace, record.when});
  }
  SKEIN_TRY(const auto items, collect_trust_items(services.files, context.workspace, settings_of(context).guarded()));
  for (const TrustItem& item : items) output.items.push_back(item.what);
  output.state = store.state(context.workspace, items);
  if (input.list) return output;
  if (input.revoke) {
    SKEIN_DO(store.revoke(context.workspace));
    output.revoked = true;
    output.state = store.state(context.workspace, items);
    return output;
  }
  if (output.state == TrustState::trusted || output.state == TrustState::nothing_to_trust) return output;
  bool grant = input.yes;
  if (!grant && context.confirm) {
    std::string question = "This workspace brings:\n";
    for (const TrustItem& item : items) question += fmt::format("  {}\n", item.what);
    grant = context.confirm(question + "They can run commands, hide failures or open the network. Trust them?");
  }
  if (grant) {
    SKEIN_DO(store.grant(context.workspace, items, services.clock));
    output.state = TrustState::trusted;
  }
  return output;
}

}  // namespace

void register_trust(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<TrustInput, TrustOutput>(
      {.name = "trust",
       .summary = "Allow what this repository brings to be used",
       .description =
           "What a repository brings in skein.toml or .skein/ and could run a command, hide a failure or open "
           "the network is used only after you trust it. Shows what that is and asks. Your answer is kept "
           "in your own state folder, never in the repository, and holds for exactly what you saw: when it "
           "changes you are asked again.\n\nExit code 1 says that something is there and not trusted.",
       .examples = {{"skein trust", "show and ask"},
                    {"skein trust --yes", "trust without being asked"},
                    {"skein trust --revoke", "take it back"},
                    {"skein trust --list", "all that you trust"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state},
       .surfaces = {engine::Surface::cli}},
      [&services](const Context& context, const TrustInput& input) { return trust(services, context, input); },
      render));
}

}  // namespace skein::app
