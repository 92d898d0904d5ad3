// The engine's results in the store of a workspace.
#pragma once

#include <functional>

#include "engine/result_store.h"
#include "store/store.h"

namespace skein::engine {

/// A view of a store, which outlives it.
class StoreResults final : public ResultStore {
 public:
  /// `is_plain`: whose outputs are kept as they are, not compressed; empty: nobody's.
  explicit StoreResults(store::Store& store, std::function<bool(std::string_view agent)> is_plain = {})
      : store_(store), is_plain_(std::move(is_plain)) {}

  [[nodiscard]] Result<std::vector<StoredResult>> find(const Digest& declared) override;
  Status put(const StoredResult& result) override;
  Status forget(const Digest& key) override { return store_.forget_result(key); }
  [[nodiscard]] Result<Digest> put_blob(std::string_view bytes) override { return store_.put_blob(bytes); }
  [[nodiscard]] Result<Digest> put_output(std::string_view agent, std::string_view bytes) override;
  [[nodiscard]] Result<std::string> get_blob(const Digest& digest) override { return store_.get_blob(digest); }
  Status flush() override { return store_.flush(); }

 private:
  store::Store& store_;
  std::function<bool(std::string_view)> is_plain_;
};

}  // namespace skein::engine
