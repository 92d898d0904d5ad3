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

}  // namespace
}  // namespace skein::repo
