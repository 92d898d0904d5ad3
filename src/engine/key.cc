#include "engine/key.h"

#include <algorithm>

#include <fmt/format.h>

namespace skein::engine {

Digest declared_digest(std::string_view agent, std::string_view result_version, std::span<const KeyPart> parts,
                       std::span<const Digest> inputs) {
  Hasher hasher;
  hasher.bytes("skein-key-1").field(agent).field(result_version).number(parts.size());
  for (const auto& part : parts) hasher.field(part.name).field(part.value);
  hasher.number(inputs.size());
  for (const auto& digest : inputs) hasher.field(digest);
  return hasher.finish();
}

Digest complete_key(const Digest& declared, std::span<const Read> reads) {
  if (reads.empty()) return declared;
  std::vector<const Read*> sorted;
  sorted.reserve(reads.size());
  for (const auto& read : reads) sorted.push_back(&read);
  std::sort(sorted.begin(), sorted.end(), [](const Read* a, const Read* b) { return *a < *b; });
  Hasher hasher;
  hasher.field(declared).number(sorted.size());
  for (const auto* read : sorted)
    hasher.number(static_cast<std::uint64_t>(read->kind)).field(read->path).field(read->digest);
  return hasher.finish();
}

std::string first_difference(std::span<const KeyPart> before, std::span<const KeyPart> after) {
  for (const auto& part : after) {
    const auto old = std::find_if(before.begin(), before.end(), [&](const KeyPart& p) { return p.name == part.name; });
    if (old == before.end()) return fmt::format("{}: (not there) -> {}", part.name, part.value);
    if (old->value != part.value) return fmt::format("{}: {} -> {}", part.name, old->value, part.value);
  }
  for (const auto& part : before)
    if (std::none_of(after.begin(), after.end(), [&](const KeyPart& p) { return p.name == part.name; }))
      return fmt::format("{}: {} -> (not there)", part.name, part.value);
  return {};
}

}  // namespace skein::engine
