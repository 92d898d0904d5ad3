// What steps may read of the outside beside their inputs. Every read is recorded and completes the step's key.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/key.h"

namespace skein::engine {

/// A workspace as it was when the run started. Paths are relative to it. Thread-safe.
class World {
 public:
  virtual ~World() = default;
  /// The whole file. Errors: `not_found`; `unavailable` when its bytes are no longer those of `state`.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path) const = 0;
  /// The digest that a recorded read of this kind and path would have now: none for an absent path.
  [[nodiscard]] virtual Digest state(ReadKind kind, const std::string& path) const = 0;
};

}  // namespace skein::engine
