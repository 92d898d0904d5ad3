#include "text/shell_quote.h"

#include <vector>

#include <gtest/gtest.h>

namespace skein::text {
namespace {

std::string line(const std::vector<std::string>& words) { return shell_line(words); }

TEST(ShellLine, QuotesOnlyWhatAShellWouldTakeForSomethingElse) {
  EXPECT_EQ(line({"make", "-j2", "CFLAGS=-O2", "./a/b.c"}), "make -j2 CFLAGS=-O2 ./a/b.c");
  EXPECT_EQ(line({"sh", "-c", "kill -SEGV $$"}), "sh -c 'kill -SEGV $$'");
  EXPECT_EQ(line({"echo", "", "it's", "*"}), "echo '' 'it'\\''s' '*'");
  EXPECT_EQ(line({}), "");
}

}  // namespace
}  // namespace skein::text
