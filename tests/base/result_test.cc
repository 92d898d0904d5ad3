#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace skein {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(Code::invalid_argument, "{} is odd", value);
  return value / 2;
}

Result<int> quarter(int value) {
  SKEIN_TRY(const int once, half(value));
  SKEIN_TRY(const int twice, half(once));
  return twice;
}

Status check(int value) {
  SKEIN_DO(half(value));
  return {};
}

TEST(Result, PassesErrorsOnAndValuesThrough) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message(), "3 is odd");
  EXPECT_TRUE(check(2));
  EXPECT_EQ(check(3).error().code(), Code::invalid_argument);
}

TEST(Error, TellsWhatWasDoneAndWhatToDo) {
  const Error error =
      Error(Code::not_found, "no file").with("reading a").with("building b").or_do("run x").or_do("run y");
  EXPECT_EQ(error.to_string(), "no file (reading a) (building b)");
  EXPECT_EQ(error.way_out(), "run x") << "the innermost advice stays";
  const Error more = error.with("c");
  EXPECT_EQ(more.context().size(), 3u);
  EXPECT_EQ(error.context().size(), 2u);
  EXPECT_EQ(error.or_do("z").way_out(), "run x");
  EXPECT_EQ(pass(error, "d").error().context().size(), 3u);
}

TEST(Code, HasANameThatReadsBack) {
  for (int i = 0; i <= static_cast<int>(Code::internal); ++i) {
    const auto code = static_cast<Code>(i);
    EXPECT_EQ(parse_code(to_string(code)), code);
  }
  EXPECT_EQ(parse_code("no such code"), Code::internal);
  EXPECT_EQ(to_string(static_cast<Code>(99)), "internal");
}

TEST(SystemError, IsSortedByItsNumber) {
  EXPECT_EQ(system_error(ENOENT, "x").code(), Code::not_found);
  EXPECT_EQ(system_error(EEXIST, "x").code(), Code::already_exists);
  EXPECT_EQ(system_error(EACCES, "x").code(), Code::permission_denied);
  EXPECT_EQ(system_error(ENOSPC, "x").code(), Code::resource_exhausted);
  EXPECT_EQ(system_error(EAGAIN, "x").code(), Code::unavailable);
  EXPECT_EQ(system_error(EIO, "cannot read x").code(), Code::io);
  EXPECT_EQ(system_error(EIO, "cannot read x").message(), "cannot read x: Input/output error");
}

}  // namespace
}  // namespace skein
