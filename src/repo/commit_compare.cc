#include "repo/commit_compare.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

namespace skein::repo {
namespace {

constexpr int kMaxDepth = 512;
constexpr int kSimilar = 50;  // Per cent, as git's own.

/// An object of libgit2 that is freed with its holder.
template <class Object>
using Owned = std::unique_ptr<Object, void (*)(Object*)>;

struct Entry {
  std::string_view name;
  const git_oid* id = nullptr;
  bool folder = false;
  bool file = false;  ///< Neither folder nor submodule.
};

/// The order of entries in a tree: folders as if their names ended in "/".
int order(const Entry& a, const Entry& b) {
  const auto common = std::min(a.name.size(), b.name.size());
  if (const int found = std::memcmp(a.name.data(), b.name.data(), common); found != 0) return found;
  const auto next = [common](const Entry& entry) -> int {
    if (entry.name.size() > common) return static_cast<unsigned char>(entry.name[common]);
    return entry.folder ? '/' : 0;
  };
  return next(a) - next(b);
}

class TreeEntries {
 public:
  TreeEntries(const GitLibrary& git, git_repository* repository, const git_oid* id)
      : git_(git), tree_(nullptr, git.tree_free) {
    git_tree* tree = nullptr;
    if (id != nullptr && git.tree_lookup(&tree, repository, id) != 0) {
      readable_ = false;
      return;
    }
    tree_.reset(tree);
    count_ = tree == nullptr ? 0 : git.tree_entrycount(tree);
  }
  [[nodiscard]] bool readable() const { return readable_; }
  [[nodiscard]] bool at_end() const { return next_ >= count_; }
  void step() { ++next_; }
  [[nodiscard]] Entry entry() const {
    const git_tree_entry* raw = git_.tree_entry_byindex(tree_.get(), next_);
    const git_filemode_t mode = git_.tree_entry_filemode(raw);
    return {git_.tree_entry_name(raw), git_.tree_entry_id(raw), mode == GIT_FILEMODE_TREE,
            mode != GIT_FILEMODE_TREE && mode != GIT_FILEMODE_COMMIT};
  }

 private:
  const GitLibrary& git_;
  Owned<git_tree> tree_;
  std::size_t next_ = 0, count_ = 0;
  bool readable_ = true;
};

bool same(const git_oid& a, const git_oid& b) { return std::memcmp(a.id, b.id, sizeof a.id) == 0; }

struct Blob {
  Owned<git_blob> object;
  std::string_view bytes;
  bool binary = false;
};

std::optional<Blob> read_blob(const GitLibrary& git, git_repository* repository, const git_oid& id,
                              std::uint64_t limit) {
  git_blob* raw = nullptr;
  if (git.blob_lookup(&raw, repository, &id) != 0) return std::nullopt;
  Blob blob{Owned<git_blob>(raw, git.blob_free), {}, false};
  const auto size = static_cast<std::uint64_t>(git.blob_rawsize(raw));
  if (size > limit) return std::nullopt;
  blob.bytes = {static_cast<const char*>(git.blob_rawcontent(raw)), static_cast<std::size_t>(size)};
  blob.binary = git.blob_data_is_binary(blob.bytes.data(), blob.bytes.size()) == 1;
  return blob;
}

std::uint32_t lines_in(std::string_view text) {
  const auto ends = std::ranges::count(text, '\n');
  return static_cast<std::uint32_t>(ends) + (!text.empty() && text.back() != '\n' ? 1 : 0);
}

int add_hunk(const git_diff_delta* /*delta*/, const git_diff_hunk* hunk, void* payload) {
  auto& file = *static_cast<ComparedFile*>(payload);
  file.lines_added += static_cast<std::uint32_t>(hunk->new_lines);
  file.lines_removed += static_cast<std::uint32_t>(hunk->old_lines);
  return 0;
}

}  // namespace

Comparison CommitCompare::compare(const git_oid* before, const git_oid* after) {
  Comparison out;
  git_oid before_tree{};
  git_oid after_tree{};
  const bool had = before != nullptr && below_prefix(before, before_tree);
  const bool has = below_prefix(after, after_tree);
  trees(had ? &before_tree : nullptr, has ? &after_tree : nullptr, "", 0, out);
  if (!out.readable) return out;
  out.bulk = out.files.size() > limits_.bulk_files;
  if (out.bulk) {
    out.lines_known = false;
  } else {
    find_renames(out);
    count_lines(out);
  }
  std::ranges::sort(out.files, {}, &ComparedFile::path);
  return out;
}

bool CommitCompare::below_prefix(const git_oid* commit_tree, git_oid& tree) const {
  tree = *commit_tree;
  for (std::string_view rest = prefix_; !rest.empty();) {
    const std::string name(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    git_tree* raw = nullptr;
    if (git_.tree_lookup(&raw, repository_, &tree) != 0) return false;
    const Owned<git_tree> holder(raw, git_.tree_free);
    const git_tree_entry* entry = git_.tree_entry_byname(raw, name.c_str());
    if (entry == nullptr || git_.tree_entry_filemode(entry) != GIT_FILEMODE_TREE) return false;
    tree = *git_.tree_entry_id(entry);
  }
  return true;
}

void CommitCompare::trees(const git_oid* before, const git_oid* after, const std::string& folder, int depth,
                          Comparison& out) {
  if (before != nullptr && after != nullptr && same(*before, *after)) return;
  if (depth > kMaxDepth || out.files.size() >= Comparison::kMaxFiles) {
    out.lines_known = false;
    return;
  }
  TreeEntries old_entries(git_, repository_, before);
  TreeEntries new_entries(git_, repository_, after);
  if (!old_entries.readable() || !new_entries.readable()) {
    out.readable = false;
    return;
  }
  const auto take = [&](const Entry* was, const Entry* is) {
    const Entry& any = was != nullptr ? *was : *is;
    const std::string path = folder + std::string(any.name);
    if (any.folder) {
      trees(was == nullptr ? nullptr : was->id, is == nullptr ? nullptr : is->id, path + "/", depth + 1, out);
    } else if (any.file || (is != nullptr && is->file)) {
      ComparedFile file;
      file.path = path;
      file.added = was == nullptr;
      file.deleted = is == nullptr;
      if (was != nullptr) file.before = *was->id;
      if (is != nullptr) file.after = *is->id;
      out.files.push_back(std::move(file));
    }
  };
  while (out.readable && (!old_entries.at_end() || !new_entries.at_end())) {
    const std::optional<Entry> was = old_entries.at_end() ? std::nullopt : std::optional(old_entries.entry());
    const std::optional<Entry> is = new_entries.at_end() ? std::nullopt : std::optional(new_entries.entry());
    const int which = !was ? 1 : !is ? -1 : order(*was, *is);
    if (which < 0) {
      take(&*was, nullptr);
      old_entries.step();
    } else if (which > 0) {
      take(nullptr, &*is);
      new_entries.step();
    } else {
      // A change of mode alone is no change here; nor is one between a file and a submodule a change of a file.
      if (!same(*was->id, *is->id) && was->file == is->file) take(&*was, &*is);
      old_entries.step();
      new_entries.step();
    }
  }
}

void CommitCompare::find_renames(Comparison& out) {
  // Equal bytes first: no content is read for it. Of several candidates the first by path.
  std::map<std::string, std::vector<std::size_t>> deleted;
  const auto key = [](const git_oid& id) { return std::string(reinterpret_cast<const char*>(id.id), sizeof id.id); };
  for (std::size_t i = out.files.size(); i-- > 0;) {
    if (out.files[i].deleted) deleted[key(out.files[i].before)].push_back(i);
  }
  std::vector<bool> gone(out.files.size());
  for (auto& file : out.files) {
    if (!file.added) continue;
    const auto found = deleted.find(key(file.after));
    if (found == deleted.end() || found->second.empty()) continue;
    const std::size_t source = found->second.back();
    found->second.pop_back();
    gone[source] = true;
    file.from = out.files[source].path;
    file.before = out.files[source].before;
    file.added = false;
  }
  std::size_t next = 0;
  std::erase_if(out.files, [&](const ComparedFile&) { return gone[next++]; });
  find_similar(out);
}

void CommitCompare::find_similar(Comparison& out) {
  std::vector<std::size_t> added;
  std::vector<std::size_t> deleted;
  for (std::size_t i = 0; i < out.files.size(); ++i) {
    if (out.files[i].added) added.push_back(i);
    if (out.files[i].deleted) deleted.push_back(i);
  }
  if (added.empty() || deleted.empty() || added.size() * deleted.size() > limits_.similar_pairs) return;
  struct Content {
    std::unique_ptr<git_hashsig, void (*)(git_hashsig*)> signature;
    std::size_t size;
  };
  const auto read = [&](const git_oid& id) -> std::optional<Content> {
    const auto blob = read_blob(git_, repository_, id, limits_.file_bytes);
    if (!blob || blob->binary || blob->bytes.empty()) return std::nullopt;
    git_hashsig* raw = nullptr;
    if (git_.hashsig_create(&raw, blob->bytes.data(), blob->bytes.size(), GIT_HASHSIG_SMART_WHITESPACE) != 0)
      return std::nullopt;  // Too short to be compared.
    return Content{{raw, git_.hashsig_free}, blob->bytes.size()};
  };
  std::vector<std::optional<Content>> sources;
  for (const auto i : deleted) sources.push_back(read(out.files[i].before));
  std::vector<bool> gone(out.files.size());
  for (const auto i : added) {
    const auto target = read(out.files[i].after);
    if (!target) continue;
    int best = kSimilar - 1;
    std::size_t source = deleted.size();
    for (std::size_t k = 0; k < deleted.size(); ++k) {
      if (!sources[k] || gone[deleted[k]]) continue;
      if (std::max(sources[k]->size, target->size) > 2 * std::min(sources[k]->size, target->size)) continue;
      const int score = git_.hashsig_compare(sources[k]->signature.get(), target->signature.get());
      if (score > best) {
        best = score;
        source = k;
      }
    }
    if (source == deleted.size()) continue;
    gone[deleted[source]] = true;
    auto& file = out.files[i];
    file.from = out.files[deleted[source]].path;
    file.before = out.files[deleted[source]].before;
    file.added = false;
  }
  std::size_t next = 0;
  std::erase_if(out.files, [&](const ComparedFile&) { return gone[next++]; });
}

void CommitCompare::count_lines(Comparison& out) {
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.context_lines = 0;
  options.interhunk_lines = 0;
  for (auto& file : out.files) {
    if (!file.added && !file.deleted && same(file.before, file.after)) continue;
    if (compared_bytes_ > limits_.compared_bytes) {
      out.lines_known = false;
      return;
    }
    std::optional<Blob> before;
    std::optional<Blob> after;
    if (!file.added) before = read_blob(git_, repository_, file.before, limits_.file_bytes);
    if (!file.deleted) after = read_blob(git_, repository_, file.after, limits_.file_bytes);
    if ((!before && !file.added) || (!after && !file.deleted)) {
      out.lines_known = false;
      continue;
    }
    compared_bytes_ += (before ? before->bytes.size() : 0) + (after ? after->bytes.size() : 0);
    if ((before && before->binary) || (after && after->binary)) continue;
    if (!before) {
      file.lines_added = lines_in(after->bytes);
    } else if (!after) {
      file.lines_removed = lines_in(before->bytes);
    } else if (git_.diff_buffers(before->bytes.data(), before->bytes.size(), nullptr, after->bytes.data(),
                                 after->bytes.size(), nullptr, &options, nullptr, nullptr, add_hunk, nullptr,
                                 &file) != 0) {
      out.lines_known = false;
    }
  }
}

}  // namespace skein::repo
