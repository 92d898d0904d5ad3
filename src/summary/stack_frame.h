// Frames of stack traces that are not the user's: of runtimes, test runners and installed packages.
#pragma once

#include <string_view>

namespace skein::summary {

/// Whether a line of a stack trace names a place in a library: `at org.junit.Assert.fail(Assert.java:89)`,
/// `File "/usr/lib/python3.11/unittest/case.py", line 57`, `at Module._compile (node:internal/...)`. Linear.
[[nodiscard]] bool is_library_frame(std::string_view line);

}  // namespace skein::summary
