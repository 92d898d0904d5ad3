// Assertions of the programmer's mistakes, on in every build. Never for bad input.
#pragma once

#include <string_view>

namespace skein {

/// Prints what was broken and where, and aborts.
[[noreturn]] void check_failed(std::string_view condition, std::string_view file, int line);

}  // namespace skein

#define SKEIN_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::skein::check_failed(#condition, __FILE__, __LINE__))
