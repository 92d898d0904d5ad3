// A file descriptor that is closed when its owner goes.
#pragma once

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/result.h"

namespace skein {

struct Descriptor {
  int number = -1;
  Descriptor() = default;
  Descriptor(Descriptor&& other) noexcept : number(std::exchange(other.number, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number, other.number);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number >= 0) ::close(number);
    number = -1;
  }
};

/// A pipe that no other program inherits.
inline Status make_pipe(Descriptor& reading, Descriptor& writing) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error(errno, "cannot make a pipe"));
  reading.number = ends[0];
  writing.number = ends[1];
  return {};
}

}  // namespace skein
