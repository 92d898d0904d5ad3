// A commit that a person named, as results and publications remember theirs.
#pragma once

#include <string>
#include <string_view>

#include "app/services.h"

namespace skein::app {

/// The whole id of the commit that `text` names in the workspace: HEAD, a branch, a tag, the beginning of an id, each
/// with "~N". Hexadecimal digits that name no commit there stay as they are: results know trees too, and commits that
/// git has lost. Errors: anything else, with what may be given.
[[nodiscard]] Result<std::string> asked_commit(const Services& services, const std::string& workspace,
                                               std::string_view text);

}  // namespace skein::app
