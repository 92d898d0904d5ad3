#include "prose/code_words.h"

#include <algorithm>
#include <array>

#include "prose/claim.h"

namespace skein::prose {
namespace {

constexpr std::size_t kAtOnce = 256;

bool opens_scope(std::string_view word) {
  static constexpr std::array<std::string_view, 14> kWords{"class",  "namespace", "struct", "enum",  "interface",
                                                           "module", "trait",     "type",   "impl",  "package",
                                                           "union",  "protocol",  "object", "record"};
  return std::ranges::find(kWords, word) != kWords.end();
}

}  // namespace

WordSet::WordSet(const std::set<std::string>& words) : words_(words.begin(), words.end()) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    index_.emplace(words_[i], i);
    shortest_ = i == 0 ? words_[i].size() : std::min(shortest_, words_[i].size());
    longest_ = std::max(longest_, words_[i].size());
    if (!words_[i].empty()) first_[static_cast<unsigned char>(words_[i].front())] = true;
  }
}

std::size_t WordSet::index_of(std::string_view word) const {
  const auto at = index_.find(word);
  return at == index_.end() ? kNone : at->second;
}

bool is_code_path(std::string_view path) {
  static constexpr std::array<std::string_view, 8> kProse{".md",  ".markdown", ".mdown", ".mdx",
                                                          ".rst", ".adoc",     ".txt",   ".log"};
  return std::ranges::find(kProse, extension_of(path)) == kProse.end();
}

std::vector<WordUse> find_words(const repo::Snapshot& snapshot, const WordSet& words, FileSystem& files,
                                Executor& executor) {
  std::vector<WordUse> uses(words.size());
  if (words.size() == 0) return uses;
  std::vector<std::uint32_t> code;
  for (std::uint32_t i = 0; i < snapshot.files.size(); ++i) {
    const auto& file = snapshot.files[i];
    if (file.kind == repo::FileKind::text && !file.traits.huge && is_code_path(file.path)) code.push_back(i);
  }
  struct Found {
    std::vector<std::pair<std::size_t, bool>> words;  ///< Each once, with whether it opens a scope.
  };
  for (std::size_t begin = 0; begin < code.size(); begin += kAtOnce) {
    std::vector<Found> found(std::min(kAtOnce, code.size() - begin));
    parallel_for(executor, found.size(), [&](std::size_t i) {
      const auto text = read_file(files, join_path(snapshot.root, snapshot.files[code[begin + i]].path));
      if (!text) return;
      std::vector<std::uint8_t> seen(words.size(), 0);
      words.each(*text, [&](std::size_t word, std::string_view before, std::size_t) {
        seen[word] = static_cast<std::uint8_t>(seen[word] | 1 | (opens_scope(before) ? 2 : 0));
      });
      for (std::size_t word = 0; word < seen.size(); ++word)
        if (seen[word] != 0) found[i].words.emplace_back(word, (seen[word] & 2) != 0);
    });
    for (std::size_t i = 0; i < found.size(); ++i)
      for (const auto& [word, scope] : found[i].words) {
        auto& use = uses[word];
        if (use.files.size() < WordUse::kFiles) use.files.push_back(code[begin + i]);
        use.defines_scope = use.defines_scope || scope;
      }
  }
  return uses;
}

}  // namespace skein::prose
