#include "repo/commit_files.h"

#include <memory>

#include <sys/stat.h>
#include <unistd.h>

#include "repo/revision.h"

namespace skein::repo {
namespace {

constexpr int kDeepest = 256;

/// Names that lead out of their folder, or into git's own.
bool is_safe(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos && name != ".git" && name != ".skein";
}

class CommitReader {
 public:
  CommitReader(FileSystem& files, const GitObjects& objects, const GitInfo& info)
      : files_(files), objects_(objects), git_(objects.library()), info_(info) {}

  Result<CommitFiles> write(std::string_view revision, const std::string& folder) {
    SKEIN_TRY(const git_oid commit, find_commit(files_, info_, objects_, revision));
    const auto found = objects_.commit(commit);
    if (!found) return fail(Code::not_found, "the commit of '{}' cannot be read", revision);
    report_.commit = text_of(git_, commit);
    git_oid tree = *git_.commit_tree_id(found.get());
    // Only what lies below the asked root.
    for (std::string_view rest = info_.prefix; !rest.empty();) {
      const auto slash = rest.find('/');
      SKEIN_TRY(tree, child(tree, std::string(rest.substr(0, slash))));
      rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    }
    SKEIN_DO(write_tree(tree, folder, 0));
    return report_;
  }

 private:
  Result<git_oid> child(const git_oid& id, const std::string& name) {
    git_tree* tree = nullptr;
    if (git_.tree_lookup(&tree, objects_.repository(), &id) != 0) return fail(Code::not_found, "a tree cannot be read");
    const std::unique_ptr<git_tree, decltype(git_.tree_free)> held(tree, git_.tree_free);
    const git_tree_entry* entry = git_.tree_entry_byname(tree, name.c_str());
    if (entry == nullptr) return fail(Code::not_found, "that commit has no folder '{}'", name);
    return *git_.tree_entry_id(entry);
  }

  Status write_tree(const git_oid& id, const std::string& folder, int depth) {
    if (depth > kDeepest) return fail(Code::invalid_argument, "folders are nested over {} levels", kDeepest);
    git_tree* tree = nullptr;
    if (git_.tree_lookup(&tree, objects_.repository(), &id) != 0)
      return fail(Code::not_found, "a tree of the commit is not there: is this a partial clone?");
    const std::unique_ptr<git_tree, decltype(git_.tree_free)> held(tree, git_.tree_free);
    SKEIN_DO(files_.make_directories(folder));
    for (std::size_t i = 0, count = git_.tree_entrycount(tree); i < count; ++i) {
      const git_tree_entry* entry = git_.tree_entry_byindex(tree, i);
      const std::string name = git_.tree_entry_name(entry);
      const auto mode = git_.tree_entry_filemode(entry);
      if (!is_safe(name) || mode == GIT_FILEMODE_COMMIT) {
        ++report_.left_out;
        continue;
      }
      const std::string path = join_path(folder, name);
      if (mode == GIT_FILEMODE_TREE) {
        SKEIN_DO(write_tree(*git_.tree_entry_id(entry), path, depth + 1));
        continue;
      }
      git_blob* blob = nullptr;
      if (git_.blob_lookup(&blob, objects_.repository(), git_.tree_entry_id(entry)) != 0)
        return fail(Code::not_found, "{} of the commit is not there: is this a partial clone?", name);
      const std::unique_ptr<git_blob, decltype(git_.blob_free)> content(blob, git_.blob_free);
      const std::string_view bytes(static_cast<const char*>(git_.blob_rawcontent(blob)),
                                   static_cast<std::size_t>(git_.blob_rawsize(blob)));
      if (mode == GIT_FILEMODE_LINK) {
        if (::symlink(std::string(bytes).c_str(), path.c_str()) != 0) ++report_.left_out;
        continue;
      }
      SKEIN_TRY(auto file, files_.open(path, OpenMode::create));
      SKEIN_DO(file->append(bytes));
      if (mode == GIT_FILEMODE_BLOB_EXECUTABLE) ::chmod(path.c_str(), 0755);
      ++report_.files;
      report_.bytes += bytes.size();
    }
    return {};
  }

  FileSystem& files_;
  const GitObjects& objects_;
  const GitLibrary& git_;
  const GitInfo& info_;
  CommitFiles report_;
};

}  // namespace

Result<CommitFiles> write_commit(FileSystem& files, const GitInfo& git, std::string_view revision,
                                 const std::string& folder) {
  SKEIN_TRY(const auto objects, GitObjects::open(git));
  return CommitReader(files, objects, git).write(revision, folder);
}

}  // namespace skein::repo
