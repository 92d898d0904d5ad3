#include "app/asked_commit.h"

#include "repo/git.h"
#include "repo/revision.h"

namespace skein::app {

Result<std::string> asked_commit(const Services& services, const std::string& workspace, std::string_view text) {
  const auto git = repo::read_git(workspace);
  auto found = repo::find_commit_id(services.files, git, text);
  if (!found && !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos)
    return std::string(text);
  return found;
}

}  // namespace skein::app
