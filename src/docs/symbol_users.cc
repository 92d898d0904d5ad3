#include "docs/symbol_users.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>

#include "base/bytes.h"
#include "base/digest.h"
#include "docs/symbol_tree.h"
#include "docs/text_list.h"
#include "repo/references.h"

namespace skein::docs {

namespace {

void sort_without_doubles(std::vector<std::uint32_t>& marks) {
  std::ranges::sort(marks);
  const auto doubles = std::ranges::unique(marks);
  marks.erase(doubles.begin(), doubles.end());
}

void put(ByteWriter& out, const std::vector<std::uint32_t>& marks) {
  out.text({reinterpret_cast<const char*>(marks.data()), marks.size() * sizeof(std::uint32_t)});
}

/// False where they are damaged.
bool take(ByteReader& in, std::vector<std::uint32_t>& marks) {
  const auto bytes = in.text();
  if (!in.ok() || bytes.size() % sizeof(std::uint32_t) != 0) return false;
  marks.resize(bytes.size() / sizeof(std::uint32_t));
  if (!bytes.empty()) std::memcpy(marks.data(), bytes.data(), bytes.size());
  return true;
}

}  // namespace

std::uint32_t mark_of(std::string_view name) { return static_cast<std::uint32_t>(checksum64(name)); }

bool shows_users(const repo::Symbol& symbol) {
  return symbol.visibility != repo::Visibility::private_ && symbol.kind != repo::SymbolKind::namespace_ &&
         is_indexed(symbol.kind) && !symbol.name.empty();
}

FileMarks marks_of(const repo::FileFacts& facts, const repo::Language* language) {
  FileMarks marks;
  for (const auto& symbol : facts.symbols)
    if (shows_users(symbol)) marks.defined.push_back(symbol.name);
  std::ranges::sort(marks.defined);
  const auto doubles = std::ranges::unique(marks.defined);
  marks.defined.erase(doubles.begin(), doubles.end());
  for (const auto& use : repo::names_used(facts)) marks.used.push_back(mark_of(use.name));
  sort_without_doubles(marks.used);
  if (language != nullptr) marks.package = repo::package_clause(*language, facts);
  if (marks.package.mates == repo::PackageClause::Mates::none) return marks;
  for (const auto& symbol : facts.symbols)
    if (repo::hides_mates(symbol.kind)) marks.own.push_back(mark_of(symbol.name));
  sort_without_doubles(marks.own);
  return marks;
}

std::string encode(const FileMarks& marks) {
  ByteWriter out;
  put(out, marks.defined);
  put(out, marks.used);
  out.u8(static_cast<std::uint8_t>(marks.package.mates)).text(marks.package.name);
  put(out, marks.own);
  return out.take();
}

Result<FileMarks> decode_marks(std::string_view bytes) {
  ByteReader in(bytes);
  FileMarks marks;
  marks.defined = take_texts(in);
  const bool used = take(in, marks.used);
  const auto mates = in.u8();
  marks.package.name = in.text();
  const bool own = take(in, marks.own);
  SKEIN_DO(in.finish("a file's marks"));
  if (!used || !own || mates > static_cast<std::uint8_t>(repo::PackageClause::Mates::anywhere))
    return fail(Code::data_corrupt, "a file's marks are damaged");
  marks.package.mates = static_cast<repo::PackageClause::Mates>(mates);
  return marks;
}

std::string encode(std::span<const NameUsers> users) {
  // Few files use many names: their paths stand once.
  std::map<std::string_view, std::size_t> numbers;
  std::vector<std::string> paths;
  for (const auto& user : users)
    for (const auto& file : user.files)
      if (numbers.try_emplace(file, paths.size()).second) paths.push_back(file);
  ByteWriter out;
  put(out, paths);
  out.varint(users.size());
  for (const auto& user : users) {
    out.text(user.name).varint(user.total).varint(user.files.size());
    for (const auto& file : user.files) out.varint(numbers.at(file));
  }
  return out.take();
}

Result<std::vector<NameUsers>> decode_name_users(std::string_view bytes) {
  ByteReader in(bytes);
  const auto paths = take_texts(in);
  std::vector<NameUsers> users(in.count(3));
  for (auto& user : users) {
    user.name = in.text();
    user.total = in.varint();
    for (auto left = in.count(); left > 0; --left) {
      const auto path = in.varint();
      if (path >= paths.size()) return fail(Code::data_corrupt, "the users of a file's names are damaged");
      user.files.push_back(paths[path]);
    }
  }
  SKEIN_DO(in.finish("the users of a file's names"));
  return users;
}

std::vector<NameUsers> users_of_names(const FileMarks& defining, std::span<const std::uint32_t> users,
                                      std::span<const FileMarks> marks, std::span<const std::string_view> paths,
                                      const std::function<std::vector<std::uint32_t>(std::string_view name)>& mates) {
  std::vector<NameUsers> found;
  if (users.empty() && !mates) return found;
  const auto by_path = [&](std::uint32_t file, std::uint32_t other) { return paths[file] < paths[other]; };
  std::vector<std::uint32_t> all, both;
  for (const auto& name : defining.defined) {
    const auto mark = mark_of(name);
    all.clear();
    for (const auto user : users)
      if (std::ranges::binary_search(marks[user].used, mark)) all.push_back(user);
    if (const auto more = mates ? mates(name) : std::vector<std::uint32_t>(); !more.empty()) {
      both.clear();
      std::ranges::set_union(all, more, std::back_inserter(both), by_path);
      std::swap(all, both);
    }
    if (all.empty()) continue;
    NameUsers of_name{name, all.size(), {}};
    for (std::size_t i = 0; i < std::min(all.size(), NameUsers::kShownFiles); ++i)
      of_name.files.emplace_back(paths[all[i]]);
    found.push_back(std::move(of_name));
  }
  return found;
}

std::vector<SymbolUse> symbol_uses(const repo::FileFacts& facts, std::span<const NameUsers> users) {
  std::vector<SymbolUse> uses;
  std::size_t links = 0;
  for (std::uint32_t i = 0; i < facts.symbols.size() && !users.empty(); ++i) {
    const auto& symbol = facts.symbols[i];
    if (!shows_users(symbol)) continue;
    const auto found = std::ranges::lower_bound(users, symbol.name, {}, &NameUsers::name);
    if (found == users.end() || found->name != symbol.name) continue;
    auto& use = uses.emplace_back(SymbolUse{i, found->total, {}});
    for (const auto& path : found->files)
      if (links++ < kPageLinks) use.files.push_back({path, false, true});
  }
  return uses;
}

const SymbolUse* use_of(const FilePage& page, std::uint32_t symbol) {
  const auto found = std::ranges::lower_bound(page.symbol_uses, symbol, {}, &SymbolUse::symbol);
  return found != page.symbol_uses.end() && found->symbol == symbol ? &*found : nullptr;
}

std::string encode_numbers(std::span<const std::vector<std::uint32_t>> lists) {
  ByteWriter out;
  out.varint(lists.size());
  for (const auto& list : lists) {
    out.varint(list.size());
    for (const auto number : list) out.varint(number);
  }
  return out.take();
}

Result<std::vector<std::vector<std::uint32_t>>> decode_numbers(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<std::vector<std::uint32_t>> lists(in.count());
  bool good = true;
  for (auto& list : lists) {
    list.resize(in.count());
    for (auto& number : list) {
      const auto value = in.varint();
      good = good && value < lists.size();
      number = static_cast<std::uint32_t>(value);
    }
  }
  SKEIN_DO(in.finish("the users of files"));
  if (!good) return fail(Code::data_corrupt, "the users of files are damaged");
  return lists;
}

}  // namespace skein::docs
