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

Status StoreResults::put(const StoredResult& result) {
  store::ResultRecord record{result.declared, result.key, result.outputs, encode(result)};
  if (!result.log.is_none()) record.blobs.push_back(result.log);
  return store_.put_result(record);
}

}  // namespace skein::engine
