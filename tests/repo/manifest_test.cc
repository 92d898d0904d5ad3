#include "repo/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::repo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string shown(const Manifest& manifest) {
  std::string text;
  for (const auto& entry : manifest.dependencies)
    text += entry.name + " " + entry.range + " " + std::string(to_string(entry.scope)) + "\n";
  return text;
}

TEST(Manifest, IsKnownByItsName) {
  EXPECT_EQ(manifest_kind("a/package.json"), ManifestKind::npm);
  EXPECT_EQ(manifest_kind("CMakeLists.txt"), ManifestKind::cmake);
  EXPECT_EQ(manifest_kind("GNUmakefile"), ManifestKind::make);
  EXPECT_EQ(manifest_kind("Dockerfile.dev"), ManifestKind::docker);
  EXPECT_EQ(manifest_kind("main.c"), std::nullopt);
  for (const auto* path : {"a/Makefile", "b.mk", "x/Containerfile", "requirements-dev.txt", "Directory.Packages.props",
                           "app.CSPROJ", ".github/workflows/ci.yaml", ".gitlab-ci.yml", "build.gradle.kts", "go.mod",
                           "rakefile.rb", "y.gemspec", "web.dockerfile", "compose.yaml"})
    EXPECT_TRUE(manifest_kind(path)) << path;
  for (const auto* path : {"", "x", "mk", "a/mk", "requirements.txt.in", "dockerfiles", "a/ci.yml", "docs/x.txt"})
    EXPECT_FALSE(manifest_kind(path)) << path;
}

TEST(Manifest, ReadsPackageJson) {
  const auto manifest = parse_manifest("package.json", R"({"name":"@x/y","description":"Does it.","version":"1.2.3",
    "license":"MIT","main":"lib/index.js","bin":{"y":"bin/y.js"},"scripts":{"test":"jest","build":"tsc"},
    "dependencies":{"left-pad":"^1.0.0","odd":7},"devDependencies":{"jest":"29"}})");
  EXPECT_EQ(manifest.name, "@x/y");
  EXPECT_EQ(manifest.description, "Does it.");
  EXPECT_EQ(manifest.licence, "MIT");
  EXPECT_TRUE(manifest.has_script("test"));
  EXPECT_EQ(shown(manifest), "left-pad ^1.0.0 runtime\nodd  runtime\njest 29 development\n");
  EXPECT_THAT(manifest.entry_points, ElementsAre("lib/index.js", "y: bin/y.js"));
}

TEST(Manifest, ReadsPyprojectOfBothKinds) {
  const auto manifest = parse_manifest("pyproject.toml", R"(
[build-system]
requires = ["hatchling"]
[project]
name = "spam"
version = "2020.0.0"
description = "Lovely Spam!"
license = {text = "MIT"}
dependencies = ["httpx", "gidgethub[httpx]>4.0.0,<5", "django>2.1; os_name != 'nt'", "pip @ https://x/y.zip"]
[project.optional-dependencies]
gui = ["PyQt5"]
[project.scripts]
spam-cli = "spam:main_cli"
)");
  EXPECT_EQ(manifest.name, "spam");
  EXPECT_EQ(manifest.licence, "MIT");
  EXPECT_EQ(shown(manifest),
            "httpx  runtime\ngidgethub >4.0.0,<5 runtime\ndjango >2.1 runtime\npip @ https://x/y.zip runtime\n"
            "PyQt5  optional\nhatchling  build\n");
  EXPECT_THAT(manifest.entry_points, ElementsAre("spam-cli: spam:main_cli"));
  const auto poetry = parse_manifest("pyproject.toml", R"(
[tool.poetry]
name = "p"
[tool.poetry.dependencies]
python = "^3.8"
requests = {version = "^2.0", extras = ["x"]}
[tool.poetry.group.dev.dependencies]
pytest = "*"
)");
  EXPECT_EQ(poetry.name, "p");
  EXPECT_EQ(shown(poetry), "requests ^2.0 runtime\npytest * development\n");
}

TEST(Manifest, ReadsSetupCfgAndRequirements) {
  const auto manifest = parse_manifest("setup.cfg",
                                       "[metadata]\nname = thing\nversion = 1\ndescription: A thing\n"
                                       "[options]\ninstall_requires =\n    six>=1.9\n    attrs\n"
                                       "[options.entry_points]\nconsole_scripts =\n    thing = thing.cli:main\n");
  EXPECT_EQ(manifest.name, "thing");
  EXPECT_EQ(manifest.description, "A thing");
  EXPECT_EQ(shown(manifest), "six >=1.9 runtime\nattrs  runtime\n");
  EXPECT_THAT(manifest.entry_points, ElementsAre("thing: thing.cli:main"));
  EXPECT_EQ(shown(parse_manifest("requirements.txt", "# no\n-r other.txt\nflask==2.0 # web\r\n\nnumpy\n")),
            "flask ==2.0 runtime\nnumpy  runtime\n");
}

TEST(Manifest, ReadsCargoToml) {
  const auto manifest = parse_manifest("Cargo.toml", R"(
[package]
name = "rg"
version.workspace = true
license = "MIT OR Apache-2.0"
[workspace.package]
version = "13"
[[bin]]
name = "rg"
[dependencies]
serde = { version = "1", optional = true }
memchr = "2"
[dev-dependencies]
toml = { path = "../toml" }
)");
  EXPECT_EQ(manifest.name, "rg");
  EXPECT_EQ(manifest.version, "13");
  EXPECT_EQ(shown(manifest), "memchr 2 runtime\nserde 1 optional\ntoml  development\n");
  EXPECT_THAT(manifest.entry_points, ElementsAre("rg"));
}

TEST(Manifest, ReadsGoMod) {
  const auto manifest = parse_manifest(
      "go.mod",
      "module example.com/a/b // c\ngo 1.21\nrequire x.y/z v1.0.0\nrequire (\n\tq.r/s v0.1.0 // indirect\n)\n");
  EXPECT_EQ(manifest.name, "example.com/a/b");
  EXPECT_EQ(shown(manifest), "x.y/z v1.0.0 runtime\nq.r/s v0.1.0 indirect\n");
}

TEST(Manifest, ReadsCMakeLists) {
  const auto manifest = parse_manifest("CMakeLists.txt", R"(
# project(not_this)
#[[ project(nor this) ]]
cmake_minimum_required (VERSION 3.5)
PROJECT(demo VERSION 1.4 DESCRIPTION "A (small) demo" LANGUAGES CXX)
find_package(fmt 9.1 REQUIRED)
find_package(Doxygen)
add_executable(${skipped} main.cc)
add_executable(tool main.cc)
add_library(core STATIC a.cc)
include(CTest)
)");
  EXPECT_EQ(manifest.name, "demo");
  EXPECT_EQ(manifest.version, "1.4");
  EXPECT_EQ(manifest.description, "A (small) demo");
  EXPECT_EQ(shown(manifest), "fmt 9.1 build\nDoxygen  optional\n");
  EXPECT_THAT(manifest.entry_points, ElementsAre("tool: main.cc"));
  EXPECT_TRUE(manifest.has_script("test") && manifest.has_script("core"));
}

TEST(Manifest, ReadsMakefileTargets) {
  const auto manifest = parse_manifest("Makefile",
                                       ".PHONY: all\nCC := gcc\nX = a:b\nall: build\n\techo no:target\n"
                                       "## Compile it.\nbuild: x.o\n%.o: %.c\ntest check: build ## Run the tests.\n");
  ASSERT_THAT(manifest.scripts, SizeIs(4));
  EXPECT_EQ(manifest.scripts[0].name, "all");
  EXPECT_EQ(manifest.scripts[1].text, "Compile it.");
  EXPECT_EQ(manifest.scripts[3].name, "check");
  EXPECT_EQ(manifest.scripts[3].text, "Run the tests.");
}

TEST(Manifest, ReadsDockerfiles) {
  const auto manifest = parse_manifest("Dockerfile",
                                       "FROM --platform=linux/amd64 host:5000/golang:1.21 AS build\nRUN a \\\n  && b\n"
                                       "FROM build AS again\nfrom scratch\nENTRYPOINT [\"/app\"]\n");
  EXPECT_EQ(shown(manifest), "host:5000/golang 1.21 image\nscratch  image\n");
  EXPECT_THAT(manifest.entry_points, ElementsAre("ENTRYPOINT [\"/app\"]"));
}

TEST(Manifest, NotesWhatIsNoManifestAndTakesAnyBytes) {
  EXPECT_THAT(parse_manifest("package.json", "[1, 2").notes, SizeIs(1));
  EXPECT_THAT(parse_manifest("pyproject.toml", "a = ").notes, SizeIs(1));
  EXPECT_THAT(parse_manifest("Cargo.toml", std::string(5'000, '[')).notes, SizeIs(1));
  EXPECT_THAT(parse_manifest("Cargo.toml", "[=]").notes, SizeIs(1));  // Ended the program by an assertion of toml++.
  EXPECT_THAT(parse_manifest("Cargo.toml", "[\xef\xbb\xb7t]").notes, SizeIs(1));
  const auto selector =
      parse_manifest("Cargo.toml", "[package]\ndescription = \"\xe2\x9a\xa1\xef\xb8\x8f f\xc3\xa4st\"\n");
  EXPECT_EQ(selector.description, "\xe2\x9a\xa1\xef\xb8\x8f f\xc3\xa4st");
  SeededRandom random(5);
  for (const char* path : {"package.json", "pyproject.toml", "setup.cfg", "requirements.txt", "Cargo.toml", "go.mod",
                           "CMakeLists.txt", "Makefile", "Dockerfile"}) {
    for (int round = 0; round < 300; ++round) {
      std::string bytes;
      const auto size = random.below(60);
      static constexpr std::string_view kBytes = "a[]{}()\"'\\#=:;,.\n\r\t $-@<>\xff\0z1";
      for (std::uint64_t i = 0; i < size; ++i) bytes += kBytes[random.below(kBytes.size())];
      EXPECT_EQ(parse_manifest(path, bytes).path, path);
    }
  }
}

}  // namespace
}  // namespace skein::repo
