#include "prose/definitions.h"

#include "prose/claim.h"
#include "repo/extract.h"

namespace skein::prose {

const repo::FileFacts& Definitions::facts(std::uint32_t file) {
  const auto [at, fresh] = facts_.try_emplace(file);
  if (!fresh) return at->second;
  const auto& path = snapshot_.files[file].path;
  const auto text = read_file(files_, join_path(snapshot_.root, path));
  if (!text) return at->second;
  const auto* language =
      repo::builtin_languages().by_path_and_content(path, std::string_view(*text).substr(0, repo::Languages::kWindow));
  if (language == nullptr || !language->has_grammar()) return at->second;
  if (auto found = repo::extract(*language, *text)) at->second = std::move(*found);
  return at->second;
}

std::vector<Definition> Definitions::of(std::string_view name, const WordUse& use) {
  std::vector<Definition> found;
  for (const auto file : use.files) {
    const auto& known = facts(file);
    for (const auto& symbol : known.symbols)
      if (symbol.name == name)
        found.push_back({snapshot_.files[file].path, repo::scope_of(known, symbol), symbol.line, symbol.end_line});
  }
  return found;
}

std::vector<Definition> Definitions::like(std::string_view name, const WordUse& use, std::string_view like) {
  auto all = of(name, use);
  std::vector<Definition> same;
  for (const auto& definition : all)
    if (extension_of(definition.path) == extension_of(like)) same.push_back(definition);
  return same.empty() ? all : same;
}

}  // namespace skein::prose
