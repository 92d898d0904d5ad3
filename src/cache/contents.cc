#include "cache/contents.h"

#include <algorithm>
#include <ctime>
#include <numeric>
#include <unordered_map>

#include "text/redact.h"

namespace skein::cache {

Result<std::vector<Entry>> list_entries(store::Store& store) {
  std::vector<Entry> entries;
  std::unordered_set<Digest> counted;
  Status failed;
  SKEIN_DO(store.for_each_result([&](const store::ResultRecord& record) {
    const auto result = engine::decode_result(record.declared, record.key, record.payload);
    if (!result) return true;  // Of another version: nobody here can use it.
    Entry entry{.declared = record.declared,
                .key = record.key,
                .agent = result->agent,
                .step = result->step,
                .run = result->run,
                .inputs = result->inputs,
                .outputs = result->outputs,
                .source = result->source,
                .made = made_at(*result),
                .cost = result->usage.wall,
                .money = result->usage.money,
                .bytes = 0,
                .stored_bytes = record.payload.size()};
    for (const auto& blob : record.blobs) {
      if (!counted.insert(blob).second) continue;
      const auto size = store.blob_size(blob);
      if (!size) {
        if (size.error().code() == Code::not_found || size.error().code() == Code::data_corrupt) continue;
        return failed = std::unexpected(size.error()), false;
      }
      entry.bytes += size->raw;
      entry.stored_bytes += size->stored;
    }
    entries.push_back(std::move(entry));
    return true;
  }));
  if (!failed) return std::unexpected(failed.error());
  return entries;
}

std::vector<bool> with_dependents(const std::vector<Entry>& entries, const std::function<bool(const Entry&)>& going) {
  std::vector<bool> gone(entries.size());
  std::unordered_map<Digest, std::size_t> makers;  // Of those that stay, by output.
  std::unordered_multimap<Digest, std::size_t> users;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (const auto& output : entries[i].outputs) ++makers[output];
    for (const auto& input : entries[i].inputs) users.emplace(input, i);
  }
  std::vector<std::size_t> open;
  const auto drop = [&](std::size_t i) {
    if (gone[i]) return;
    gone[i] = true;
    open.push_back(i);
  };
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (going(entries[i])) drop(i);
  while (!open.empty()) {
    const auto i = open.back();
    open.pop_back();
    for (const auto& output : entries[i].outputs) {
      if (--makers[output] > 0) continue;
      const auto [from, to] = users.equal_range(output);
      for (auto user = from; user != to; ++user) drop(user->second);
    }
  }
  return gone;
}

WallTime made_at(const engine::StoredResult& result) {
  if (result.made != WallTime{}) return result.made;
  // Kept by an older skein: its run's name begins with the time, "20261121-010203".
  std::tm parts{};
  if (result.run.size() < 15 || ::strptime(result.run.substr(0, 15).c_str(), "%Y%m%d-%H%M%S", &parts) == nullptr)
    return {};
  return WallTime(std::chrono::seconds(::timegm(&parts)));
}

std::vector<bool> too_old(const std::vector<Entry>& entries, const std::vector<Namespace>& namespaces, WallTime now) {
  std::vector<bool> gone(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto* found = namespace_of(namespaces, entries[i].agent);
    gone[i] = found != nullptr && found->ttl && entries[i].made + *found->ttl <= now;
  }
  return gone;
}

std::vector<bool> over_share(const std::vector<Entry>& entries, const std::vector<Namespace>& namespaces,
                             std::uint64_t limit) {
  std::vector<bool> gone(entries.size());
  for (const auto& one : namespaces) {
    if (one.share >= 1) continue;
    std::vector<Entry> mine;
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (namespace_of(namespaces, entries[i].agent) == &one) {
        mine.push_back(entries[i]);
        positions.push_back(i);
      }
    const auto going = evicted(mine, static_cast<std::uint64_t>(one.share * static_cast<double>(limit)));
    for (std::size_t i = 0; i < mine.size(); ++i) gone[positions[i]] = going[i];
  }
  return gone;
}

std::vector<bool> evicted(const std::vector<Entry>& entries, std::uint64_t limit) {
  std::vector<bool> gone(entries.size());
  std::uint64_t all = 0;
  for (const auto& entry : entries) all += entry.stored_bytes;
  const auto worth = [](const Entry& entry) {
    const double micros = static_cast<double>(entry.cost.count()) +
                          static_cast<double>(entry.money.value) * static_cast<double>(kSecondsPerDollar);
    return (micros + 1) / static_cast<double>(entry.stored_bytes + 1);
  };
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double left = worth(entries[a]);
    const double right = worth(entries[b]);
    return left != right ? left < right : a > b;  // The newest stand first.
  });
  for (const auto i : order) {
    if (all <= limit) break;
    gone[i] = true;
    all -= std::min(all, entries[i].stored_bytes);
  }
  return gone;
}

namespace {

template <class Blobs>
Result<bool> any_secret(Blobs& from, const engine::StoredResult& result) {
  for (const auto& part : result.parts)
    if (!text::find_secrets(part.name + "=" + part.value).empty()) return true;
  auto blobs = result.outputs;
  if (!result.log.is_none()) blobs.push_back(result.log);
  for (const auto& digest : blobs) {
    SKEIN_TRY(const auto bytes, from.get_blob(digest));
    if (!text::find_secrets(bytes).empty()) return true;
  }
  return false;
}

}  // namespace

Result<bool> holds_secret(store::Store& store, const engine::StoredResult& result) { return any_secret(store, result); }
Result<bool> holds_secret(engine::ResultStore& results, const engine::StoredResult& result) {
  return any_secret(results, result);
}

}  // namespace skein::cache
