#include "repo/project.h"

#include <gtest/gtest.h>

#include "repo/readme.h"

namespace skein::repo {
namespace {

TEST(Readme, GivesTitleAndFirstProse) {
  const auto readme = read_readme(
      "<!-- a\ncomment -->\n# The *Tool*\n\n[![ci](x)](y)\n<p align=center>\n\nIt does [things](http://x) "
      "with\n`code`, "
      "**fast**.\n\nMore.\n");
  EXPECT_EQ(readme.title, "The Tool");
  EXPECT_EQ(readme.paragraph, "It does things with code, fast.");
}

TEST(Readme, ReadsUnderlinedTitlesAndPlainText) {
  const auto readme =
      read_readme("Requests\n========\n\n.. image:: x\n\nElegant `HTTP <http://x>`_ for snake_case people.\n");
  EXPECT_EQ(readme.title, "Requests");
  EXPECT_EQ(readme.paragraph, "Elegant HTTP  for snake_case people.");
  EXPECT_EQ(read_readme("Just some words of text.\n").paragraph, "Just some words of text.");
  EXPECT_EQ(read_readme("").title, "");
}

TEST(Readme, CutsALongParagraphBehindASentence) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "A sentence of words. ";
  const auto readme = read_readme(text);
  EXPECT_LE(readme.paragraph.size(), 620u);
  EXPECT_TRUE(readme.paragraph.ends_with("words."));
}

TEST(Readme, BadgesAreNoWordsHoweverTheyAreWritten) {
  EXPECT_EQ(read_readme("# me/core [![npm](https://x/(a).svg)](https://y) [![build status](b)][c]\n").title, "me/core");
  const auto readme = read_readme(
      "<img src=\"x\" alt=\"{fmt}\"/>\n\n[![image](https://a/linux.svg)](\nhttps://a/actions?query=workflow%3Alinux)\n"
      "[![fuzzed](b)](\nhttps://issues.example.org/a)\n\n**{fmt}** is a formatting library.\n");
  EXPECT_EQ(readme.paragraph, "{fmt} is a formatting library.");
  EXPECT_EQ(read_readme("[![logo](a) The words of a link](b) go on.\n").paragraph, "The words of a link go on.");
  EXPECT_EQ(read_readme("![open [ to the end").title, "");
}

TEST(Readme, WordsBelowAHeadingAboutSomethingElseAreNoDescription) {
  EXPECT_EQ(read_readme("# Tool\n\n## Getting started\n\nPlease follow the documentation.\n").paragraph, "");
  EXPECT_EQ(read_readme("# Tool\n\n## Sponsors\n\nThese people pay.\n\n## About\n\nIt makes tools.\n").paragraph,
            "It makes tools.");
  EXPECT_EQ(read_readme("# Tool\n\n## What is it?\n\nIt makes tools.\n").paragraph, "It makes tools.");
}

Manifest manifest(const char* path, const char* bytes) { return parse_manifest(path, bytes); }

TEST(Project, IsNamedBySettingsManifestReadmeRemoteAndFolderInThisOrder) {
  ProjectSources sources;
  sources.folder = "/home/x/folder/";
  EXPECT_EQ(describe_project(sources).name.text, "folder");
  sources.remote = "git@host:me/remote.git";
  EXPECT_EQ(describe_project(sources).name.text, "remote");
  sources.readme = "# Readme\n\nWhat it is about.\n";
  sources.readme_path = "README.md";
  EXPECT_EQ(describe_project(sources).name.text, "Readme");
  EXPECT_EQ(describe_project(sources).description.text, "What it is about.");
  sources.manifests = {manifest("sub/package.json", R"({"name":"inner"})"), manifest("go.mod", "module x.y/gone\n"),
                       manifest("package.json", R"({"name":"outer","scripts":{"test":"x"}})")};
  const auto project = describe_project(sources);
  EXPECT_EQ(project.name.text, "outer");
  EXPECT_EQ(project.name.source, "package.json");
  EXPECT_EQ(project.description.source, "README.md");
  ASSERT_EQ(project.commands.size(), 4u);
  EXPECT_EQ(project.commands[1].command, "npm test");
  EXPECT_EQ(project.commands[3].command, "go test ./...");
  sources.name = "settings";
  EXPECT_EQ(describe_project(sources).name.text, "settings");
}

std::string commands(const ProjectSources& sources) {
  std::string text;
  for (const auto& command : describe_project(sources).commands)
    text += command.purpose + ": " + command.command + "\n";
  return text;
}

TEST(Project, CommandsAreThoseOfThePackageManagerWhoseLockIsThere) {
  ProjectSources sources;
  sources.manifests = {manifest("package.json", R"({"scripts":{"test":"x","build":"y"}})")};
  EXPECT_EQ(commands(sources), "install: npm install\nbuild: npm run build\ntest: npm test\n");
  sources.files = {"pnpm-lock.yaml"};
  EXPECT_EQ(commands(sources), "install: pnpm install\nbuild: pnpm build\ntest: pnpm test\n");
  sources.files = {"yarn.lock"};
  EXPECT_EQ(commands(sources), "install: yarn install\nbuild: yarn build\ntest: yarn test\n");
  sources.files = {"bun.lock"};
  EXPECT_EQ(commands(sources), "install: bun install\nbuild: bun run build\ntest: bun run test\n");
  sources.manifests = {manifest("pyproject.toml", "[build-system]\nrequires = []\n[tool.pytest.ini_options]\na = 1\n")};
  sources.files = {};
  EXPECT_EQ(commands(sources), "install: pip install -e .\ntest: pytest\n");
  sources.files = {"tox.ini", "uv.lock"};
  EXPECT_EQ(commands(sources), "install: uv sync\ntest: uv run pytest\ntest: tox\n");
}

TEST(Project, JobsThatBuildAndTestComeFirstWithoutCommentsAndEmptyOnes) {
  ProjectSources sources;
  sources.manifests = {
      manifest(".github/workflows/a.yml",
               "jobs:\n  release: {steps: [{run: make publish}]}\n  signal: {steps: [{run: 'true'}]}\n"
               "  docs: {steps: [{run: make html}]}\n"),
      manifest(".github/workflows/b.yml",
               "jobs:\n  unit:\n    steps:\n      - run: |\n          # Slow, but sure.\n"
               "          sudo apt-get install \\\n            pandoc \\\n            curl\n\n          make test\n")};
  EXPECT_EQ(commands(sources),
            "CI: unit: sudo apt-get install pandoc curl\nmake test\nCI: docs: make html\nCI: release: make publish\n");
}

}  // namespace
}  // namespace skein::repo
