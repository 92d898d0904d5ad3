// Whether two names mean one test: runners write it as "TestC.test_x", "tests/x.py::TestC::test_x" and
// "test_x (tests.x.TestC)" in the same log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skein::summary {

/// The parts of a test's name, the outermost first; what stands in brackets (parameters) is never cut.
[[nodiscard]] std::vector<std::string_view> test_name_parts(std::string_view name);

/// The innermost part.
[[nodiscard]] std::string_view last_test_name_part(std::string_view name);

/// True where the parts of one are the last parts of the other.
[[nodiscard]] bool same_test(std::string_view a, std::string_view b);

}  // namespace skein::summary
