#include "repo/language_spec.h"

#include <set>

#include "text/toml.h"

namespace skein::repo {
namespace {

/// Reads a table's keys and notes the first thing that is wrong, so that a mistake in the data is never silent.
class Reader {
 public:
  Reader(const toml::table& table, std::string where, std::string& error)
      : table_(table), where_(std::move(where)), error_(error) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Every key must have been asked for.
  ~Reader() {
    for (const auto& [key, value] : table_) {
      if (!known_.contains(key.str())) complain(key.str(), "is not known");
    }
  }

  std::string text(std::string_view key) {
    const auto* node = get(key);
    if (node == nullptr) return {};
    if (const auto* value = node->as_string()) return value->get();
    complain(key, "must be a string");
    return {};
  }

  bool flag(std::string_view key, bool standard) {
    const auto* node = get(key);
    if (node == nullptr) return standard;
    if (const auto* value = node->as_boolean()) return value->get();
    complain(key, "must be true or false");
    return standard;
  }

  LanguageSpec::Texts texts(std::string_view key) {
    LanguageSpec::Texts out;
    const auto* node = get(key);
    if (node == nullptr) return out;
    if (const auto* one = node->as_string()) return {one->get()};
    const auto* array = node->as_array();
    if (array == nullptr) return complain(key, "must be a list of strings"), out;
    for (const auto& item : *array) {
      if (const auto* value = item.as_string()) {
        out.push_back(value->get());
      } else {
        complain(key, "must be a list of strings");
      }
    }
    return out;
  }

  std::map<std::string, std::string> map(std::string_view key) {
    std::map<std::string, std::string> out;
    const auto* node = get(key);
    if (node == nullptr) return out;
    const auto* table = node->as_table();
    if (table == nullptr) return complain(key, "must be a table"), out;
    for (const auto& [name, value] : *table) {
      if (const auto* text = value.as_string()) {
        out.emplace(name.str(), text->get());
      } else {
        complain(name.str(), "must be a string");
      }
    }
    return out;
  }

  /// Calls `body(Reader&)` for the table of `key`, if there is one.
  template <class Body>
  void table(std::string_view key, Body body) {
    const auto* node = get(key);
    if (node == nullptr) return;
    const auto* table = node->as_table();
    if (table == nullptr) return complain(key, "must be a table");
    Reader reader(*table, path(key), error_);
    body(reader);
  }

  /// Calls `body(Reader&)` for each table of the array `key`.
  template <class Body>
  void tables(std::string_view key, Body body) {
    const auto* node = get(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr) return complain(key, "must be a list of tables");
    int number = 0;
    for (const auto& item : *array) {
      const auto* table = item.as_table();
      if (table == nullptr) return complain(key, "must be a list of tables");
      Reader reader(*table, path(key) + "[" + std::to_string(number++) + "]", error_);
      body(reader);
    }
  }

  SymbolKind kind(std::string_view key, std::string_view value) {
    if (const auto kind = parse_symbol_kind(value)) return *kind;
    complain(key, "names no kind of symbol");
    return {};
  }
  SymbolKind kind(std::string_view key) { return kind(key, text(key)); }
  std::optional<SymbolKind> maybe_kind(std::string_view key) {
    const std::string value = text(key);
    if (value.empty()) return std::nullopt;
    return kind(key, value);
  }
  Visibility visibility(std::string_view key, std::string_view value) {
    if (const auto visibility = parse_visibility(value)) return *visibility;
    complain(key, "names no visibility");
    return {};
  }

  void complain(std::string_view key, std::string_view what) {
    if (error_.empty()) error_ = path(key) + " " + std::string(what);
  }

 private:
  [[nodiscard]] std::string path(std::string_view key) const {
    return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
  }
  const toml::node* get(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
  }

  const toml::table& table_;
  std::string where_;
  std::string& error_;
  std::set<std::string, std::less<>> known_;
};

LanguageSpec::NameSource name_source(Reader& in) {
  return {.node = in.text("node"), .field = in.text("field"), .child = in.text("child"), .as = in.text("as")};
}

void read_comments(Reader& in, LanguageSpec::Comments& out) {
  out.line = in.texts("line");
  const auto marks = in.texts("block");
  if (marks.size() % 2 != 0) in.complain("block", "must hold pairs of marks");
  for (std::size_t i = 0; i + 1 < marks.size(); i += 2) out.block.emplace_back(marks[i], marks[i + 1]);
  out.nodes = in.texts("nodes");
  out.directives = in.texts("directives");
  out.doc_before = in.flag("doc_before", true);
  out.string_body = in.text("string_body");
  out.string_statement = in.text("string_statement");
  out.string = in.text("string");
}

void read_names(Reader& in, LanguageSpec::Names& out) {
  out.leaves = in.texts("leaves");
  out.through = in.map("through");
  out.cut = in.map("cut");
  out.cut_within = in.texts("cut_within");
  out.scope = in.map("scope");
  for (const auto& [node, kind] : in.map("makes")) {
    out.makes[node] = kind.empty() ? std::nullopt : std::optional(in.kind("makes", kind));
  }
}

LanguageSpec::SymbolRule read_symbol(Reader& in) {
  LanguageSpec::SymbolRule out;
  out.nodes = in.texts("node");
  out.kind = in.kind("kind");
  out.upper = in.maybe_kind("upper");
  out.name = in.text("name");
  out.every = in.flag("every", false);
  out.name_nodes = in.texts("name_nodes");
  out.needs = in.texts("needs");
  out.without = in.texts("without");
  out.ends = in.texts("ends");
  out.local = in.flag("local", true);
  out.once = in.flag("once", false);
  out.fixed = in.flag("fixed", false);
  out.declaration = in.flag("declaration", false);
  out.by_field = in.text("by_field");
  for (const auto& [node, kind] : in.map("by")) out.by[node] = in.kind("by", kind);
  out.by_without = in.text("by_without");
  out.only_by = in.flag("only_by", false);
  out.owner = in.text("owner");
  out.at_name = in.flag("at_name", false);
  return out;
}

LanguageSpec::ImportRule read_import(Reader& in) {
  LanguageSpec::ImportRule out;
  out.node = in.text("node");
  out.target = in.text("target");
  out.each = in.text("each");
  out.fixed = in.text("fixed");
  out.when_field = in.text("when_field");
  out.when = in.texts("when");
  in.tables("names", [&](Reader& name) { out.names.push_back(name_source(name)); });
  out.relative_starts = in.texts("relative_starts");
  out.relative_nodes = in.texts("relative_nodes");
  out.words = in.texts("words");
  out.without = in.texts("without");
  out.before = in.text("before");
  out.last = in.flag("last", false);
  return out;
}

void read_visibility(Reader& in, LanguageSpec::VisibilityRules& out) {
  if (const std::string standard = in.text("standard"); !standard.empty()) {
    out.standard = in.visibility("standard", standard);
  }
  for (const auto& [kind, visibility] : in.map("members")) {
    out.members[in.kind("members", kind)] = in.visibility("members", visibility);
  }
  in.tables("names", [&](Reader& name) {
    out.names.push_back({.starts = name.text("starts"),
                         .ends = name.text("ends"),
                         .upper = name.flag("upper", false),
                         .is = name.visibility("is", name.text("is"))});
  });
  in.tables("modifiers", [&](Reader& modifier) {
    out.modifiers.push_back({.node = modifier.text("node"),
                             .word = modifier.text("word"),
                             .member = modifier.flag("member", true),
                             .is = modifier.visibility("is", modifier.text("is"))});
  });
  out.section = in.text("section");
  out.exported = in.text("exported");
  out.exported_value = in.text("exported_value");
  in.tables("exported_names", [&](Reader& name) { out.exported_names.push_back(name_source(name)); });
}

void read_language(Reader& in, LanguageSpec& out) {
  out.id = in.text("id");
  out.name = in.text("name");
  if (out.id.empty() || out.name.empty()) in.complain("id", "and name must be there");
  out.grammar = in.text("grammar");
  out.extensions = in.texts("extensions");
  out.files = in.texts("files");
  out.interpreters = in.texts("interpreters");
  in.tables("claims", [&](Reader& claim) {
    out.claims.push_back({.extension = claim.text("extension"),
                          .line_starts = claim.texts("line_starts"),
                          .contains = claim.texts("contains")});
  });
  in.table("comments", [&](Reader& comments) { read_comments(comments, out.comments); });
  in.table("names", [&](Reader& names) { read_names(names, out.names); });
  in.tables("symbol", [&](Reader& symbol) { out.symbols.push_back(read_symbol(symbol)); });
  in.tables("scope", [&](Reader& scope) {
    out.scopes.push_back({.node = scope.text("node"), .name = scope.text("name"), .kind = scope.kind("kind")});
  });
  out.doc_above = in.texts("doc_above");
  out.skip = in.texts("skip");
  out.skip_local = in.texts("skip_local");
  in.table("macros", [&](Reader& macros) {
    out.macros = {
        .after = macros.texts("after"), .behind = macros.texts("behind"), .no_function = macros.texts("no_function")};
  });
  out.locals = in.texts("locals");
  in.table("anchors", [&](Reader& anchors) {
    out.anchors_doc = anchors.texts("doc");
    out.anchors_signature = anchors.texts("signature");
  });
  for (const auto& [from, to] : in.map("members")) out.members[in.kind("members", from)] = in.kind("members", to);
  in.tables("import", [&](Reader& import) { out.imports.push_back(read_import(import)); });
  in.table("visibility", [&](Reader& visibility) { read_visibility(visibility, out.visibility); });
  in.tables("entry", [&](Reader& entry) {
    out.entries.push_back({.name = entry.text("name"),
                           .node = entry.text("node"),
                           .starts = entry.text("starts"),
                           .nested = entry.flag("nested", false)});
  });
  in.table("resolve", [&](Reader& resolve) {
    out.resolve = {.rule = resolve.text("rule"),
                   .extensions = resolve.texts("extensions"),
                   .index = resolve.texts("index"),
                   .roots = resolve.texts("roots"),
                   .instead = resolve.map("instead"),
                   .mates = resolve.text("mates")};
    if (const auto& mates = out.resolve.mates; !mates.empty() && mates != "folder" && mates != "package")
      resolve.complain("mates", "must be \"folder\" or \"package\"");
  });
  in.table("words", [&](Reader& words) {
    out.words = {
        .branches = words.texts("branches"), .quotes = words.texts("quotes"), .triple = words.flag("triple", false)};
  });
  in.table("graph",
           [&](Reader& graph) { out.graph = {.by_import = graph.texts("by_import"), .run = graph.texts("run")}; });
}

}  // namespace

std::string_view language_head(std::string_view text) {
  constexpr std::string_view kClaims = "[[claims]]";
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (text[at] == '[' && !text.substr(at).starts_with(kClaims)) return text.substr(0, at);
    at = end + 1;
  }
  return text;
}

Result<LanguageSpec> parse_language(std::string_view text) {
  LanguageSpec spec;
  std::string error;
  const auto document = text::parse_toml(text);
  if (!document) return fail(Code::invalid_argument, "line {}: {}", document.error().line, document.error().reason);
  {
    Reader reader(*document, "", error);  // Its end reports keys that nobody asked for.
    read_language(reader, spec);
  }
  if (!error.empty()) return fail(Code::invalid_argument, "{}", error);
  return spec;
}

}  // namespace skein::repo
