#include "base/digest.h"

#include <gtest/gtest.h>

namespace skein {
namespace {

TEST(Digest, IsSha256AsInTheStandard) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, AuthenticatesAsInRfc4231) {
  EXPECT_EQ(hmac_sha256(std::string(20, '\x0b'), "Hi There").hex(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?").hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First").hex(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, ReadsBackItsOwnText) {
  const Digest digest = sha256("x");
  EXPECT_EQ(Digest::parse(digest.hex()), digest);
  EXPECT_EQ(Digest::from_bytes(digest.view()), digest);
  EXPECT_EQ(digest.short_hex(), digest.hex().substr(0, 12));
  EXPECT_FALSE(digest.is_none());
  EXPECT_TRUE(Digest{}.is_none());
}

TEST(Digest, RefusesOtherText) {
  const std::string good = sha256("x").hex();
  EXPECT_FALSE(Digest::parse(""));
  EXPECT_FALSE(Digest::parse(good.substr(1)));
  EXPECT_FALSE(Digest::parse(good + "0"));
  std::string upper = good;
  upper[0] = 'A';
  EXPECT_FALSE(Digest::parse(upper));
  std::string odd = good;
  odd[63] = 'g';
  EXPECT_FALSE(Digest::parse(odd));
  EXPECT_FALSE(Digest::from_bytes("short"));
}

TEST(Hasher, TakesPiecesAsOneTextAndFieldsApart) {
  EXPECT_EQ(Hasher().bytes("ab").bytes("c").finish(), sha256("abc"));
  EXPECT_NE(Hasher().field("ab").field("c").finish(), Hasher().field("a").field("bc").finish());
  EXPECT_NE(Hasher().number(1).finish(), Hasher().number(256).finish());
  EXPECT_NE(Hasher().field(sha256("a")).finish(), Hasher().field(sha256("b")).finish());
}

TEST(Checksum, DependsOnTheSeed) {
  EXPECT_NE(checksum64("abc"), checksum64("abc", 1));
  EXPECT_NE(checksum64("abc"), checksum64("abd"));
}

}  // namespace
}  // namespace skein
