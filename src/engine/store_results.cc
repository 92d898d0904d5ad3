#include "engine/store_results.h"

namespace skein::engine {

Result<std::vector<StoredResult>> StoreResults::find(const Digest& declared) {
  SKEIN_TRY(const auto records, store_.find_results(declared));
  std::vector<StoredResult> results;
  results.reserve(records.size());
  for (const auto& record : records) {
    auto result = decode_result(record.declared, record.key, record.payload);
    if (result) {
      results.push_back(std::move(*result));
    } else {
      SKEIN_DO(store_.forget_result(record.key));  // Damaged, or of a newer skein: made again.
    }
  }
  return results;
}

Result<Digest> StoreResults::put_output(std::string_view agent, std::string_view bytes) {
  const Digest digest = sha256(bytes);
  const auto packing = is_plain_ && is_plain_(agent) ? store::Packing::plain : store::Packing::hot;
  SKEIN_DO(store_.put_blob(digest, bytes, packing));
  return digest;
}

Status StoreResults::put(const StoredResult& result) {
  store::ResultRecord record{result.declared, result.key, result.outputs, encode(result)};
  if (!result.log.is_none()) record.blobs.push_back(result.log);
  return store_.put_result(record);
}

}  // namespace skein::engine
