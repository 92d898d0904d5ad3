#include "prose/past.h"

#include <algorithm>
#include <optional>

#include <dlfcn.h>
#include <git2.h>

#include "prose/code_words.h"
#include "repo/git_library.h"

namespace skein::prose {
namespace {

/// Functions beside those that the snapshot needs.
struct Functions {
#define SKEIN_GIT(name) decltype(&::git_##name) name = nullptr
  SKEIN_GIT(repository_open);
  SKEIN_GIT(repository_free);
  SKEIN_GIT(reference_name_to_id);
  SKEIN_GIT(revwalk_new);
  SKEIN_GIT(revwalk_sorting);
  SKEIN_GIT(revwalk_push_head);
  SKEIN_GIT(revwalk_next);
  SKEIN_GIT(revwalk_free);
  SKEIN_GIT(commit_lookup);
  SKEIN_GIT(commit_free);
  SKEIN_GIT(commit_tree);
  SKEIN_GIT(commit_parent);
  SKEIN_GIT(commit_parentcount);
  SKEIN_GIT(tree_free);
  SKEIN_GIT(tree_walk);
  SKEIN_GIT(tree_entry_name);
  SKEIN_GIT(tree_entry_id);
  SKEIN_GIT(tree_entry_type);
  SKEIN_GIT(diff_tree_to_tree);
  SKEIN_GIT(diff_find_similar);
  SKEIN_GIT(diff_num_deltas);
  SKEIN_GIT(diff_get_delta);
  SKEIN_GIT(diff_free);
  SKEIN_GIT(blob_lookup);
  SKEIN_GIT(blob_rawcontent);
  SKEIN_GIT(blob_rawsize);
  SKEIN_GIT(blob_free);
  SKEIN_GIT(oid_tostr);
#undef SKEIN_GIT

  static const Functions* get() {
    static Functions functions;
    static const bool kLoaded = load(functions);
    return kLoaded ? &functions : nullptr;
  }

 private:
  static bool load(Functions& f) {
    if (repo::GitLibrary::get() == nullptr) return false;  // It also starts the library.
    void* library = ::dlopen("libgit2.so.1.5", RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return false;
    const auto take = [&](const char* name, auto& function) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
      return function != nullptr;
    };
#define SKEIN_GIT(name) take("git_" #name, f.name)
    return SKEIN_GIT(repository_open) && SKEIN_GIT(repository_free) && SKEIN_GIT(reference_name_to_id) &&
           SKEIN_GIT(revwalk_new) && SKEIN_GIT(revwalk_sorting) && SKEIN_GIT(revwalk_push_head) &&
           SKEIN_GIT(revwalk_next) && SKEIN_GIT(revwalk_free) && SKEIN_GIT(commit_lookup) && SKEIN_GIT(commit_free) &&
           SKEIN_GIT(commit_tree) && SKEIN_GIT(commit_parent) && SKEIN_GIT(commit_parentcount) &&
           SKEIN_GIT(tree_free) && SKEIN_GIT(tree_walk) && SKEIN_GIT(tree_entry_name) && SKEIN_GIT(tree_entry_id) &&
           SKEIN_GIT(tree_entry_type) && SKEIN_GIT(diff_tree_to_tree) && SKEIN_GIT(diff_find_similar) &&
           SKEIN_GIT(diff_num_deltas) && SKEIN_GIT(diff_get_delta) && SKEIN_GIT(diff_free) && SKEIN_GIT(blob_lookup) &&
           SKEIN_GIT(blob_rawcontent) && SKEIN_GIT(blob_rawsize) && SKEIN_GIT(blob_free) && SKEIN_GIT(oid_tostr);
#undef SKEIN_GIT
  }
};

class GitPast final : public Past {
 public:
  GitPast(const Functions& git, git_repository* repository, const repo::Snapshot& snapshot, PastLimits limits)
      : git_(git), repository_(repository), snapshot_(snapshot), limits_(limits) {}
  ~GitPast() override { git_.repository_free(repository_); }

  const Gone* file(std::string_view path) override {
    look_back();
    const auto found = gone_.find(path);
    if (found == gone_.end()) return nullptr;
    fill(found->second);
    return &found->second.gone;
  }

  bool folder(std::string_view path, std::string* now) override {
    look_back();
    const std::string prefix = std::string(path) + "/";
    auto at = gone_.lower_bound(prefix);
    if (at == gone_.end() || !at->first.starts_with(prefix)) return false;
    std::optional<std::string> went;
    bool together = true;
    for (; at != gone_.end() && at->first.starts_with(prefix) && together; ++at) {
      std::string place = where(at->first);
      const auto rest = at->first.substr(path.size());
      if (place.empty()) continue;
      together = place.ends_with(rest);
      if (together) place.resize(place.size() - rest.size());
      together = together && (!went || *went == place);
      went = place;
    }
    *now = together && went ? *went : "";
    return true;
  }

  std::vector<std::string> files_ending(std::string_view end) override {
    look_back();
    std::vector<std::string> found;
    for (const auto& [path, row] : gone_)
      if (path == end || (path.ends_with(end) && path[path.size() - end.size() - 1] == '/')) found.push_back(path);
    return found;
  }

  std::map<std::string, std::string> words(const std::set<std::string>& words,
                                           bool (*is_code)(std::string_view)) override {
    look_back();
    WordSet wanted(words);
    std::map<std::string, std::string> found;
    std::size_t budget = limits_.blob_bytes;
    const auto look = [&](const git_oid& oid, const std::string& commit) {
      const auto text = blob(oid);
      if (!text || text->size() > budget) return;
      budget -= text->size();
      wanted.find(*text, [&](std::size_t word) { found.emplace(wanted.word(word), commit); });
    };
    for (const auto& [path, oid] : head_)
      if (is_code(path) && budget > 0) {
        const auto* file = snapshot_.find(path);
        if (file == nullptr || file->size > 0) look(oid, "");
      }
    for (const auto& old : old_)
      if (is_code(old.path) && found.size() < words.size()) look(old.oid, old.commit);
    return found;
  }

 private:
  struct Row {
    Gone gone;
    git_oid oid{};
    bool filled = false;
  };
  struct Old {
    std::string path;
    git_oid oid;
    std::string commit;
  };

  /// Where a file is now, by its renames; empty where it is not.
  std::string where(std::string path) const {
    for (int step = 0; step < 64; ++step) {
      if (snapshot_.find(path) != nullptr) return path;
      const auto at = gone_.find(path);
      if (at == gone_.end() || at->second.gone.now.empty()) return {};
      path = at->second.gone.now;
    }
    return {};
  }

  void fill(Row& row) {
    if (row.filled) return;
    row.filled = true;
    row.gone.now = row.gone.now.empty() ? "" : where(row.gone.now);
    if (const auto bytes = blob(row.oid)) row.gone.digest = sha256(*bytes);
  }

  std::optional<std::string> blob(const git_oid& oid) const {
    git_blob* raw = nullptr;
    if (git_.blob_lookup(&raw, repository_, &oid) != 0) return {};
    const std::unique_ptr<git_blob, decltype(git_.blob_free)> held(raw, git_.blob_free);
    return std::string(static_cast<const char*>(git_.blob_rawcontent(raw)),
                       static_cast<std::size_t>(git_.blob_rawsize(raw)));
  }

  /// The path below the workspace; nothing for one outside of it.
  std::optional<std::string> inside(std::string_view path) const {
    const std::string& prefix = snapshot_.git.prefix;
    if (!path.starts_with(prefix)) return {};
    return std::string(path.substr(prefix.size()));
  }

  void look_back() {
    if (looked_) return;
    looked_ = true;
    git_revwalk* walk = nullptr;
    if (git_.revwalk_new(&walk, repository_) != 0) return;
    const std::unique_ptr<git_revwalk, decltype(git_.revwalk_free)> held(walk, git_.revwalk_free);
    git_.revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
    if (git_.revwalk_push_head(walk) != 0) return;
    git_oid id;
    for (std::size_t n = 0; n < limits_.commits && git_.revwalk_next(&id, walk) == 0; ++n) read_commit(id, n == 0);
  }

  void read_commit(const git_oid& id, bool newest) {
    git_commit* commit = nullptr;
    if (git_.commit_lookup(&commit, repository_, &id) != 0) return;
    const std::unique_ptr<git_commit, decltype(git_.commit_free)> held(commit, git_.commit_free);
    git_tree* tree = nullptr;
    if (git_.commit_tree(&tree, commit) != 0) return;
    const std::unique_ptr<git_tree, decltype(git_.tree_free)> held_tree(tree, git_.tree_free);
    if (newest) read_head(tree);
    // A merge took nothing away that its parents' commits do not tell of.
    if (git_.commit_parentcount(commit) != 1) return;
    git_commit* parent = nullptr;
    if (git_.commit_parent(&parent, commit, 0) != 0) return;
    const std::unique_ptr<git_commit, decltype(git_.commit_free)> held_parent(parent, git_.commit_free);
    git_tree* before = nullptr;
    if (git_.commit_tree(&before, parent) != 0) return;
    const std::unique_ptr<git_tree, decltype(git_.tree_free)> held_before(before, git_.tree_free);
    git_diff* diff = nullptr;
    if (git_.diff_tree_to_tree(&diff, repository_, before, tree, nullptr) != 0) return;
    const std::unique_ptr<git_diff, decltype(git_.diff_free)> held_diff(diff, git_.diff_free);
    std::array<char, 12> hex{};
    git_.oid_tostr(hex.data(), 11, &id);
    bool deleted = false;
    bool added = false;
    for (std::size_t i = 0; i < git_.diff_num_deltas(diff); ++i) {
      const auto status = git_.diff_get_delta(diff, i)->status;
      deleted = deleted || status == GIT_DELTA_DELETED;
      added = added || status == GIT_DELTA_ADDED;
    }
    if (deleted && added) git_.diff_find_similar(diff, nullptr);
    for (std::size_t i = 0; i < git_.diff_num_deltas(diff); ++i) {
      const git_diff_delta& delta = *git_.diff_get_delta(diff, i);
      if (delta.status == GIT_DELTA_ADDED) continue;
      const auto path = inside(delta.old_file.path);
      if (!path) continue;
      if (old_.size() < 100'000) old_.push_back({*path, delta.old_file.id, hex.data()});
      if (delta.status == GIT_DELTA_MODIFIED || snapshot_.find(*path) != nullptr || gone_.contains(*path)) continue;
      Row row;
      row.oid = delta.old_file.id;
      row.gone.commit = hex.data();
      if (delta.status == GIT_DELTA_RENAMED) row.gone.now = inside(delta.new_file.path).value_or("");
      gone_.emplace(*path, std::move(row));
    }
  }

  /// What the newest commit has and the workspace has not.
  void read_head(git_tree* tree) {
    struct Walk {
      GitPast* self;
      const Functions* git;
    } walk{this, &git_};
    git_.tree_walk(
        tree, GIT_TREEWALK_PRE,
        [](const char* root, const git_tree_entry* entry, void* payload) {
          const auto& [self, git] = *static_cast<Walk*>(payload);
          if (git->tree_entry_type(entry) != GIT_OBJECT_BLOB) return 0;
          const auto path = self->inside(std::string(root) + git->tree_entry_name(entry));
          if (!path) return 0;
          const git_oid oid = *git->tree_entry_id(entry);
          self->head_.emplace_back(*path, oid);
          if (self->snapshot_.find(*path) == nullptr) self->gone_.emplace(*path, Row{{}, oid, false});
          return 0;
        },
        &walk);
  }

  const Functions& git_;
  git_repository* repository_;
  const repo::Snapshot& snapshot_;
  PastLimits limits_;
  bool looked_ = false;
  std::map<std::string, Row, std::less<>> gone_;
  std::vector<std::pair<std::string, git_oid>> head_;
  std::vector<Old> old_;  // Bytes that were changed or removed, the newest first.
};

}  // namespace

std::unique_ptr<Past> Past::open(const repo::Snapshot& snapshot, PastLimits limits) {
  const auto& info = snapshot.git;
  if (!info.present || info.commit.empty()) return nullptr;
  const Functions* git = Functions::get();
  if (git == nullptr) return nullptr;
  git_repository* repository = nullptr;
  if (git->repository_open(&repository, info.git_directory.c_str()) != 0) return nullptr;
  return std::make_unique<GitPast>(*git, repository, snapshot, limits);
}

}  // namespace skein::prose
