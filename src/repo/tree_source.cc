#include "repo/tree_source.h"

#include <charconv>
#include <cstring>
#include <memory>

#include "base/file_system.h"
#include "repo/git_objects.h"
#include "store/mapped_file.h"

namespace skein::repo {
namespace {

constexpr std::size_t kIdBytes = 20;
constexpr std::int64_t kNanos = 1'000'000'000;

/// The tree that git remembered for its whole index, as raw bytes; empty where something was added since, or there is
/// no such record. The extension is "TREE", 4 bytes of length, then of the root: "" NUL COUNT " " SUBTREES "\n" ID.
std::string cached_root(std::string_view index) {
  constexpr std::string_view kMark("TREE", 4);
  // Extensions follow the entries: the last mark that is followed by a root is it.
  for (auto at = index.rfind(kMark); at != std::string_view::npos; at = at == 0 ? at : index.rfind(kMark, at - 1)) {
    const auto body = index.substr(std::min(index.size(), at + 8));
    if (!body.empty() && body.front() == '\0') {
      const auto line = body.find('\n');
      int count = 0;
      const auto [end, error] = std::from_chars(body.data() + 1, body.data() + body.size(), count);
      if (line != std::string_view::npos && error == std::errc() && *end == ' ' && count >= 0 &&
          line + 1 + kIdBytes <= body.size())
        return std::string(body.substr(line + 1, kIdBytes));
    }
    if (at == 0) break;
  }
  return {};
}

/// True if HEAD's commit has the tree `id`.
bool has_tree(const GitLibrary& git, const GitInfo& info, const std::string& id) {
  git_oid newest{};
  if (git.oid_fromstr(&newest, info.commit.c_str()) != 0) return false;
  const auto objects = GitObjects::open(info);
  if (!objects) return false;
  const auto commit = objects->commit(newest);
  return commit && std::memcmp(git.commit_tree_id(commit.get())->id, id.data(), kIdBytes) == 0;
}

/// Every entry of the index is a file of the snapshot as git left it, and every file is an entry.
bool files_are_the_index(const GitLibrary& git, const Snapshot& snapshot, const std::string& file) {
  git_index* raw = nullptr;
  if (git.index_open(&raw, file.c_str()) != 0) return false;
  const std::unique_ptr<git_index, decltype(git.index_free)> index(raw, git.index_free);
  if (git.index_read(raw, 1) != 0) return false;
  // Both are sorted by the bytes of their paths.
  std::size_t matched = 0;
  for (std::size_t i = 0, count = git.index_entrycount(raw); i < count; ++i) {
    const git_index_entry* entry = git.index_get_byindex(raw, i);
    std::string_view path = entry->path;
    if (!path.starts_with(snapshot.git.prefix)) continue;
    path.remove_prefix(snapshot.git.prefix.size());
    if (matched == snapshot.files.size() || snapshot.files[matched].path != path) return false;
    const SnapshotFile* found = &snapshot.files[matched];
    ++matched;
    if (found->kind == FileKind::submodule) continue;  // Its own commits are its own affair.
    const bool same_second = found->mtime_ns / kNanos == entry->mtime.seconds;
    const bool same_nanos = entry->mtime.nanoseconds == 0 || found->mtime_ns % kNanos == entry->mtime.nanoseconds;
    if (entry->file_size != static_cast<std::uint32_t>(found->size) || !same_second || !same_nanos ||
        found->executable != (entry->mode == GIT_FILEMODE_BLOB_EXECUTABLE))
      return false;
  }
  return matched == snapshot.files.size();
}

bool is_commit(const Snapshot& snapshot) {
  const GitInfo& info = snapshot.git;
  const GitLibrary* git = GitLibrary::get();
  if (git == nullptr || !info.index_read || info.commit.size() != 2 * kIdBytes || !snapshot.left_out.empty())
    return false;
  const std::string file = join_path(info.git_directory, "index");
  const auto index = store::MappedFile::open(file);
  if (!index) return false;
  const std::string root = cached_root((*index)->bytes());
  return !root.empty() && has_tree(*git, info, root) && files_are_the_index(*git, snapshot, file);
}

}  // namespace

std::string tree_source(const Snapshot& snapshot) {
  return is_commit(snapshot) ? "commit " + snapshot.git.commit : "tree " + snapshot.digest().hex();
}

}  // namespace skein::repo
