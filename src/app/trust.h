// What a repository brings and could run a command, hide a failure or open the network is used only when its user has
// said so. The answer is kept per user and workspace, never in the repository, and holds for exactly these bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file_system.h"

namespace skein::app {

/// One thing that needs trust.
struct TrustItem {
  std::string what;  ///< ".skein/agents/lint.toml", "mode.default = \"burst\" (skein.toml:4)"
  Digest digest;     ///< Of its name and content.
};

/// Everything in this workspace that needs trust: guarded settings, and files below .skein/agents, formats, prompts and
/// workflows (links are not followed out of them). Sorted. Errors: of reading these files.
[[nodiscard]] Result<std::vector<TrustItem>> collect_trust_items(FileSystem& files, const std::string& workspace,
                                                                 const std::vector<GuardedSetting>& guarded);
/// What the user answers for: changes when any item comes, goes or changes.
[[nodiscard]] Digest digest_of(const std::vector<TrustItem>& items);

enum class TrustState {
  nothing_to_trust,  ///< There are no items.
  trusted,
  changed,  ///< Was trusted with other content.
  untrusted,
};
std::span<const engine::Choice<TrustState>> choices_of(TrustState);

/// One answer of the user.
struct TrustRecord {
  std::string workspace;
  Digest digest;
  std::string when;  ///< "2026-11-21T01:30:00Z"
  std::vector<std::string> items;
};

/// The answers of one user. Not thread-safe; two processes that write replace each other's whole record, never half.
class TrustStore {
 public:
  /// `folder`: the user's state folder of skein; records lie in its `trust`.
  TrustStore(FileSystem& files, const std::string& folder) : files_(files), folder_(join_path(folder, "trust")) {}

  /// A damaged record counts as none.
  [[nodiscard]] TrustState state(const std::string& workspace, const std::vector<TrustItem>& items) const;
  Status grant(const std::string& workspace, const std::vector<TrustItem>& items, const Clock& clock);
  /// Errors: `not_found` where there was no answer.
  Status revoke(const std::string& workspace);
  [[nodiscard]] Result<std::vector<TrustRecord>> list() const;

 private:
  [[nodiscard]] std::string path_of(const std::string& workspace) const;
  [[nodiscard]] Result<TrustRecord> read(const std::string& path) const;

  FileSystem& files_;
  std::string folder_;
};

}  // namespace skein::app
