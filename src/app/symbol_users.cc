#include "app/symbol_users.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "repo/extract.h"
#include "repo/package_mates.h"
#include "repo/references.h"
#include "repo/resolve.h"
#include "text/json_string.h"
#include "text/printable.h"

namespace skein::app {
namespace {

/// So many files are read and parsed at once: memory stays bounded.
constexpr std::size_t kFilesAtOnce = 256;

/// "a::b.c" as the scope "a.b" and the name "c".
struct Wanted {
  std::string scope, name;

  explicit Wanted(std::string text) {
    for (auto at = text.find("::"); at != std::string::npos; at = text.find("::", at)) text.replace(at, 2, ".");
    const auto dot = text.rfind('.');
    if (dot != std::string::npos) scope = text.substr(0, dot);
    name = text.substr(dot + 1);  // npos + 1 is 0.
  }
  [[nodiscard]] bool is(const repo::Symbol& symbol, std::string_view in) const {
    if (symbol.name != name || !in.ends_with(scope)) return false;
    return scope.empty() || in.size() == scope.size() || in[in.size() - scope.size() - 1] == '.';
  }
};

/// What one file says about the name.
struct Part {
  std::string path{};
  const repo::Language* language = nullptr;
  repo::FileFacts defines{};            ///< Only the symbols that are asked for, their scopes as qualifiers.
  std::vector<repo::NameUse> uses{};    ///< Of the name; none or one.
  std::vector<repo::Import> imports{};  ///< Where it uses the name.
  std::string package{};                ///< repo::package_key.
  bool test = false, hides = false;     ///< Hides: it defines the name itself.
  bool known = false, unreadable = false;
  std::optional<Error> error{};
};

Part part_of(const Services& services, const engine::Context& context, const RememberedFacts& remembered,
             const repo::SnapshotFile& file, const Wanted& wanted) {
  const std::string& path = file.path;
  Part part{.path = path, .test = file.traits.test};
  const auto bytes = read_file(services.files, join_path(context.workspace, path));
  part.unreadable = !bytes;
  if (!bytes || !bytes->contains(wanted.name)) return part;
  part.language =
      repo::builtin_languages().by_path_and_content(path, std::string_view(*bytes).substr(0, repo::Languages::kWindow));
  if (part.language == nullptr || !part.language->has_grammar()) return part;
  auto facts = remembered.of(path, sha256(*bytes));
  if (!facts) {
    auto found = repo::extract(*part.language, *bytes);
    if (!found) {
      part.error = std::move(found).error().with(path);
      return part;
    }
    facts = std::move(*found);
  }
  part.known = true;
  part.package = repo::package_key(repo::package_clause(*part.language, *facts), path);
  for (auto& symbol : facts->symbols) {
    part.hides = part.hides || (symbol.name == wanted.name && repo::hides_mates(symbol.kind));
    std::string scope = repo::scope_of(*facts, symbol);
    if (!wanted.is(symbol, scope)) continue;
    part.defines.symbols.push_back(symbol);
    part.defines.symbols.back().parent = repo::Symbol::kNoParent;
    part.defines.symbols.back().qualifier = std::move(scope);
  }
  const auto used = repo::names_used(*facts);
  const auto use = std::ranges::find(used, wanted.name, &repo::NameUse::name);
  if (use == used.end()) return part;
  part.uses.push_back(*use);
  part.imports = std::move(facts->imports);
  return part;
}

/// What files of the workspace say about where full names lead.
repo::ImportRoots roots_of(const Services& services, const engine::Context& context, const repo::Snapshot& snapshot) {
  return repo::import_roots(
      snapshot, [&](const std::string& path) { return read_file(services.files, join_path(context.workspace, path)); });
}

std::string line_of(bool json, const repo::Symbol& symbol, const std::string& path, const repo::SymbolUse& use) {
  if (!json)
    return fmt::format("{}:{}: uses {} {}{}{} of {}:{}", text::printable(use.path), use.line, to_string(symbol.kind),
                       text::printable(symbol.qualifier), symbol.qualifier.empty() ? "" : ".",
                       text::printable(symbol.name), text::printable(path), symbol.line);
  std::string line;
  const auto field = [&line](std::string_view key, std::string_view value) {
    line += key;
    text::append_json_string(line, value);
  };
  field("{\"path\":", use.path);
  line += fmt::format(",\"line\":{},\"count\":{}", use.line, use.count);
  field(",\"name\":", symbol.name);
  field(",\"kind\":", to_string(symbol.kind));
  field(",\"scope\":", symbol.qualifier);
  field(",\"defined_in\":", path);
  return line + fmt::format(",\"defined_at\":{},\"inferred\":true}}", symbol.line);
}

}  // namespace

Result<UsersFound> users_of_symbol(const Services& services, const engine::Context& context,
                                   const RememberedFacts& remembered, const repo::Snapshot& snapshot,
                                   Executor& executor, const std::string& name,
                                   const std::vector<std::string>& defining) {
  const Wanted wanted(name);
  if (wanted.name.empty()) return fail(Code::invalid_argument, "--users needs the name of a symbol, not \"{}\"", name);
  std::vector<const repo::SnapshotFile*> files;
  std::vector<std::string_view> paths;
  for (const auto& file : snapshot.files) {
    paths.push_back(file.path);
    if (file.kind == repo::FileKind::text && !file.traits.minified && !file.traits.huge) files.push_back(&file);
  }
  UsersFound found;
  std::vector<Part> definitions, users;
  for (std::size_t begin = 0; begin < files.size(); begin += kFilesAtOnce) {
    if (context.stop.stop_requested())
      return fail(Code::cancelled, "stopped after {} of {} files", begin, files.size());
    std::vector<Part> parts(std::min(kFilesAtOnce, files.size() - begin));
    parallel_for(executor, parts.size(),
                 [&](std::size_t i) { parts[i] = part_of(services, context, remembered, *files[begin + i], wanted); });
    for (Part& part : parts) {
      if (part.error) return std::unexpected(std::move(*part.error));
      found.files += part.known ? 1 : 0;
      found.unreadable += part.unreadable ? 1 : 0;
      const bool defines = !part.defines.symbols.empty() && std::ranges::binary_search(defining, part.path);
      if (defines)
        definitions.push_back(
            {.path = part.path, .defines = std::move(part.defines), .package = part.package, .test = part.test});
      if (!part.uses.empty()) users.push_back(std::move(part));
    }
  }
  const repo::PathIndex index(paths, roots_of(services, context, snapshot));
  std::map<std::string, std::vector<repo::NameUser>, std::less<>> users_of;  // By the file that is imported.
  for (const Part& user : users) {
    for (const auto& import : user.imports) {
      for (auto& target : repo::resolve(*user.language, user.path, import, index)) {
        auto& list = users_of[std::move(target)];
        if (list.empty() || list.back().path != user.path) list.push_back({user.path, user.uses});
      }
    }
  }
  std::map<std::string, std::vector<const Part*>, std::less<>> mates;  // By package.
  for (const Part& user : users)
    if (!user.package.empty() && !user.hides) mates[user.package].push_back(&user);
  for (const Part& definition : definitions) {
    auto list = users_of[definition.path];
    if (const auto of_package = mates.find(definition.package); of_package != mates.end())
      for (const Part* mate : of_package->second)
        if (mate->path != definition.path && repo::sees_mate(mate->test, definition.test))
          list.push_back({mate->path, mate->uses});
    std::ranges::sort(list, {}, &repo::NameUser::path);
    const auto doubles = std::ranges::unique(list, {}, &repo::NameUser::path);
    list.erase(doubles.begin(), doubles.end());
    if (list.empty()) continue;
    constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
    for (const auto& symbol : repo::symbol_users(definition.defines, list, kAll)) {
      for (const auto& use : symbol.uses) {
        SKEIN_DO(context.lines->line(
            line_of(context.json, definition.defines.symbols[symbol.symbol], definition.path, use)));
        ++found.uses;
      }
    }
  }
  return found;
}

}  // namespace skein::app
