#include "docs/symbol_shards.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <unordered_map>

#include "base/bytes.h"

namespace skein::docs {
namespace {

constexpr std::size_t kGroupFiles = 256;
constexpr std::size_t kMaxGroups = 64;
constexpr std::string_view kLetters = "_abcdefghijklmnopqrstuvwxyz";

std::size_t place_of(char letter) { return letter == '_' ? 0 : static_cast<std::size_t>(letter - 'a') + 1; }

/// FNV-1a: where a folder goes must be the same on every machine.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash ^ (hash >> 32);
}

}  // namespace

std::vector<NameGroup> name_groups(const SiteTree& tree) {
  std::vector<NameGroup> groups(std::clamp<std::size_t>(std::bit_floor(tree.pages / kGroupFiles), 1, kMaxGroups));
  std::vector<Hasher> paths(groups.size());
  for (std::uint32_t i = 0; i < tree.folders.size(); ++i) {
    const auto& folder = tree.folders[i];
    if (!folder.documented) continue;
    const std::size_t group = hash_of(folder.path) % groups.size();
    groups[group].folders.push_back(i);
    paths[group].field(folder.path);
    for (const auto f : folder.files) {
      if (!tree.files[f].page) continue;
      groups[group].files.push_back(f);
      paths[group].field(tree.files[f].name());
    }
  }
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i].digest = paths[i].finish();
  return groups;
}

std::vector<std::string> letter_names(int width) { return shard_names(std::min(width, 1)); }

std::vector<std::string> shards_of_letter(std::string_view letter, int width) {
  if (width < 2) return {std::string(letter)};
  std::vector<std::string> shards;
  for (const char second : kLetters) shards.push_back(std::string(letter) + second);
  return shards;
}

std::size_t letter_of(std::string_view name, int width) { return width == 0 ? 0 : place_of(shard_of(name, 1).front()); }

std::size_t shard_in_letter(std::string_view name, int width) {
  return width < 2 ? 0 : place_of(shard_of(name, width).back());
}

bool shown_before(const IndexEntry& a, const IndexEntry& b) {
  KeyReader key(a.name), other(b.name);
  for (;;) {
    const int c = key.next(), d = other.next();
    if (c != d) return c < d;
    if (c < 0) break;
  }
  return std::tie(a.name, *a.where, a.anchor) < std::tie(b.name, *b.where, b.anchor);
}

std::string encode(std::span<const IndexEntry> entries) {
  constexpr std::size_t kNumbers = 8;  // Of a row, about: sizes, and the number of its place.
  std::unordered_map<const PathRef*, std::size_t> numbers;
  std::vector<const PathRef*> places;
  std::size_t size = 0;
  for (const auto& entry : entries) {
    if (numbers.try_emplace(entry.where, places.size()).second) {
      places.push_back(entry.where);
      size += entry.where->path.size() + kNumbers;
    }
    size += entry.name.size() + entry.kind.size() + entry.anchor.size() + kNumbers;
  }
  ByteWriter out;
  out.reserve(size);
  out.varint(places.size());
  for (const auto* place : places) out.u8(place->folder ? 1 : 0).text(place->path);
  out.varint(entries.size());
  for (const auto& entry : entries)
    out.text(entry.name).text(entry.kind).varint(numbers.find(entry.where)->second).text(entry.anchor);
  return out.take();
}

Status IndexEntries::add(std::string bytes) {
  ByteReader in(records_.emplace_back(std::move(bytes)));
  const std::size_t first = places_.size();
  const std::size_t places = in.count(2);
  for (std::size_t i = 0; i < places; ++i) {
    const bool folder = in.u8() != 0;
    places_.push_back({std::string(in.text()), folder, true});
  }
  const std::size_t rows = in.count(4);
  if (entries_.capacity() < entries_.size() + rows)
    entries_.reserve(std::max(entries_.size() + rows, entries_.capacity() * 3 / 2));
  for (std::size_t i = 0; i < rows; ++i) {
    IndexEntry entry;
    entry.name = in.text();
    entry.kind = in.text();
    const auto place = in.varint();
    entry.anchor = in.text();
    if (!in.ok() || place >= places) return fail(Code::data_corrupt, "rows of the symbol index name no place");
    entry.where = &places_[first + place];
    entries_.push_back(entry);
  }
  return in.finish("rows of the symbol index");
}

std::string encode(std::span<const ShardSize> sizes) {
  ByteWriter out;
  out.varint(sizes.size());
  for (const auto& size : sizes) out.text(size.name).varint(size.entries);
  return out.take();
}

Result<std::vector<ShardSize>> decode_shard_sizes(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<ShardSize> sizes(in.count(2));
  for (auto& size : sizes) {
    size.name = in.text();
    size.entries = in.varint();
  }
  SKEIN_DO(in.finish("sizes of shards"));
  return sizes;
}

}  // namespace skein::docs
