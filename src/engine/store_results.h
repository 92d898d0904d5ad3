// The engine's results in the store of a workspace.
#pragma once

#include "engine/result_store.h"
#include "store/store.h"

namespace skein::engine {

/// A view of a store, which outlives it.
class StoreResults final : public ResultStore {
 public:
  explicit StoreResults(store::Store& store) : store_(store) {}

  [[nodiscard]] Result<std::vector<StoredResult>> find(const Digest& declared) override;
  Status put(const StoredResult& result) override;
  Status forget(const Digest& key) override { return store_.forget_result(key); }
  [[nodiscard]] Result<Digest> put_blob(std::string_view bytes) override { return store_.put_blob(bytes); }
  [[nodiscard]] Result<std::string> get_blob(const Digest& digest) override { return store_.get_blob(digest); }
  Status flush() override { return store_.flush(); }

 private:
  store::Store& store_;
};

}  // namespace skein::engine
