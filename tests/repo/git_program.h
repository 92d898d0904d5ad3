// The real git, as the tests' oracle and to make repositories. Never used by skein itself.
#pragma once

#include <string>
#include <vector>

namespace skein::test {

using Arguments = std::vector<std::string>;

/// Runs git in `folder`, with none of the machine's settings, and gives what it prints; fails the test if git does,
/// unless its exit code is in `fine`. `input` is its standard input.
std::string git(const std::string& folder, const Arguments& arguments, const std::string& input = "",
                const std::vector<int>& fine = {0});

}  // namespace skein::test
