#include "agents/patch.h"

#include <memory>

#include "repo/git_library.h"

namespace skein::agents {
namespace {

Result<const repo::GitLibrary*> library() {
  const repo::GitLibrary* git = repo::GitLibrary::get();
  if (git == nullptr)
    return std::unexpected(Error(Code::unavailable, "libgit2 is not installed").or_do("install libgit2-1.5"));
  return git;
}

using GitPatch = std::unique_ptr<git_patch, void (*)(git_patch*)>;

Result<GitPatch> make_patch(const repo::GitLibrary& git, const Change& change) {
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  git_patch* patch = nullptr;
  const bool was = change.before.kind != EntryKind::none, is = change.after.kind != EntryKind::none;
  if (git.patch_from_buffers(&patch, was ? change.before.bytes.data() : nullptr, change.before.bytes.size(),
                             change.path.c_str(), is ? change.after.bytes.data() : nullptr, change.after.bytes.size(),
                             change.path.c_str(), &options) != 0)
    return fail(Code::internal, "cannot compare {}", change.path);
  return GitPatch(patch, git.patch_free);
}

unsigned git_mode(const Entry& entry) {
  if (entry.kind == EntryKind::link) return 0120000;
  return (entry.mode & 0100) != 0 ? 0100755 : 0100644;
}

/// What git writes of a file whose bytes are the same, and libgit2 of buffers does not.
std::string modes_of(const Change& change) {
  if (change.before.kind == EntryKind::none) return fmt::format("new file mode {:o}\n", git_mode(change.after));
  if (change.after.kind == EntryKind::none) return fmt::format("deleted file mode {:o}\n", git_mode(change.before));
  if (git_mode(change.before) == git_mode(change.after)) return {};
  return fmt::format("old mode {:o}\nnew mode {:o}\n", git_mode(change.before), git_mode(change.after));
}

/// What git makes of two changes: where they are of the same lines both stand there, between marks.
struct MergedText {
  bool is_clean = false;
  std::string text;
};

/// Nothing for binary files.
Result<std::optional<MergedText>> merged_text(const std::string& path, const std::string& base, const std::string& ours,
                                              const std::string& theirs) {
  SKEIN_TRY(const repo::GitLibrary* git, library());
  for (const std::string* one : {&base, &ours, &theirs})
    if (git->blob_data_is_binary(one->data(), one->size()) != 0) return std::optional<MergedText>();
  const auto input = [&path](const std::string& bytes) {
    git_merge_file_input made = GIT_MERGE_FILE_INPUT_INIT;
    made.ptr = bytes.data();
    made.size = bytes.size();
    made.path = path.c_str();
    made.mode = 0100644;
    return made;
  };
  const auto ancestor = input(base), mine = input(ours), yours = input(theirs);
  git_merge_file_result result{};
  if (git->merge_file(&result, &ancestor, &mine, &yours, nullptr) != 0)
    return fail(Code::internal, "cannot merge {}", path);
  MergedText made{result.automergeable != 0, std::string(result.ptr == nullptr ? "" : result.ptr, result.len)};
  git->merge_file_result_free(&result);
  return made;
}

}  // namespace

Result<Patch> patch_of(const Change& change) {
  SKEIN_TRY(const repo::GitLibrary* git, library());
  SKEIN_TRY(const GitPatch patch, make_patch(*git, change));
  std::size_t context = 0, added = 0, removed = 0;
  git_buf text{};
  if (git->patch_line_stats(&context, &added, &removed, patch.get()) != 0 || git->patch_to_buf(&text, patch.get()) != 0)
    return fail(Code::internal, "cannot show {}", change.path);
  const std::string made(text.ptr == nullptr ? "" : text.ptr, text.size);
  git->buf_dispose(&text);
  // The header is ours: of two buffers libgit2 knows no modes.
  const auto from = std::min(made.find("--- "), made.find("Binary files "));
  Patch shown;
  shown.text = fmt::format("diff --git a/{0} b/{0}\n{1}", change.path, modes_of(change));
  if (from != std::string::npos) shown.text += made.substr(from);
  shown.added = static_cast<std::int64_t>(added);
  shown.removed = static_cast<std::int64_t>(removed);
  return shown;
}

Result<std::optional<std::string>> merged(const std::string& path, const std::string& base, const std::string& ours,
                                          const std::string& theirs) {
  SKEIN_TRY(auto made, merged_text(path, base, ours, theirs));
  if (!made || !made->is_clean) return std::optional<std::string>();
  return std::move(made->text);
}

Result<std::optional<Clash>> first_clash(const std::string& path, const std::string& base, const std::string& ours,
                                         const std::string& theirs) {
  SKEIN_TRY(const auto made, merged_text(path, base, ours, theirs));
  if (!made || made->is_clean) return std::optional<Clash>();
  Clash clash;
  enum class At { before, first, second } at = At::before;
  for (std::string_view rest = made->text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (at == At::before && line.starts_with("<<<<<<< ")) {
      at = At::first;
    } else if (at == At::first && line.starts_with("=======")) {
      at = At::second;
    } else if (at == At::second && line.starts_with(">>>>>>> ")) {
      break;
    } else if (at != At::before) {
      (at == At::first ? clash.ours : clash.theirs).append(line).append("\n");
    }
  }
  return clash;
}

}  // namespace skein::agents
