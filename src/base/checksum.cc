#include "base/checksum.h"

#include <xxhash.h>

#include "base/check.h"

namespace skein {

struct Checksum::State {
  XXH3_state_t* xxh = XXH3_createState();
  State() { SKEIN_CHECK(xxh != nullptr && XXH3_64bits_reset(xxh) == XXH_OK); }
  ~State() { XXH3_freeState(xxh); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Checksum::Checksum() : state_(std::make_unique<State>()) {}
Checksum::~Checksum() = default;

Checksum& Checksum::add(std::string_view piece) {
  XXH3_64bits_update(state_->xxh, piece.data(), piece.size());
  return *this;
}

std::uint64_t Checksum::value() const { return XXH3_64bits_digest(state_->xxh); }

}  // namespace skein
