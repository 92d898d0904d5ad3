// `checksum64` (digest.h) of bytes that do not stand in one place.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace skein {

/// Gives for pieces what `checksum64` gives for all of them together.
class Checksum {
 public:
  Checksum();
  ~Checksum();
  Checksum(const Checksum&) = delete;
  Checksum& operator=(const Checksum&) = delete;

  Checksum& add(std::string_view piece);
  [[nodiscard]] std::uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace skein
