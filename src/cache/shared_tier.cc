#include "cache/shared_tier.h"

namespace skein::cache {
namespace {

using Command = RedisConnection::Command;

/// Deletes a lease only if it is the caller's.
constexpr std::string_view kReleaseScript =
    "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end";
/// Lets a lease live on only if it is still the caller's.
constexpr std::string_view kRenewScript =
    "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('pexpire',KEYS[1],ARGV[2]) else return 0 end";

std::string millis_of(Micros time) {
  return std::to_string(std::max<std::int64_t>(1, std::chrono::duration_cast<Millis>(time).count()));
}

std::vector<Digest> blobs_of(const engine::StoredResult& result) {
  auto blobs = result.outputs;
  if (!result.log.is_none()) blobs.push_back(result.log);
  return blobs;
}

}  // namespace

SharedTier::SharedTier(const Clock& clock, SharedTierOptions options, CacheObserver* observer)
    : clock_(clock),
      options_(std::move(options)),
      observer_(observer),
      breaker_(clock, options_.breaker),
      connection_(options_.address, options_.time_limit) {}

std::string SharedTier::blob_name(const CacheKey& key) const {
  return fmt::format("{}:b:{}:{}", options_.prefix, key.space, key.digest.hex());
}
std::string SharedTier::result_name(const Digest& declared) const {
  return fmt::format("{}:r:{}", options_.prefix, declared.hex());
}
std::string SharedTier::lease_name(const Digest& declared) const {
  return fmt::format("{}:l:{}", options_.prefix, declared.hex());
}

void SharedTier::note(const std::string& cause, const std::string& line) {
  {
    const std::scoped_lock lock(mutex_);
    if (!noted_.insert(cause).second) return;
  }
  if (observer_ != nullptr) observer_->on_note(name(), line);
}

void SharedTier::paid(Nanos worth) { breaker_.answered(Nanos{}, worth); }

Result<std::vector<RedisReply>> SharedTier::call(std::vector<Command> commands) {
  if (!breaker_.lets_through()) {
    telemetry_.add(Telemetry::unavailable);
    return fail(Code::unavailable, "the shared cache is left alone for a while");
  }
  const auto start = clock_.now();
  Result<std::vector<RedisReply>> answers;
  bool opened = false;
  {
    const std::scoped_lock lock(mutex_);
    answers = connection_.call(commands);
  }
  const Nanos took = clock_.now() - start;
  opened = answers ? breaker_.answered(took, Nanos{}) : breaker_.failed(took);
  if (!answers) {
    telemetry_.add(Telemetry::unavailable);
    note("unreachable", fmt::format("the shared cache is not used: {}", answers.error().to_string()));
  } else if (opened) {
    note("slow", fmt::format("the shared cache {} is slower than it is worth, and left alone for {} s",
                             options_.address.shown(), options_.breaker.closed_for.count() / 1000));
  }
  if (answers)
    for (const auto& answer : *answers)
      if (answer.kind == RedisReply::Kind::error)
        note("refused", fmt::format("the shared cache {} refuses: {}", options_.address.shown(), answer.text));
  return answers;
}

Result<std::string> SharedTier::opened(std::string_view key_name, const std::string& sealed) {
  auto raw = [&]() -> Result<std::string> {
    if (!options_.cipher) return unseal(key_name, options_.secret, sealed, clock_.wall(), options_.ttl);
    SKEIN_TRY(const auto plain, options_.cipher->decrypt(key_name, sealed));
    return unseal(key_name, options_.secret, plain, clock_.wall(), options_.ttl);
  }();
  if (raw) return raw;
  if (raw.error().code() == Code::timed_out) {
    telemetry_.add(Telemetry::expired);
  } else {
    telemetry_.add(Telemetry::damaged);
    note("damaged", fmt::format("{}: it is made again ({})", raw.error().message(), options_.address.shown()));
  }
  return raw;
}

std::string SharedTier::closed(std::string_view key_name, std::string_view raw, WallTime until) const {
  std::string sealed = seal(key_name, options_.secret, raw, until);
  return options_.cipher ? options_.cipher->encrypt(key_name, sealed) : sealed;
}

CacheFound SharedTier::get(const CacheKey& key) {
  const std::string key_name = blob_name(key);
  CacheFound found;
  const auto start = clock_.now();
  const auto answers = call({{"GET", key_name}});
  telemetry_.record_get(clock_.now() - start);
  if (!answers) {
    found.reason = MissReason::unavailable;
  } else if (answers->front().kind == RedisReply::Kind::text) {
    auto raw = opened(key_name, answers->front().text);
    if (raw) {
      found.bytes = std::make_shared<const std::string>(std::move(*raw));
      telemetry_.add_hit(0, 0);
      if (observer_ != nullptr) observer_->on_hit(name(), key, found.bytes->size());
      return found;
    }
    found.reason = raw.error().code() == Code::timed_out ? MissReason::expired : MissReason::damaged;
  } else {
    telemetry_.add(Telemetry::absent);
  }
  if (observer_ != nullptr) observer_->on_miss(name(), key, found.reason);
  return found;
}

void SharedTier::put(const CacheKey& key, CacheValue value) {
  if (value.bytes == nullptr || value.bytes->size() > options_.largest) {
    telemetry_.add(Telemetry::refused);
    return;
  }
  const std::string key_name = blob_name(key);
  const Micros ttl = std::min(value.ttl.value_or(options_.ttl), options_.ttl);
  const auto start = clock_.now();
  const auto answers =
      call({{"SET", key_name, closed(key_name, *value.bytes, clock_.wall() + ttl), "PX", millis_of(ttl)}});
  telemetry_.record_put(clock_.now() - start);
  const bool kept = answers && answers->front().kind != RedisReply::Kind::error;
  telemetry_.add(kept ? Telemetry::puts : Telemetry::refused);
}

void SharedTier::remove(const CacheKey& key) {
  if (call({{"DEL", blob_name(key)}})) telemetry_.add(Telemetry::removed);
}

std::vector<SharedTier::Whole> SharedTier::find(const Digest& declared) {
  std::vector<Whole> found;
  const std::string result_key = result_name(declared);
  const auto start = clock_.now();
  const auto answers = call({{"HGETALL", result_key}});
  if (!answers) return found;
  const auto& fields = answers->front().list;
  std::vector<engine::StoredResult> results;
  Command blobs{"MGET"};
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const auto key = Digest::parse(fields[i].text);
    const auto raw = opened(result_key + ":" + fields[i].text, fields[i + 1].text);
    if (!key || !raw) continue;
    auto result = engine::decode_result(declared, *key, *raw);
    // Whoever wrote it, the key must be what was declared and read.
    if (!result || engine::complete_key(declared, result->reads) != *key) {
      telemetry_.add(Telemetry::damaged);
      continue;
    }
    for (const auto& blob : blobs_of(*result)) blobs.push_back(blob_name({blob, 0}));
    results.push_back(std::move(*result));
  }
  std::size_t at = 1;
  Result<std::vector<RedisReply>> bytes;
  if (blobs.size() > 1) bytes = call({blobs});
  if (!bytes) return found;
  for (auto& result : results) {
    Whole whole{std::move(result), {}};
    bool complete = true;
    for (const auto& blob : blobs_of(whole.result)) {
      const std::size_t index = at++ - 1;
      if (bytes->empty() || index >= bytes->front().list.size() ||
          bytes->front().list[index].kind != RedisReply::Kind::text) {
        complete = false;
        continue;
      }
      auto raw = opened(blobs[index + 1], bytes->front().list[index].text);
      if (!raw || sha256(*raw) != blob) {
        complete = false;
        continue;
      }
      whole.blobs.push_back(std::move(*raw));
    }
    if (complete) found.push_back(std::move(whole));
  }
  telemetry_.record_get(clock_.now() - start);
  if (found.empty()) {
    telemetry_.add(Telemetry::absent);
    if (observer_ != nullptr) observer_->on_miss(name(), {declared, 1}, MissReason::absent);
    return found;
  }
  const auto& usage = found.front().result.usage;
  telemetry_.add_hit(usage.wall.count(), usage.money.value);
  paid(usage.wall);
  if (observer_ != nullptr) observer_->on_hit(name(), {declared, 1}, found.front().blobs.size());
  return found;
}

bool SharedTier::put_all(const std::vector<Whole>& results) {
  std::vector<Command> commands;
  const auto until = clock_.wall() + options_.ttl;
  const std::string ttl = millis_of(options_.ttl);
  for (const auto& whole : results) {
    const auto blobs = blobs_of(whole.result);
    bool fits = true;
    for (const auto& bytes : whole.blobs) fits = fits && bytes.size() <= options_.largest;
    if (!fits || blobs.size() != whole.blobs.size()) {
      telemetry_.add(Telemetry::refused);
      continue;
    }
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      const std::string key_name = blob_name({blobs[i], 0});
      commands.push_back({"SET", key_name, closed(key_name, whole.blobs[i], until), "PX", ttl});
    }
    const std::string key_name = result_name(whole.result.declared);
    const std::string field = whole.result.key.hex();
    commands.push_back({"HSET", key_name, field, closed(key_name + ":" + field, engine::encode(whole.result), until)});
    commands.push_back({"PEXPIRE", key_name, ttl});
  }
  if (commands.empty()) return true;
  const auto start = clock_.now();
  const auto answers = call(std::move(commands));
  telemetry_.record_put(clock_.now() - start);
  if (!answers) return false;
  for (const auto& answer : *answers)
    telemetry_.add(answer.kind == RedisReply::Kind::error ? Telemetry::refused : Telemetry::puts);
  return true;
}

bool SharedTier::lease(const Digest& declared, const std::string& token, Millis length) {
  const auto answers = call({{"SET", lease_name(declared), token, "NX", "PX", std::to_string(length.count())}});
  return !answers || answers->front().kind != RedisReply::Kind::none;
}

void SharedTier::renew(const Digest& declared, const std::string& token, Millis length) {
  [[maybe_unused]] const auto late =
      call({{"EVAL", std::string(kRenewScript), "1", lease_name(declared), token, std::to_string(length.count())}});
}

void SharedTier::release(const Digest& declared, const std::string& token) {
  [[maybe_unused]] const auto late = call({{"EVAL", std::string(kReleaseScript), "1", lease_name(declared), token}});
}

CacheCounts SharedTier::counts() const { return counts_of(telemetry_); }

}  // namespace skein::cache
