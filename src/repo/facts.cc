#include "repo/facts.h"

#include <array>
#include <limits>

#include "base/bytes.h"

namespace skein::repo {
namespace {

constexpr std::uint8_t kFormat = 2;
constexpr std::array<std::string_view, 15> kKinds = {"namespace",   "class",    "struct",   "union",      "enum",
                                                     "interface",   "function", "method",   "field",      "property",
                                                     "enum_member", "constant", "variable", "type_alias", "macro"};
constexpr std::array<std::string_view, 4> kVisibilities = {"public", "protected", "private", "internal"};
static_assert(kKinds.size() == static_cast<std::size_t>(SymbolKind::macro) + 1);
static_assert(kVisibilities.size() == static_cast<std::size_t>(Visibility::internal) + 1);

enum Flag : std::uint8_t { kCut = 1, kEntryPoint = 2, kScript = 4, kAllFlags = 7 };

void write(ByteWriter& out, const Symbol& symbol, std::uint32_t index) {
  out.text(symbol.name).text(symbol.qualifier);
  out.u8(static_cast<std::uint8_t>(symbol.kind)).u8(static_cast<std::uint8_t>(symbol.visibility));
  // The distance to the parent: small, and 0 for none.
  out.varint(symbol.parent == Symbol::kNoParent ? 0 : index - symbol.parent);
  out.varint(symbol.line).varint(symbol.end_line).text(symbol.signature).text(symbol.doc);
}

void write(ByteWriter& out, const Import& import) {
  out.text(import.target).varint(import.names.size());
  for (const auto& name : import.names) out.text(name);
  out.varint(import.line).u8(import.relative ? 1 : 0);
}

/// Reads one record and remembers whether all values were in their range.
class FactsReader {
 public:
  explicit FactsReader(std::string_view bytes) : in_(bytes) {}

  Result<FileFacts> read() {
    const std::uint8_t format = in_.u8();
    if (!in_.ok()) return fail(Code::data_corrupt, "the facts of a file are empty");
    if (format > kFormat) {
      return fail(Code::unsupported_version, "facts of format {}; this skein knows up to {}", format, kFormat);
    }
    FileFacts facts;
    facts.language = in_.text();
    for (auto* number : {&facts.lines, &facts.code_lines, &facts.comment_lines, &facts.parse_errors}) {
      *number = number32();
    }
    const std::uint8_t flags = in_.u8();
    good_ = good_ && format == kFormat && flags <= kAllFlags;
    facts.cut = (flags & kCut) != 0;
    facts.entry_point = (flags & kEntryPoint) != 0;
    facts.script = (flags & kScript) != 0;
    facts.doc = in_.text();
    const std::size_t symbols = in_.count(9);
    facts.symbols.reserve(symbols);
    for (std::size_t i = 0; i < symbols && in_.ok() && good_; ++i) {
      facts.symbols.push_back(symbol(static_cast<std::uint32_t>(i)));
    }
    const std::size_t imports = in_.count(4);
    facts.imports.reserve(imports);
    for (std::size_t i = 0; i < imports && in_.ok(); ++i) facts.imports.push_back(import());
    facts.branches = number32();
    names(facts.names);
    if (!in_.ok() || !good_ || !in_.at_end()) return fail(Code::data_corrupt, "the facts of a file are damaged");
    return facts;
  }

 private:
  std::uint32_t number32() {
    const std::uint64_t value = in_.varint();
    if (value > std::numeric_limits<std::uint32_t>::max()) good_ = false;
    return static_cast<std::uint32_t>(value);
  }

  Symbol symbol(std::uint32_t index) {
    Symbol symbol;
    symbol.name = in_.text();
    symbol.qualifier = in_.text();
    const std::uint8_t kind = in_.u8();
    const std::uint8_t visibility = in_.u8();
    if (kind >= kKinds.size() || visibility >= kVisibilities.size()) {
      good_ = false;
      return symbol;
    }
    symbol.kind = static_cast<SymbolKind>(kind);
    symbol.visibility = static_cast<Visibility>(visibility);
    const std::uint32_t up = number32();
    if (up > index) good_ = false;
    symbol.parent = up == 0 ? Symbol::kNoParent : index - up;
    symbol.line = number32();
    symbol.end_line = number32();
    symbol.signature = in_.text();
    symbol.doc = in_.text();
    return symbol;
  }

  Import import() {
    Import import;
    import.target = in_.text();
    const std::size_t names = in_.count();
    import.names.reserve(names);
    for (std::size_t i = 0; i < names && in_.ok(); ++i) import.names.emplace_back(in_.text());
    import.line = number32();
    const std::uint8_t relative = in_.u8();
    if (relative > 1) good_ = false;
    import.relative = relative == 1;
    return import;
  }

  void names(std::vector<NameUse>& out) {
    const std::size_t count = in_.count(4);
    out.reserve(count);
    for (std::size_t i = 0; i < count && in_.ok() && good_; ++i) {
      NameUse use;
      const std::uint32_t shared = number32();
      const std::string_view rest = in_.text();
      if (shared > (out.empty() ? 0 : out.back().name.size())) {
        good_ = false;
        return;
      }
      if (shared > 0) use.name.assign(out.back().name, 0, shared);
      use.name += rest;
      if (!out.empty() && out.back().name >= use.name) good_ = false;
      use.line = number32();
      use.count = number32();
      out.push_back(std::move(use));
    }
  }

  ByteReader in_;
  bool good_ = true;
};

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(SymbolKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_string(Visibility visibility) { return kVisibilities[static_cast<std::size_t>(visibility)]; }
std::optional<SymbolKind> parse_symbol_kind(std::string_view name) { return find_name<SymbolKind>(kKinds, name); }
std::optional<Visibility> parse_visibility(std::string_view name) { return find_name<Visibility>(kVisibilities, name); }

std::string scope_of(const FileFacts& facts, const Symbol& symbol) {
  std::string scope = symbol.qualifier;
  for (std::uint32_t parent = symbol.parent; parent < facts.symbols.size();) {
    const Symbol& outer = facts.symbols[parent];
    scope = scope.empty() ? outer.name : outer.name + "." + scope;
    if (!outer.qualifier.empty()) scope = outer.qualifier + "." + scope;
    if (outer.parent >= parent) break;  // Only in facts that nobody checked.
    parent = outer.parent;
  }
  return scope;
}

std::string encode(const FileFacts& facts) {
  ByteWriter out;
  out.u8(kFormat).text(facts.language);
  out.varint(facts.lines).varint(facts.code_lines).varint(facts.comment_lines).varint(facts.parse_errors);
  out.u8(static_cast<std::uint8_t>((facts.cut ? kCut : 0) | (facts.entry_point ? kEntryPoint : 0) |
                                   (facts.script ? kScript : 0)));
  out.text(facts.doc);
  out.varint(facts.symbols.size());
  std::uint32_t index = 0;
  for (const auto& symbol : facts.symbols) write(out, symbol, index++);
  out.varint(facts.imports.size());
  for (const auto& import : facts.imports) write(out, import);
  out.varint(facts.branches).varint(facts.names.size());
  std::string_view before;
  for (const auto& use : facts.names) {
    // Neighbours begin alike: only what differs is written.
    std::size_t shared = 0;
    while (shared < before.size() && shared < use.name.size() && before[shared] == use.name[shared]) ++shared;
    out.varint(shared).text(std::string_view(use.name).substr(shared)).varint(use.line).varint(use.count);
    before = use.name;
  }
  return out.take();
}

Result<FileFacts> decode_facts(std::string_view bytes) { return FactsReader(bytes).read(); }

}  // namespace skein::repo
