// Snippets of which prompts are composed: text files with a name and a version (data/prompts/NAME.VERSION.md),
// embedded, shared. The digest of each that shaped a step is part of its key.
#pragma once

#include <string_view>

#include "base/digest.h"

namespace skein::agents {

struct PromptSnippet {
  std::string_view name;
  int version = 0;
  std::string_view text;
  Digest digest;
};

/// The newest version of a snippet. REQUIRES that there is one of this name.
[[nodiscard]] const PromptSnippet& prompt_snippet(std::string_view name);

}  // namespace skein::agents
