#include "cache/tiered_results.h"

#include <algorithm>

#include "cache/contents.h"
#include "cache/flight.h"

namespace skein::cache {
namespace {

constexpr std::uint32_t kBlobs = 0;
/// Negative entries: declared digests for which the shared tier had nothing.
constexpr std::uint32_t kUnknownToTeam = 1;
/// Results in one exchange with the shared tier.
constexpr std::size_t kGroup = 64;

}  // namespace

namespace {

constexpr std::size_t kOwners = 16'384;
constexpr std::size_t kReadOnce = 65'536;
constexpr std::uint64_t kOwnerBits = 0xff;

bool is_lost(const Error& error) { return error.code() == Code::not_found || error.code() == Code::data_corrupt; }

}  // namespace

TieredResults::TieredResults(engine::ResultStore& disk, MemoryTier* memory, SharedTier* shared, CacheObserver* observer,
                             TieredOptions options)
    : memory_(memory), shared_(shared), observer_(observer), options_(std::move(options)) {
  disk_.store = &disk;
  user_.store = options_.user;
  if (memory_ != nullptr) read_once_ = std::vector<std::atomic<std::uint32_t>>(kReadOnce);
  if (memory_ == nullptr || options_.namespaces == nullptr) return;
  for (const auto& one : *options_.namespaces)
    if (one.memory_ttl && (!shortest_memory_ttl_ || *one.memory_ttl < *shortest_memory_ttl_))
      shortest_memory_ttl_ = one.memory_ttl;
  if (shortest_memory_ttl_) owners_ = std::vector<std::atomic<std::uint64_t>>(kOwners);
}

Result<std::vector<engine::StoredResult>> TieredResults::Disk::find(const Digest& declared) {
  const auto start = std::chrono::steady_clock::now();
  auto found = store->find(declared);
  counted.record_get(std::chrono::steady_clock::now() - start);
  if (!found)
    counted.add(Telemetry::unavailable);
  else if (found->empty())
    counted.add(Telemetry::absent);
  else
    counted.add_hit(found->front().usage.wall.count(), found->front().usage.money.value);
  return found;
}

Result<std::string> TieredResults::Disk::get_blob(const Digest& digest) {
  const auto start = std::chrono::steady_clock::now();
  auto bytes = store->get_blob(digest);
  counted.record_get(std::chrono::steady_clock::now() - start);
  if (!bytes && bytes.error().code() == Code::data_corrupt) counted.add(Telemetry::damaged);
  return bytes;
}

CacheCounts TieredResults::Disk::counts() const { return counts_of(counted); }

TierCounts TieredResults::counts() const {
  TierCounts counts{{"disk", disk_.counts()}};
  if (user_.store != nullptr) counts.emplace("user", user_.counts());
  return counts;
}

bool TieredResults::lose_disk(const Error& error) {
  if (error.code() != Code::resource_exhausted) return false;
  if (!disk_lost_.exchange(true) && observer_ != nullptr)
    observer_->on_note("disk", fmt::format("the disk takes no more results ({}): this run goes on without keeping them",
                                           error.to_string()));
  return true;
}

void TieredResults::note_owner(const engine::StoredResult& result) {
  if (owners_.empty()) return;
  const auto* found = namespace_for(result.agent);
  if (found == nullptr) return;
  const auto position = static_cast<std::uint64_t>(found - options_.namespaces->data()) + 1;
  if (position > kOwnerBits) return;
  for (const auto& output : result.outputs) {
    const std::uint64_t hash = std::hash<Digest>()(output);
    owners_[hash % kOwners].store((hash & ~kOwnerBits) | position, std::memory_order_relaxed);
  }
}

bool TieredResults::was_read(const Digest& blob) {
  const std::uint64_t hash = std::hash<Digest>()(blob);
  const auto mark = static_cast<std::uint32_t>(hash >> 32) | 1;
  return read_once_[hash % kReadOnce].exchange(mark, std::memory_order_relaxed) == mark;
}

std::optional<Micros> TieredResults::memory_ttl_of(const Digest& blob) const {
  if (owners_.empty()) return std::nullopt;
  const std::uint64_t hash = std::hash<Digest>()(blob);
  const std::uint64_t owner = owners_[hash % kOwners].load(std::memory_order_relaxed);
  if (owner == 0 || ((owner ^ hash) & ~kOwnerBits) != 0) return shortest_memory_ttl_;
  return (*options_.namespaces)[(owner & kOwnerBits) - 1].memory_ttl;
}

void TieredResults::drop_expired(std::vector<engine::StoredResult>& results) {
  if (options_.namespaces == nullptr || options_.clock == nullptr) return;
  const auto is_over = [&](const engine::StoredResult& result) {
    const auto* found = namespace_for(result.agent);
    if (found == nullptr || !found->ttl) return false;
    const auto now = options_.clock->wall();
    const auto made = made_at(result);
    // From the future: a clock went back. Nobody knows how old it is; it must not live for ever.
    const bool over = made + *found->ttl <= now || made > now;
    if (over) {
      disk_.counted.add(Telemetry::expired);
      [[maybe_unused]] const auto gone = forget(result.key);
    }
    return over;
  };
  std::erase_if(results, is_over);
}

bool TieredResults::promote(const SharedTier::Whole& whole) {
  for (const auto& bytes : whole.blobs)
    if (!put_blob(bytes)) return false;
  auto kept = disk_lost_ ? instead_.put(whole.result) : disk_.store->put(whole.result);
  if (!kept && lose_disk(kept.error())) kept = instead_.put(whole.result);
  if (kept) promoted_.fetch_add(1);
  return kept.has_value();
}

Result<std::vector<engine::StoredResult>> TieredResults::find_near(const Digest& declared) {
  Result<std::vector<engine::StoredResult>> near = disk_.find(declared);
  if (!near) near = std::vector<engine::StoredResult>{};  // A store that cannot be read costs work, never a run.
  if (disk_lost_ || brief_used_) {
    SKEIN_TRY(auto newer, instead_.find(declared));
    near->insert(near->begin(), std::make_move_iterator(newer.begin()), std::make_move_iterator(newer.end()));
  }
  drop_expired(*near);
  return near;
}

bool TieredResults::take_from_user(const Digest& declared, std::vector<engine::StoredResult>& near) {
  auto found = user_.find(declared);
  if (!found) return false;
  drop_expired(*found);
  bool taken = false;
  for (const auto& result : *found) {
    if (std::ranges::any_of(near, [&](const auto& one) { return one.key == result.key; })) continue;
    SharedTier::Whole whole{result, {}};
    auto blobs = result.outputs;
    if (!result.log.is_none()) blobs.push_back(result.log);
    for (const auto& blob : blobs)
      if (auto bytes = user_.get_blob(blob)) whole.blobs.push_back(std::move(*bytes));
    if (whole.blobs.size() != blobs.size() || !promote(whole)) continue;
    near.push_back(result);
    taken = true;
  }
  return taken;
}

Result<std::vector<engine::StoredResult>> TieredResults::find(const Digest& declared) {
  SKEIN_TRY(auto near, find_near(declared));
  // Without reads there is one result at most. With reads others may know one for another state of the files.
  const auto is_enough = [&] { return std::ranges::any_of(near, [](const auto& one) { return one.reads.empty(); }); };
  if (user_.store != nullptr && !is_enough()) [[maybe_unused]]
    const bool taken = take_from_user(declared, near);
  if (shared_ != nullptr && !is_enough()) {
    const CacheKey unknown{declared, kUnknownToTeam};
    if (memory_ == nullptr || memory_->peek(unknown).reason != MissReason::negative) {
      std::vector<SharedTier::Whole> wholes = shared_->find(declared);
      for (const auto& whole : wholes) {
        if (std::ranges::any_of(near, [&](const auto& one) { return one.key == whole.result.key; })) continue;
        std::vector<engine::StoredResult> one{whole.result};
        drop_expired(one);
        if (!one.empty() && promote(whole)) near.push_back(whole.result);
      }
      if (near.empty() && memory_ != nullptr) memory_->put(unknown, {nullptr, {}, {}, options_.negative_ttl});
    }
  }
  for (const auto& result : near) note_owner(result);
  return near;
}

Status TieredResults::put(const engine::StoredResult& result) {
  note_owner(result);
  const auto* owner = namespace_for(result.agent);
  if (owner != nullptr && owner->tier == Tier::memory) {
    brief_used_ = true;
    return instead_.put(result);
  }
  const auto start = std::chrono::steady_clock::now();
  auto kept = disk_lost_ ? instead_.put(result) : disk_.store->put(result);
  disk_.counted.record_put(std::chrono::steady_clock::now() - start);
  disk_.counted.add(kept ? Telemetry::puts : Telemetry::refused);
  if (!kept && lose_disk(kept.error())) kept = instead_.put(result);
  if (!kept) return kept;
  if (shared_ == nullptr && user_.store == nullptr) return {};
  const bool is_shared = shared_ != nullptr && (owner == nullptr || owner->tier == Tier::shared);
  if (is_shared && memory_ != nullptr) memory_->remove({result.declared, kUnknownToTeam});
  if (is_shared && options_.writes == SharedWrites::through) share({result});
  const bool later = is_shared && options_.writes == SharedWrites::back;
  if (later || user_.store != nullptr) {
    const std::scoped_lock lock(mutex_);
    if (later) unshared_.push_back(result);
    if (user_.store != nullptr) unkept_.push_back(result);
  }
  return {};
}

Status TieredResults::forget(const Digest& key) {
  SKEIN_DO(instead_.forget(key));
  {
    const std::scoped_lock lock(mutex_);  // What waits for farther tiers must not come back from there.
    for (auto* waiting : {&unshared_, &unkept_})
      std::erase_if(*waiting, [&](const auto& one) { return one.key == key; });
  }
  disk_.counted.add(Telemetry::removed);
  if (user_.store != nullptr) SKEIN_DO(user_.store->forget(key));
  return disk_.store->forget(key);
}

Result<Digest> TieredResults::put_blob(std::string_view bytes) {
  if (disk_lost_) return instead_.put_blob(bytes);
  auto put = disk_.store->put_blob(bytes);
  if (!put && lose_disk(put.error())) return instead_.put_blob(bytes);
  return put;
}

Result<Digest> TieredResults::put_output(std::string_view agent, std::string_view bytes) {
  const auto* owner = namespace_for(agent);
  if (owner != nullptr && owner->tier == Tier::memory) {
    brief_used_ = true;
    return instead_.put_blob(bytes);
  }
  if (disk_lost_) return instead_.put_blob(bytes);
  auto put = disk_.store->put_output(agent, bytes);
  if (!put && lose_disk(put.error())) return instead_.put_blob(bytes);
  return put;
}

Result<std::string> TieredResults::get_blob(const Digest& digest) {
  if (disk_lost_ || brief_used_)
    if (auto bytes = instead_.get_blob(digest)) return bytes;
  if (memory_ != nullptr)
    if (const auto found = memory_->get({digest, kBlobs})) return *found.bytes;
  auto bytes = disk_.get_blob(digest);
  if (!bytes && bytes.error().code() == Code::data_corrupt && observer_ != nullptr)
    observer_->on_note("disk",
                       "something that was remembered is damaged: it is set aside in the state folder's "
                       "quarantine and made again; `skein verify` tells how much of it there is");
  if (!bytes && is_lost(bytes.error()) && user_.store != nullptr)
    if (auto found = user_.get_blob(digest)) {
      [[maybe_unused]] const auto mended = put_blob(*found);
      bytes = std::move(found);
    }
  if (!bytes && is_lost(bytes.error()) && shared_ != nullptr) {
    const auto found = shared_->get({digest, kBlobs});
    if (!found || sha256(*found.bytes) != digest) return bytes;
    [[maybe_unused]] const auto mended = put_blob(*found.bytes);
    bytes = *found.bytes;
  }
  if (!bytes || memory_ == nullptr) return bytes;
  // The second read keeps it: most blobs of a short run are read once, and a copy of each would double its memory.
  if (was_read(digest))
    memory_->put({digest, kBlobs}, {std::make_shared<const std::string>(*bytes), {}, {}, memory_ttl_of(digest)});
  return bytes;
}

SharedTier::Whole TieredResults::whole(const engine::StoredResult& result) {
  SharedTier::Whole whole{result, {}};
  auto blobs = result.outputs;
  if (!result.log.is_none()) blobs.push_back(result.log);
  for (const auto& blob : blobs)
    if (auto bytes = get_blob(blob)) whole.blobs.push_back(std::move(*bytes));
  if (whole.blobs.size() != blobs.size()) whole.blobs.clear();
  return whole;
}

void TieredResults::keep_for_user(const std::vector<engine::StoredResult>& results) {
  const auto start = std::chrono::steady_clock::now();
  const auto keep = [&]() -> Status {
    for (const auto& result : results) {
      const auto kept = whole(result);
      for (const auto& bytes : kept.blobs) SKEIN_DO(user_.store->put_output(result.agent, bytes));
      if (kept.blobs.empty() && !result.outputs.empty()) continue;  // Lost meanwhile.
      SKEIN_DO(user_.store->put(result));
    }
    return user_.store->flush();
  };
  const auto kept = keep();
  user_.counted.record_put(std::chrono::steady_clock::now() - start);
  user_.counted.add(kept ? Telemetry::puts : Telemetry::refused, static_cast<std::int64_t>(results.size()));
  if (!kept && observer_ != nullptr)
    observer_->on_note("user", fmt::format("the user's cache takes no results: {}", kept.error().to_string()));
}

void TieredResults::share(const std::vector<engine::StoredResult>& results) {
  std::vector<SharedTier::Whole> group;
  const auto send = [&] {
    const bool sent = group.empty() || shared_->put_all(group);
    group.clear();
    return sent;
  };
  for (const auto& result : results) {
    if (!shared_->is_reachable()) return;
    const auto secret = holds_secret(*this, result);
    if (!secret || *secret) continue;  // Stays with its user, or cannot be read any more.
    auto sent = whole(result);
    if (sent.blobs.empty() && !result.outputs.empty()) continue;
    group.push_back(std::move(sent));
    if (group.size() >= kGroup && !send()) return;
  }
  send();
}

Status TieredResults::flush() {
  if (!disk_lost_) {
    auto flushed = disk_.store->flush();
    if (!flushed && !lose_disk(flushed.error())) return flushed;
  }
  std::vector<engine::StoredResult> fresh;
  std::vector<engine::StoredResult> mine;
  {
    const std::scoped_lock lock(mutex_);
    fresh.swap(unshared_);
    mine.swap(unkept_);
  }
  if (!mine.empty()) keep_for_user(mine);
  if (!fresh.empty()) share(fresh);
  return {};
}

std::unique_ptr<engine::Claim> TieredResults::claim(const Digest& declared, std::stop_token stop) {
  if (options_.flights.empty()) return nullptr;
  auto claim = take_flight({.folder = options_.flights, .shared = shared_}, declared, std::move(stop));
  // What another one made meanwhile is not unknown any more.
  if (claim->waited() && memory_ != nullptr) memory_->remove({declared, kUnknownToTeam});
  return claim;
}

}  // namespace skein::cache
