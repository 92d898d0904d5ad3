#include "engine/result_store.h"

#include <algorithm>

#include "base/bytes.h"
#include "engine/usage_codec.h"

namespace skein::engine {
namespace {

/// 2 added source and time; what 1 wrote is read all the same.
constexpr std::uint8_t kVersion = 2;
/// The year 2255: a time that anybody may add to.
constexpr std::uint64_t kLatest = std::uint64_t{1} << 53;

}  // namespace

std::string encode(const StoredResult& result) {
  ByteWriter writer;
  // Near enough for one allocation and little to spare: the in-memory store keeps the string as it is.
  std::size_t size = 64 + 32 * (result.inputs.size() + result.outputs.size() + 1) + result.agent.size() +
                     result.step.size() + result.run.size() + result.source.size();
  for (const auto& part : result.parts) size += part.name.size() + part.value.size() + 2;
  for (const auto& read : result.reads) size += read.path.size() + 34;
  writer.reserve(size);
  writer.u8(kVersion).varint(result.parts.size());
  for (const auto& part : result.parts) writer.text(part.name).text(part.value);
  writer.varint(result.inputs.size());
  for (const auto& digest : result.inputs) writer.digest(digest);
  writer.varint(result.reads.size());
  for (const auto& read : result.reads)
    writer.u8(static_cast<std::uint8_t>(read.kind)).text(read.path).digest(read.digest);
  writer.varint(result.outputs.size());
  for (const auto& digest : result.outputs) writer.digest(digest);
  writer.digest(result.log);
  encode_usage(writer, result.usage);
  writer.text(result.agent).text(result.step).text(result.run).text(result.source);
  const auto made = std::max<std::int64_t>(0, result.made.time_since_epoch().count());
  writer.varint(std::min(static_cast<std::uint64_t>(made), kLatest));
  return writer.take();
}

Result<StoredResult> decode_result(const Digest& declared, const Digest& key, std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint8_t version = reader.u8();
  if (version > kVersion)
    return fail(Code::unsupported_version, "a stored result has format {}, this skein reads {}", version, kVersion);
  StoredResult result;
  result.declared = declared;
  result.key = key;
  result.parts.resize(reader.count(2));
  for (auto& part : result.parts) {
    part.name = reader.text();
    part.value = reader.text();
  }
  result.inputs.resize(reader.count(32));
  for (auto& digest : result.inputs) digest = reader.digest();
  result.reads.resize(reader.count(34));
  for (auto& read : result.reads) {
    read.kind = static_cast<ReadKind>(reader.u8());
    read.path = reader.text();
    read.digest = reader.digest();
  }
  result.outputs.resize(reader.count(32));
  for (auto& digest : result.outputs) digest = reader.digest();
  result.log = reader.digest();
  result.usage = decode_usage(reader);
  result.agent = reader.text();
  result.step = reader.text();
  result.run = reader.text();
  if (version > 1) {
    result.source = reader.text();
    result.made = WallTime(Micros(static_cast<std::int64_t>(std::min(reader.varint(), kLatest))));
  }
  SKEIN_DO(reader.finish("a stored result"));
  return result;
}

Result<Digest> ResultStore::put_output(std::string_view, std::string_view bytes) { return put_blob(bytes); }
std::unique_ptr<Claim> ResultStore::claim(const Digest&, std::stop_token) { return nullptr; }

Result<std::vector<StoredResult>> MemoryResults::find(const Digest& declared) {
  const std::scoped_lock lock(mutex_);
  std::vector<const Kept*> kept;
  by_declared_.each_candidate(declared, [&](std::uint32_t position) {
    const Kept& one = results_[position];
    if (one.declared == declared && !one.bytes.empty()) kept.push_back(&one);
  });
  std::vector<StoredResult> results;
  results.reserve(kept.size());
  for (auto at = kept.rbegin(); at != kept.rend(); ++at) {
    SKEIN_TRY(auto result, decode_result(declared, (*at)->key, (*at)->bytes));
    results.push_back(std::move(result));
  }
  return results;
}

Status MemoryResults::put(const StoredResult& result) {
  std::string bytes = encode(result);
  const std::scoped_lock lock(mutex_);
  by_declared_.each_candidate(result.declared, [&](std::uint32_t position) {
    Kept& one = results_[position];
    if (one.declared == result.declared && one.key == result.key) one.bytes = std::string();
  });
  by_declared_.add(result.declared, static_cast<std::uint32_t>(results_.size()));
  results_.push_back({result.declared, result.key, std::move(bytes)});
  return {};
}

Status MemoryResults::forget(const Digest& key) {
  const std::scoped_lock lock(mutex_);
  for (auto& one : results_)
    if (one.key == key) one.bytes = std::string();
  return {};
}

Result<Digest> MemoryResults::put_blob(std::string_view bytes) {
  const Digest digest = sha256(bytes);
  const std::scoped_lock lock(mutex_);
  blobs_.try_emplace(digest, bytes);
  return digest;
}

Result<std::string> MemoryResults::get_blob(const Digest& digest) {
  const std::scoped_lock lock(mutex_);
  const auto found = blobs_.find(digest);
  if (found == blobs_.end()) return fail(Code::not_found, "no blob {}", digest.short_hex());
  return found->second;
}

}  // namespace skein::engine
