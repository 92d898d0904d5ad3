// Files of the user's that are rewritten as one: a plan of a single effectful step, whose commit a kill leaves undone
// or done, never half.
#pragma once

#include <string>
#include <vector>

#include "base/digest.h"
#include "base/file_system.h"
#include "engine/result_store.h"
#include "engine/step.h"

namespace skein::prose {

/// One file, and what it must still be when it is replaced.
struct Rewrite {
  std::string path;  ///< Below the root.
  Digest before;     ///< Of the bytes that were read; none: there must be no file.
  std::string after;
};

/// "prose.rewrite": installs all of them by one commit. Errors: `unavailable`, naming the file, when its bytes are no
/// longer those of `before`; then nothing is written. Effectful.
class RewriteAgent final : public engine::Agent {
 public:
  RewriteAgent(FileSystem& files, engine::ResultStore& results, std::string root, std::vector<Rewrite> rewrites)
      : files_(files), results_(results), root_(std::move(root)), rewrites_(std::move(rewrites)) {}
  std::string_view name() const override { return "prose.rewrite"; }
  std::string_view result_version() const override { return "1.0"; }
  Status run(engine::StepContext& context) const override;

 private:
  FileSystem& files_;
  engine::ResultStore& results_;
  std::string root_;
  std::vector<Rewrite> rewrites_;
};

}  // namespace skein::prose
