// toml++ as all of skein includes it. Its inline functions differ with its settings, and a program may hold one form of
// each only: include this, and only in .cc files.
#pragma once

// toml++ 3.3 asserts, and with NDEBUG assumes, that "[" is followed by a key before it looks whether it is: "[=]" would
// end the program. Without the assertion its own error follows, as an exception that the caller catches.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>
