// Where results live, as the engine sees it. store_results.h keeps them on disk; `MemoryResults` in memory; cache/ adds
// tiers later and changes no key.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/digest_index.h"
#include "engine/key.h"
#include "engine/usage.h"

namespace skein::engine {

/// What a finished step left.
struct StoredResult {
  Digest declared;              ///< Digest of the declared stage.
  Digest key;                   ///< The complete key.
  std::vector<KeyPart> parts;   ///< For `skein explain`: the declared parts,
  std::vector<Digest> inputs;   ///< the inputs,
  std::vector<Read> reads;      ///< and what was read.
  std::vector<Digest> outputs;  ///< Blobs, in the order of the step's outputs; then what was attached to them.
  Digest log;                   ///< What the step printed; none where it printed nothing.
  Usage usage;
  std::string agent;  ///< Name and result version: "repo.facts@1.0".
  // Provenance: never part of a key.
  std::string step;
  std::string run;
  std::string source;  ///< What it was made from: "commit ID", "tree DIGEST" of a tree that is no commit's, or empty.
  WallTime made{};     ///< When; the epoch where an older skein kept it.
};

/// The stored form, without `declared` and `key`, which the store keeps beside it.
[[nodiscard]] std::string encode(const StoredResult& result);
/// Errors: `data_corrupt`, `unsupported_version`.
[[nodiscard]] Result<StoredResult> decode_result(const Digest& declared, const Digest& key, std::string_view bytes);

/// The right to make a value, held until destroyed.
class Claim {
 public:
  virtual ~Claim() = default;
  /// True: somebody else was making it, and may be done: look again.
  [[nodiscard]] virtual bool waited() const = 0;
};

/// Thread-safe.
class ResultStore {
 public:
  virtual ~ResultStore() = default;
  /// All results with this declared digest, newest first.
  [[nodiscard]] virtual Result<std::vector<StoredResult>> find(const Digest& declared) = 0;
  /// Keeps a result whose blobs were put before; durable after `flush`.
  virtual Status put(const StoredResult& result) = 0;
  virtual Status forget(const Digest& key) = 0;
  [[nodiscard]] virtual Result<Digest> put_blob(std::string_view bytes) = 0;
  /// The same for an output of `agent`, whose namespace may say how it is kept.
  [[nodiscard]] virtual Result<Digest> put_output(std::string_view agent, std::string_view bytes);
  /// Errors: `not_found`, `data_corrupt`: the blob can be made again by its step.
  [[nodiscard]] virtual Result<std::string> get_blob(const Digest& digest) = 0;
  /// Returns when all that was put before is durable.
  virtual Status flush() = 0;
  /// Asked before a value that was not found is made, where that takes longer than asking: waits for whoever makes it
  /// already. Null: nobody else can.
  [[nodiscard]] virtual std::unique_ptr<Claim> claim(const Digest& declared, std::stop_token stop);
};

/// Results that live as long as the object.
class MemoryResults final : public ResultStore {
 public:
  [[nodiscard]] Result<std::vector<StoredResult>> find(const Digest& declared) override;
  Status put(const StoredResult& result) override;
  Status forget(const Digest& key) override;
  [[nodiscard]] Result<Digest> put_blob(std::string_view bytes) override;
  [[nodiscard]] Result<std::string> get_blob(const Digest& digest) override;
  Status flush() override { return {}; }

 private:
  /// Encoded: a third of the memory of a StoredResult.
  struct Kept {
    Digest declared;
    Digest key;
    std::string bytes;  ///< Empty: forgotten, or replaced by a newer one.
  };
  std::mutex mutex_;          // Guards all below.
  std::deque<Kept> results_;  // The newest last.
  DigestIndex by_declared_;   // Positions in `results_`.
  std::unordered_map<Digest, std::string> blobs_;
};

}  // namespace skein::engine
