#include "docs/purpose.h"

#include <gtest/gtest.h>

namespace skein::docs {
namespace {

FileCard card(std::string doc) {
  FileCard made;
  made.summary = doc;
  made.doc = std::move(doc);
  return made;
}

TEST(Purpose, IsWhatTheReadmeSays) {
  const auto init = card("From the package.");
  const auto said = purpose_of("lib", "lib/README.md", "# Lib\n\nReads birds. More of it.\n",
                               {{"lib/__init__.py", "__init__.py", &init}});
  EXPECT_TRUE(said.text.starts_with("Reads birds.")) << said.text;
  EXPECT_FALSE(said.inferred);
  EXPECT_EQ(said.from, "lib/README.md");
}

TEST(Purpose, IsWhatTheFileThatSpeaksForTheFolderSays) {
  const auto init = card("From the package."), other = card("Another.");
  const auto said = purpose_of("x", "", "", {{"x/a.py", "a.py", &other}, {"x/__init__.py", "__init__.py", &init}});
  EXPECT_EQ(said.text, "From the package.");
  EXPECT_FALSE(said.inferred);
  EXPECT_EQ(said.from, "x/__init__.py");
}

TEST(Purpose, OfAWellKnownNameIsInferred) {
  const auto said = purpose_of("a/tests", "", "", {});
  EXPECT_FALSE(said.text.empty());
  EXPECT_TRUE(said.inferred);
}

TEST(Purpose, OfOneDocumentedFileIsThatFilesAndOfTwoUnknown) {
  const auto one = card("Counts geese."), two = card("Counts ducks.");
  const auto said = purpose_of("qzx", "", "", {{"qzx/a.py", "a.py", &one}});
  EXPECT_EQ(said.text, "Counts geese.");
  EXPECT_TRUE(said.inferred);
  EXPECT_TRUE(purpose_of("qzx", "", "", {{"qzx/a.py", "a.py", &one}, {"qzx/b.py", "b.py", &two}}).empty());
}

}  // namespace
}  // namespace skein::docs
