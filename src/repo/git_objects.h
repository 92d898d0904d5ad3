// git's objects, opened for reading: no settings, no attributes, no work tree.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "repo/git.h"
#include "repo/git_library.h"

namespace skein::repo {

class GitObjects {
 public:
  /// Errors: `not_found` where there is no repository; `unavailable` without libgit2 or with objects that it cannot
  /// open.
  [[nodiscard]] static Result<GitObjects> open(const GitInfo& git);

  [[nodiscard]] const GitLibrary& library() const { return *library_; }
  [[nodiscard]] git_repository* repository() const { return repository_.get(); }
  /// Null where it cannot be read.
  [[nodiscard]] std::unique_ptr<git_commit, decltype(GitLibrary::commit_free)> commit(const git_oid& id) const;

 private:
  explicit GitObjects(const GitLibrary& library);

  const GitLibrary* library_;
  std::unique_ptr<git_odb, decltype(GitLibrary::odb_free)> odb_;
  std::unique_ptr<git_repository, decltype(GitLibrary::repository_free)> repository_;
};

}  // namespace skein::repo
