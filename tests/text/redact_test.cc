#include "text/redact.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::text {
namespace {

struct Case {
  std::string text;
  std::string redacted;
};

// Made up: none of them ever opened anything. Split so that scanners of this repository stay quiet.
const std::string kAws = std::string("AKIA") + "ABCDEFGHIJKLMNOP";
const std::string kGithub = std::string("ghp_") + "abcdefghijklmnopqrstuvwxyz0123456789";
const std::string kModel = std::string("sk-") + "proj-abcdefghij0123456789";

TEST(Redact, MarksTheKnownShapes) {
  const std::vector<Case> cases{
      {"key " + kAws + " used", "key [redacted:aws-key] used"},
      {"remote: " + kGithub + "\n", "remote: [redacted:github-token]\n"},
      {"OPENAI=" + kModel + ";", "OPENAI=[redacted:api-key];"},
      {"Authorization: Bearer abc123.def456-xyz", "Authorization: Bearer [redacted:bearer]"},
      {"authorization: basic dXNlcjpwYXNz0000", "authorization: basic [redacted:basic]"},
      {"password=hunter2!", "password=[redacted:password]"},
      {"\"db_password\": \"p w d\", \"x\": 1", "\"db_password\": \"[redacted:password]\", \"x\": 1"},
      {"API-KEY: abcd1234", "API-KEY: [redacted:password]"},
      {"?token=abcdef&page=2", "?token=[redacted:password]&page=2"},
      {"git clone https://user:s3cret@host/x.git", "git clone https://user:[redacted:url-password]@host/x.git"},
      {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefgh-_1", "[redacted:web-token]"},
      {std::string("-----BEGIN RSA PRIVATE") + " KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest",
       "[redacted:private-key]\nrest"},
  };
  for (const Case& one : cases) EXPECT_EQ(redact(one.text), one.redacted);
}

TEST(Redact, LeavesOrdinaryTextAlone) {
  for (const std::string_view text :
       {"", "the password is kept elsewhere", "tokens: 12", "sk-learn", "Basic knowledge of C++",
        "https://host:8080/path@2x", "password: $PASSWORD", "AKIA", "bearer of good news",
        "while reading src/base/result.h", "-----BEGIN CERTIFICATE-----\nMIIE"})
    EXPECT_EQ(redact(text), text);
}

TEST(Redact, DoesItsWorkOnlyOnce) {
  const std::string once = redact("password=hunter2! and https://a:bcde@c/");
  EXPECT_EQ(redact(once), once);
}

TEST(Redact, TakesAnyBytesAndGivesSpansInOrder) {
  SeededRandom random(7);
  const std::string alphabet = "aZ09-_ :/@=\"'.\n\x80\xff" + std::string(1, '\0');
  for (int round = 0; round < 2000; ++round) {
    std::string text = round % 2 == 0 ? "token=" : "https://";
    for (std::uint64_t i = random.below(60); i > 0; --i) text += alphabet[random.below(alphabet.size())];
    std::size_t end = 0;
    for (const SecretSpan& span : find_secrets(text)) {
      EXPECT_GE(span.offset, end);
      EXPECT_GT(span.size, 0U);
      end = span.offset + span.size;
      EXPECT_LE(end, text.size());
    }
  }
}

}  // namespace
}  // namespace skein::text
