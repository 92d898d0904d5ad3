#include "repo/lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::repo {
namespace {

using testing::SizeIs;

std::string taken(const char* path, std::string_view bytes, const char* name, const char* range = "",
                  const char* manifest = "package.json") {
  const auto lock = parse_lock(path, bytes);
  EXPECT_THAT(lock.notes, SizeIs(0)) << path;
  return locked_version(lock, manifest, {name, range, {}});
}

TEST(Lock, IsKnownByItsName) {
  EXPECT_EQ(lock_kind("a/package-lock.json"), ManifestKind::npm);
  EXPECT_EQ(lock_kind("uv.lock"), ManifestKind::python);
  EXPECT_EQ(lock_kind("go.sum"), std::nullopt);
}

TEST(Lock, OfNpmTellsTheCopiesOfWorkspacesApart) {
  constexpr std::string_view kLock =
      R"({"packages":{"":{},"node_modules/a":{"version":"1.0.1"},"node_modules/a/node_modules/b":{"version":"9"},)"
      R"("packages/x/node_modules/a":{"version":"2.0.0"},"node_modules/@s/b":{"version":"3"}}})";
  EXPECT_EQ(taken("package-lock.json", kLock, "a"), "1.0.1");
  EXPECT_EQ(taken("package-lock.json", kLock, "@s/b"), "3");
  EXPECT_EQ(taken("package-lock.json", kLock, "b"), "");
  EXPECT_EQ(taken("package-lock.json", kLock, "a", "", "packages/x/package.json"), "2.0.0");
  EXPECT_EQ(taken("package-lock.json", kLock, "@s/b", "", "packages/x/package.json"), "3");
  EXPECT_EQ(taken("package-lock.json", R"({"dependencies":{"a":{"version":"4"}}})", "a"), "4");
}

TEST(Lock, OfYarnGoesByTheRange) {
  constexpr std::string_view kOld =
      "# yarn lockfile v1\n\na@^1.0.0, a@^1.1.0:\n  version \"1.2.0\"\n\n\"@s/b@^2\", a@^2:\n  version \"2.5.0\"\n";
  EXPECT_EQ(taken("yarn.lock", kOld, "a", "^1.1.0"), "1.2.0");
  EXPECT_EQ(taken("yarn.lock", kOld, "a", "^2"), "2.5.0");
  EXPECT_EQ(taken("yarn.lock", kOld, "@s/b", "^2"), "2.5.0");
  EXPECT_EQ(taken("yarn.lock", kOld, "a", "*"), "1.2.0, 2.5.0");
  EXPECT_EQ(taken("yarn.lock", "\"a@npm:^1\":\n  version: 1.9\n", "a", "^1"), "1.9");
}

TEST(Lock, OfPnpmGoesByTheFolder) {
  constexpr std::string_view kLock =
      "lockfileVersion: '6.0'\nimporters:\n  .:\n    dependencies:\n      a: {specifier: ^1, version: 1.5.0(b@2)}\n"
      "  packages/x:\n    devDependencies:\n      a: {specifier: ^2, version: 2.10}\n";
  EXPECT_EQ(taken("pnpm-lock.yaml", kLock, "a"), "1.5.0");
  EXPECT_EQ(taken("pnpm-lock.yaml", kLock, "a", "", "packages/x/package.json"), "2.10");
}

TEST(Lock, OfOtherToolsAreRead) {
  EXPECT_EQ(taken("Cargo.lock", "[[package]]\nname = \"serde\"\nversion = \"1.0.2\"\n", "serde"), "1.0.2");
  EXPECT_EQ(taken("poetry.lock", "[[package]]\nname = \"typing-extensions\"\nversion = \"4\"\n", "Typing_Extensions"),
            "4");
  EXPECT_EQ(taken("Pipfile.lock", R"({"default":{"a":{"version":"==2"}}})", "a"), "2");
  EXPECT_EQ(taken("Gemfile.lock",
                  "GEM\n  specs:\n    rails (7.0.4)\n      rack (~> 2)\n    ffi (1.15-x86_64-linux)\n\n"
                  "DEPENDENCIES\n  rails\n",
                  "rails"),
            "7.0.4");
  EXPECT_EQ(taken("composer.lock", R"({"packages":[{"name":"a/b","version":"v1"}],"packages-dev":[]})", "a/b"), "v1");
  EXPECT_EQ(taken("gradle.lockfile", "# c\na:b:1.2=compileClasspath\nempty=\n", "a:b"), "1.2");
  EXPECT_EQ(taken("packages.lock.json", R"({"dependencies":{"net8.0":{"Serilog":{"resolved":"3.1"}}}})", "serilog"),
            "3.1");
}

TEST(Lock, NotesWhatIsNoneAndTakesAnyBytes) {
  EXPECT_THAT(parse_lock("package-lock.json", "[").notes, SizeIs(1));
  EXPECT_THAT(parse_lock("pnpm-lock.yaml", "a: [").notes, SizeIs(1));
  SeededRandom random(7);
  for (const char* path : {"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "Cargo.lock", "Gemfile.lock",
                           "composer.lock", "gradle.lockfile", "packages.lock.json", "Pipfile.lock"}) {
    for (int round = 0; round < 300; ++round) {
      std::string bytes;
      static constexpr std::string_view kBytes = "a[]{}()\"'\\#=:;,.\n\r\t $-@<>/&*|\xff\0z1";
      for (auto size = random.below(60); size > 0; --size) bytes += kBytes[random.below(kBytes.size())];
      EXPECT_EQ(parse_lock(path, bytes).path, path);
    }
  }
}

}  // namespace
}  // namespace skein::repo
