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

/// The input with these spans replaced, as a stream must give it.
std::string replaced(const std::string& text, const std::vector<SecretSpan>& spans) {
  std::string out;
  std::size_t done = 0;
  for (const SecretSpan& span : spans) {
    out += text.substr(done, span.offset - done) + "[redacted:" + std::string(span.kind) + "]";
    done = span.offset + span.size;
  }
  return out + text.substr(done);
}

TEST(Redact, LeavesLinesOfCompilersAndCodeAlone) {
  for (const std::string_view text :
       {"error: unexpected token: identifier", "auto token = lexer.next();", "token: 12", "key: value",
        "  secret = nullptr", "parse error near token '}'", "password=None", "password=********", "api_key=${API_KEY}",
        "--token NAME", "cache key: src/base/result.h", "token=[redacted:password]", "Password::Reset",
        "rspec ./spec/password_spec.rb # User::Password::ResetsAfter24Hours", "std::token::Kind"})
    EXPECT_EQ(redact(text), text);
}

TEST(Redact, GivesTheSameForAStreamHoweverItIsCut) {
  const std::string key =
      std::string("-----BEGIN PRIVATE") + " KEY-----\n" + std::string(400, 'q') + "\n-----END PRIVATE" + " KEY-----";
  const std::vector<std::string> pieces{kAws,          kGithub,
                                        kModel,        "password=hunter2!",
                                        "\n",          "://u:p4ss@h/",
                                        key,           "token",
                                        ": ",          "=",
                                        "\"",          "bearer abc123.def456-xyz",
                                        "plain text ", "AKIA",
                                        "-----BEGIN ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefgh-_1"};
  SeededRandom random(11);
  for (int round = 0; round < 400; ++round) {
    std::string text;
    for (std::uint64_t i = random.below(12); i > 0; --i) text += pieces[random.below(pieces.size())];
    const std::vector<SecretSpan> whole = find_secrets(text);
    SecretStream stream;
    std::string out;
    std::vector<SecretSpan> spans;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = 1 + random.below(round % 3 == 0 ? 2 : 300);
      stream.feed(std::string_view(text).substr(at, size), out, spans);
      at += size;
    }
    stream.finish(out, spans);
    EXPECT_EQ(out, replaced(text, whole)) << "round " << round;
    ASSERT_EQ(spans.size(), whole.size()) << "round " << round;
    for (std::size_t i = 0; i < spans.size(); ++i) {
      EXPECT_EQ(spans[i].offset, whole[i].offset);
      EXPECT_EQ(spans[i].size, whole[i].size);
    }
  }
}

/// Lines of a build with words that look like secrets, and here and there one.
std::string long_text(SeededRandom& random, std::size_t size, std::uint64_t seldom) {
  const std::vector<std::string> plain{"Get:1 https://example.org/a.tgz [12 kB]\n",
                                       "no token, no key: none\n",
                                       "[12/400] Building x.cc.o\n",
                                       "the secret_name = of\n",
                                       "key",
                                       "\n"};
  const std::vector<std::string> secrets{
      kAws, kGithub, "password=hunter2!\n", "git://u:p4ss@h/\n",
      std::string("-----BEGIN PRIVATE") + " KEY-----\n" + std::string(900, 'q') + "\n-----END PRIVATE" + " KEY-----\n"};
  std::string text;
  while (text.size() < size)
    text += random.below(seldom) == 0 ? secrets[random.below(secrets.size())] : plain[random.below(plain.size())];
  return text;
}

TEST(Redact, GivesTheSameForLargePiecesThatAreHandedOn) {
  SeededRandom random(12);
  for (int round = 0; round < 60; ++round) {
    const std::string text = long_text(random, 200'000, round % 2 == 0 ? 3000 : 100'000);
    const std::vector<SecretSpan> whole = find_secrets(text);
    SecretStream stream;
    std::string out;
    std::vector<SecretSpan> spans;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t size = 1 + random.below(round % 3 == 0 ? 70'000 : 40'000);
      if (const std::size_t end = text.find('\n', at + size); round % 4 != 0 && end != std::string::npos)
        size = end + 1 - at;
      stream.feed(text.substr(at, size), [&](std::string some) { out += some; }, spans);
      at += size;
    }
    stream.finish(out, spans);
    ASSERT_EQ(out, replaced(text, whole)) << "round " << round;
    ASSERT_EQ(spans.size(), whole.size()) << "round " << round;
    for (std::size_t i = 0; i < spans.size(); ++i) {
      EXPECT_EQ(spans[i].offset, whole[i].offset);
      EXPECT_EQ(spans[i].size, whole[i].size);
    }
  }
}

TEST(Redact, FindsInALongTextWhatItFindsInSmallPieces) {
  SeededRandom random(13);
  const std::string text = long_text(random, 100'000, 60);
  const std::vector<SecretSpan> whole = find_secrets(text);
  EXPECT_GT(whole.size(), 20U);
  SecretStream stream;
  std::string out;
  std::vector<SecretSpan> spans;
  for (std::size_t at = 0; at < text.size(); at += 70) stream.feed(std::string_view(text).substr(at, 70), out, spans);
  stream.finish(out, spans);
  EXPECT_EQ(out, replaced(text, whole));
}

TEST(Redact, HoldsBackNoMoreThanARuleMayNeed) {
  SecretStream stream;
  std::string out;
  std::vector<SecretSpan> spans;
  const std::string endless = "token=" + std::string(1 << 20, 'a') + "1";
  for (std::size_t at = 0; at < endless.size(); at += 1000)
    stream.feed(std::string_view(endless).substr(at, 1000), out, spans);
  EXPECT_LT(stream.pending(), 40'000U);
}

TEST(SecretRules, NamesTheRuleAndWhatItLacks) {
  const auto lacking =
      SecretRules::parse("schema = 'skein.secrets/1'\n[[rule]]\nname = 'x'\nform = 'token'\nanchors = ['ab']");
  ASSERT_FALSE(lacking);
  EXPECT_NE(lacking.error().message().find("\"x\""), std::string::npos);
  EXPECT_FALSE(SecretRules::parse("schema = 'skein.secrets/2'"));
  EXPECT_FALSE(SecretRules::parse("[["));
}

}  // namespace
}  // namespace skein::text
