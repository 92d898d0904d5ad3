#include "engine/result_store.h"

#include <algorithm>

#include "base/bytes.h"
#include "engine/usage_codec.h"

namespace skein::engine {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

std::string encode(const StoredResult& result) {
  ByteWriter writer;
  // Near enough for one allocation and little to spare: the in-memory store keeps the string as it is.
  std::size_t size = 64 + 32 * (result.inputs.size() + result.outputs.size() + 1) + result.agent.size() +
                     result.step.size() + result.run.size();
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
  writer.text(result.agent).text(result.step).text(result.run);
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
  SKEIN_DO(reader.finish("a stored result"));
  return result;
}

Result<std::vector<StoredResult>> MemoryResults::find(const Digest& declared) {
  const std::scoped_lock lock(mutex_);
  const auto [first, last] = results_.equal_range(declared);
  std::vector<const Kept*> kept;
  for (auto at = first; at != last; ++at) kept.push_back(&at->second);
  std::sort(kept.begin(), kept.end(), [](const Kept* a, const Kept* b) { return a->number > b->number; });
  std::vector<StoredResult> results;
  results.reserve(kept.size());
  for (const Kept* one : kept) {
    SKEIN_TRY(auto result, decode_result(declared, one->key, one->bytes));
    results.push_back(std::move(result));
  }
  return results;
}

Status MemoryResults::put(const StoredResult& result) {
  std::string bytes = encode(result);
  const std::scoped_lock lock(mutex_);
  const auto [first, last] = results_.equal_range(result.declared);
  for (auto at = first; at != last; ++at) {
    if (at->second.key != result.key) continue;
    results_.erase(at);
    break;
  }
  results_.emplace(result.declared, Kept{result.key, ++last_number_, std::move(bytes)});
  return {};
}

Status MemoryResults::forget(const Digest& key) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(results_, [&](const auto& entry) { return entry.second.key == key; });
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
