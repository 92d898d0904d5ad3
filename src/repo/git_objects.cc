#include "repo/git_objects.h"

#include "base/file_system.h"

namespace skein::repo {

GitObjects::GitObjects(const GitLibrary& library)
    : library_(&library), odb_(nullptr, library.odb_free), repository_(nullptr, library.repository_free) {}

Result<GitObjects> GitObjects::open(const GitInfo& git) {
  const GitLibrary* library = GitLibrary::get();
  if (library == nullptr) return fail(Code::unavailable, "libgit2 is not installed: commits cannot be read");
  if (!git.present) return fail(Code::not_found, "this is no git repository: it has no commits");
  GitObjects objects(*library);
  git_odb* odb = nullptr;
  git_repository* repository = nullptr;
  const bool opened = library->odb_open(&odb, join_path(git.common_directory, "objects").c_str()) == 0;
  objects.odb_.reset(odb);
  const bool wrapped = opened && library->repository_wrap_odb(&repository, odb) == 0;
  objects.repository_.reset(repository);
  if (!wrapped) return fail(Code::unavailable, "git's objects in {} cannot be read", git.common_directory);
  return objects;
}

std::unique_ptr<git_commit, decltype(GitLibrary::commit_free)> GitObjects::commit(const git_oid& id) const {
  git_commit* found = nullptr;
  if (library_->commit_lookup(&found, repository(), &id) != 0) found = nullptr;
  return {found, library_->commit_free};
}

}  // namespace skein::repo
