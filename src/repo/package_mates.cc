#include "repo/package_mates.h"

#include "repo/language_spec.h"

namespace skein::repo {

PackageClause package_clause(const Language& language, const FileFacts& facts) {
  const std::string& mates = language.spec().resolve.mates;
  if (mates.empty()) return {};
  // A package's clause is the first that such a file defines.
  const bool named = !facts.symbols.empty() && facts.symbols.front().kind == SymbolKind::namespace_;
  return {named && mates == "package" ? PackageClause::Mates::anywhere : PackageClause::Mates::in_folder,
          language.id() + " " + (named ? facts.symbols.front().name : std::string())};
}

std::string package_key(const PackageClause& clause, std::string_view path) {
  switch (clause.mates) {
    case PackageClause::Mates::none:
      return {};
    case PackageClause::Mates::in_folder: {
      const auto slash = path.rfind('/');
      return clause.name + "\n" + std::string(slash == path.npos ? std::string_view() : path.substr(0, slash));
    }
    case PackageClause::Mates::anywhere:
      return clause.name;
  }
  return {};
}

bool hides_mates(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::class_:
    case SymbolKind::struct_:
    case SymbolKind::union_:
    case SymbolKind::enum_:
    case SymbolKind::interface:
    case SymbolKind::function:
    case SymbolKind::method:
    case SymbolKind::constant:
    case SymbolKind::type_alias:
    case SymbolKind::macro:
      return true;
    case SymbolKind::namespace_:
    case SymbolKind::field:
    case SymbolKind::property:
    case SymbolKind::enum_member:
    case SymbolKind::variable:
      return false;
  }
  return false;
}

}  // namespace skein::repo
