#include "repo/revision.h"

#include <array>
#include <charconv>

namespace skein::repo {
namespace {

constexpr std::size_t kIdDigits = 40;

/// The id under a reference's name, from its file or the packed ones; empty where there is none.
std::string reference(FileSystem& files, const GitInfo& git, const std::string& name) {
  if (!name.starts_with("refs/") || name.find("..") != std::string::npos) return {};
  if (auto text = read_file(files, join_path(git.common_directory, name)))
    return text->size() >= kIdDigits && !text->starts_with("ref:") ? text->substr(0, kIdDigits) : std::string();
  const auto packed = read_file(files, join_path(git.common_directory, "packed-refs"));
  if (!packed) return {};
  const auto at = packed->find(" " + name + "\n");
  return at == std::string::npos || at < kIdDigits ? std::string() : packed->substr(at - kIdDigits, kIdDigits);
}

/// Without "~".
Result<git_oid> named(FileSystem& files, const GitInfo& git, const GitObjects& objects, std::string_view name,
                      std::string_view whole) {
  if (name == "HEAD" && !git.commit.empty()) name = git.commit;
  std::string id;
  for (const auto* folder : {"refs/heads/", "refs/tags/", "refs/remotes/", ""})
    if (id.empty()) id = reference(files, git, folder + std::string(name));
  if (id.empty()) id = name;
  const GitLibrary& library = objects.library();
  git_oid oid{};
  git_object* object = nullptr;
  const bool is_id =
      id.size() >= 4 && id.size() <= kIdDigits && id.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (is_id && library.oid_fromstrn(&oid, id.data(), id.size()) == 0 &&
      library.object_lookup_prefix(&object, objects.repository(), &oid, id.size(), GIT_OBJECT_ANY) == 0) {
    const std::unique_ptr<git_object, decltype(library.object_free)> held(object, library.object_free);
    git_object* commit = nullptr;
    if (library.object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0) {
      const std::unique_ptr<git_object, decltype(library.object_free)> peeled(commit, library.object_free);
      return *library.object_id(commit);
    }
  }
  return std::unexpected(Error(Code::not_found, fmt::format("there is no commit '{}' here", whole))
                             .or_do("give HEAD, the name of a branch or tag, or four digits of an id or more"));
}

}  // namespace

std::string text_of(const GitLibrary& git, const git_oid& id) {
  std::array<char, kIdDigits + 1> text{};
  return git.oid_tostr(text.data(), text.size(), &id);
}

/// Of "main~2": the commit of "main", then its first parents.
Result<git_oid> find_commit(FileSystem& files, const GitInfo& git, const GitObjects& objects,
                            std::string_view revision) {
  const auto tilde = revision.find('~');
  SKEIN_TRY(git_oid commit, named(files, git, objects, revision.substr(0, tilde), revision));
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
      const auto found = objects.commit(commit);
      if (!found) return fail(Code::not_found, "a commit before '{}' cannot be read", revision);
      if (objects.library().commit_parentcount(found.get()) == 0)
        return fail(Code::not_found, "'{}' goes back behind the first commit", revision);
      commit = *objects.library().commit_parent_id(found.get(), 0);
    }
  }
  return commit;
}

Result<std::string> find_commit_id(FileSystem& files, const GitInfo& git, std::string_view revision) {
  SKEIN_TRY(const auto objects, GitObjects::open(git));
  SKEIN_TRY(const git_oid commit, find_commit(files, git, objects, revision));
  return text_of(objects.library(), commit);
}

}  // namespace skein::repo
