#include "repo/references.h"

#include <algorithm>

namespace skein::repo {

std::vector<NameUse> names_used(const FileFacts& facts) {
  std::vector<std::string_view> defined;
  defined.reserve(facts.symbols.size());
  for (const auto& symbol : facts.symbols) defined.push_back(symbol.name);
  std::ranges::sort(defined);
  std::vector<NameUse> used;
  used.reserve(facts.names.size());
  for (const auto& name : facts.names) {
    const auto own = std::ranges::equal_range(defined, std::string_view(name.name));
    if (name.count > own.size())
      used.push_back({name.name, name.line, name.count - static_cast<std::uint32_t>(own.size())});
  }
  return used;
}

std::vector<SymbolUsers> symbol_users(const FileFacts& defining, std::span<const NameUser> users, std::size_t shown) {
  std::vector<SymbolUsers> out;
  for (std::uint32_t i = 0; i < defining.symbols.size(); ++i) {
    const Symbol& symbol = defining.symbols[i];
    if (symbol.visibility == Visibility::private_ || symbol.kind == SymbolKind::namespace_) continue;
    SymbolUsers found{.symbol = i};
    for (const auto& user : users) {
      const auto use = std::ranges::lower_bound(user.names, std::string_view(symbol.name), {},
                                                [](const NameUse& name) -> std::string_view { return name.name; });
      if (use == user.names.end() || use->name != symbol.name) continue;
      ++found.files;
      if (found.uses.size() < shown) found.uses.push_back({std::string(user.path), use->line, use->count});
    }
    if (found.files > 0) out.push_back(std::move(found));
  }
  return out;
}

}  // namespace skein::repo
