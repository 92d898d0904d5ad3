#include "cache/cipher.h"

#include <gtest/gtest.h>

namespace skein::cache {
namespace {

TEST(Cipher, GivesBackWhatWasEncryptedUnderItsKeyAndNameAlone) {
  const auto mine = Cipher::make("secret").value();
  const auto theirs = Cipher::make("other").value();
  for (const auto& raw : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
    const auto sealed = mine.encrypt("name", raw);
    EXPECT_EQ(mine.decrypt("name", sealed).value(), raw);
    EXPECT_EQ(Cipher::make("secret").value().decrypt("name", sealed).value(), raw) << "by another process";
    EXPECT_EQ(mine.decrypt("eman", sealed).error().code(), Code::data_corrupt);
    EXPECT_EQ(theirs.decrypt("name", sealed).error().code(), Code::data_corrupt);
    EXPECT_NE(sealed, mine.encrypt("name", raw)) << "two of one value cannot be told for equal";
  }
}

TEST(Cipher, AnyFlippedBitAndAnyCutIsFound) {
  const auto cipher = Cipher::make("secret").value();
  const auto sealed = cipher.encrypt("name", "a value");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto bad = sealed;
    bad[i] = static_cast<char>(bad[i] ^ 4);
    EXPECT_FALSE(cipher.decrypt("name", bad)) << i;
    EXPECT_FALSE(cipher.decrypt("name", sealed.substr(0, i))) << i;
  }
}

}  // namespace
}  // namespace skein::cache
