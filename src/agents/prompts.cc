#include "agents/prompts.h"

#include <charconv>
#include <map>

#include "base/check.h"
#include "base/embedded.h"

namespace skein::agent_prompts::data {
std::span<const EmbeddedFile> files();
}

namespace skein::agents {
namespace {

std::map<std::string_view, PromptSnippet> load() {
  std::map<std::string_view, PromptSnippet> snippets;
  for (const EmbeddedFile& file : agent_prompts::data::files()) {
    std::string_view name = file.path.substr(file.path.rfind('/') + 1);
    const auto dot = name.find('.');
    PromptSnippet snippet{name.substr(0, dot), 0, file.bytes, {}};
    std::from_chars(name.data() + dot + 1, name.data() + name.size(), snippet.version);
    PromptSnippet& newest = snippets[snippet.name];
    if (snippet.version <= newest.version) continue;
    snippet.digest = sha256(snippet.text);
    newest = snippet;
  }
  return snippets;
}

}  // namespace

const PromptSnippet& prompt_snippet(std::string_view name) {
  static const std::map<std::string_view, PromptSnippet> kSnippets = load();
  const auto found = kSnippets.find(name);
  SKEIN_CHECK(found != kSnippets.end());
  return found->second;
}

}  // namespace skein::agents
