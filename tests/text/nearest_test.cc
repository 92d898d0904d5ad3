#include "text/nearest.h"

#include <gtest/gtest.h>

namespace skein::text {
namespace {

const std::vector<std::string> kNames{"docs", "symbols", "runs", "doctor", "version"};

TEST(Nearest, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("dosc", "docs"), 1U);
  EXPECT_EQ(edit_distance("docs", "dosc"), 1U);
}

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("dosc", kNames), "docs");
  EXPECT_EQ(nearest("doctr", kNames), "doctor");
  EXPECT_EQ(nearest("versoin", kNames), "version");
  EXPECT_EQ(nearest("sym", kNames), "symbols");
}

TEST(Nearest, NamesNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("frobnicate", kNames), "");
  EXPECT_EQ(nearest("", kNames), "");
  EXPECT_EQ(nearest("x", kNames), "");
  EXPECT_EQ(did_you_mean("frobnicate", kNames), "");
  EXPECT_EQ(did_you_mean("dosc", kNames), " (did you mean \"docs\"?)");
}

TEST(Nearest, ComparesLongNamesByTheirStart) {
  EXPECT_EQ(edit_distance(std::string(1000, 'a'), std::string(2000, 'a')), 0U);
}

}  // namespace
}  // namespace skein::text
