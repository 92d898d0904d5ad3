#include "repo/commit_files.h"

#include <array>
#include <charconv>
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

#include "repo/git_library.h"

namespace skein::repo {
namespace {

constexpr std::size_t kIdDigits = 40;
constexpr int kDeepest = 256;

/// Names that lead out of their folder, or into git's own.
bool is_safe(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos && name != ".git" && name != ".skein";
}

class CommitReader {
 public:
  CommitReader(FileSystem& files, const GitLibrary& git, const GitInfo& info) : files_(files), git_(git), info_(info) {}
  ~CommitReader() {
    if (repository_ != nullptr) git_.repository_free(repository_);
    if (odb_ != nullptr) git_.odb_free(odb_);
  }
  CommitReader(const CommitReader&) = delete;
  CommitReader& operator=(const CommitReader&) = delete;

  Result<CommitFiles> write(std::string_view revision, const std::string& folder) {
    if (git_.odb_open(&odb_, join_path(info_.common_directory, "objects").c_str()) != 0 ||
        git_.repository_wrap_odb(&repository_, odb_) != 0)
      return fail(Code::unavailable, "git's objects in {} cannot be read", info_.common_directory);
    SKEIN_TRY(const git_oid commit, find(revision));
    git_commit* found = nullptr;
    if (git_.commit_lookup(&found, repository_, &commit) != 0)
      return fail(Code::not_found, "the commit of '{}' cannot be read", revision);
    const std::unique_ptr<git_commit, decltype(git_.commit_free)> held(found, git_.commit_free);
    std::array<char, kIdDigits + 1> text{};
    report_.commit = git_.oid_tostr(text.data(), text.size(), &commit);
    git_oid tree = *git_.commit_tree_id(found);
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
  /// Of "main~2": the commit of "main", then its first parents.
  Result<git_oid> find(std::string_view revision) {
    const auto tilde = revision.find('~');
    SKEIN_TRY(git_oid commit, named(revision.substr(0, tilde), revision));
    for (std::string_view rest = tilde == std::string_view::npos ? "" : revision.substr(tilde); !rest.empty();) {
      if (rest.front() != '~') return fail(Code::invalid_argument, "'{}' is no revision that skein reads", revision);
      rest.remove_prefix(1);
      int steps = 1;
      const auto digits = rest.substr(0, rest.find('~'));
      if (!digits.empty()) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), steps);
        if (error != std::errc() || end != digits.data() + digits.size() || steps < 0)
          return fail(Code::invalid_argument, "'{}' is no revision that skein reads", revision);
      }
      rest.remove_prefix(digits.size());
      for (; steps > 0; --steps) {
        git_commit* found = nullptr;
        if (git_.commit_lookup(&found, repository_, &commit) != 0)
          return fail(Code::not_found, "a commit before '{}' cannot be read", revision);
        const std::unique_ptr<git_commit, decltype(git_.commit_free)> held(found, git_.commit_free);
        if (git_.commit_parentcount(found) == 0)
          return fail(Code::not_found, "'{}' goes back behind the first commit", revision);
        commit = *git_.commit_parent_id(found, 0);
      }
    }
    return commit;
  }

  Result<git_oid> named(std::string_view name, std::string_view whole) {
    if (name == "HEAD" && !info_.commit.empty()) name = info_.commit;
    std::string id;
    for (const auto* folder : {"refs/heads/", "refs/tags/", "refs/remotes/", ""})
      if (id.empty()) id = reference(folder + std::string(name));
    if (id.empty()) id = name;
    git_oid oid{};
    git_object* object = nullptr;
    const bool is_id =
        id.size() >= 4 && id.size() <= kIdDigits && id.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (is_id && git_.oid_fromstrn(&oid, id.data(), id.size()) == 0 &&
        git_.object_lookup_prefix(&object, repository_, &oid, id.size(), GIT_OBJECT_ANY) == 0) {
      const std::unique_ptr<git_object, decltype(git_.object_free)> held(object, git_.object_free);
      git_object* commit = nullptr;
      if (git_.object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0) {
        const std::unique_ptr<git_object, decltype(git_.object_free)> peeled(commit, git_.object_free);
        return *git_.object_id(commit);
      }
    }
    return std::unexpected(Error(Code::not_found, fmt::format("there is no commit '{}' here", whole))
                               .or_do("give HEAD, the name of a branch or tag, or four digits of an id or more"));
  }

  /// The id under a reference's name, from its file or the packed ones; empty where there is none.
  std::string reference(const std::string& name) const {
    if (!name.starts_with("refs/") || name.find("..") != std::string::npos) return {};
    if (auto text = read_file(files_, join_path(info_.common_directory, name)))
      return text->size() >= kIdDigits && !text->starts_with("ref:") ? text->substr(0, kIdDigits) : std::string();
    const auto packed = read_file(files_, join_path(info_.common_directory, "packed-refs"));
    if (!packed) return {};
    const auto at = packed->find(" " + name + "\n");
    return at == std::string::npos || at < kIdDigits ? std::string() : packed->substr(at - kIdDigits, kIdDigits);
  }

  Result<git_oid> child(const git_oid& id, const std::string& name) {
    git_tree* tree = nullptr;
    if (git_.tree_lookup(&tree, repository_, &id) != 0) return fail(Code::not_found, "a tree cannot be read");
    const std::unique_ptr<git_tree, decltype(git_.tree_free)> held(tree, git_.tree_free);
    const git_tree_entry* entry = git_.tree_entry_byname(tree, name.c_str());
    if (entry == nullptr) return fail(Code::not_found, "that commit has no folder '{}'", name);
    return *git_.tree_entry_id(entry);
  }

  Status write_tree(const git_oid& id, const std::string& folder, int depth) {
    if (depth > kDeepest) return fail(Code::invalid_argument, "folders are nested over {} levels", kDeepest);
    git_tree* tree = nullptr;
    if (git_.tree_lookup(&tree, repository_, &id) != 0)
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
      if (git_.blob_lookup(&blob, repository_, git_.tree_entry_id(entry)) != 0)
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
  const GitLibrary& git_;
  const GitInfo& info_;
  CommitFiles report_;
  git_odb* odb_ = nullptr;
  git_repository* repository_ = nullptr;
};

}  // namespace

Result<CommitFiles> write_commit(FileSystem& files, const GitInfo& git, std::string_view revision,
                                 const std::string& folder) {
  const GitLibrary* library = GitLibrary::get();
  if (library == nullptr) return fail(Code::unavailable, "libgit2 is not installed: other commits cannot be read");
  if (!git.present) return fail(Code::not_found, "this is no git repository: it has no commit '{}'", revision);
  return CommitReader(files, *library, git).write(revision, folder);
}

}  // namespace skein::repo
