#include "docs/records.h"

#include <gtest/gtest.h>

namespace skein::docs {
namespace {

/// What was encoded is decoded and encodes the same again; every shorter text is an error.
template <class Decode>
void expect_round_trip(const std::string& bytes, Decode decode) {
  const auto back = decode(bytes);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(encode(*back), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size))) << size;
}

TEST(Records, OfFilesComeBack) {
  expect_round_trip(encode(FileCard{"python", 10, 3, 7, true, "Does it.", "Does it.\nWell."}), decode_card);
  expect_round_trip(encode(FileCard{}), decode_card);
  FileImports imports{"cpp", true, false, {}};
  imports.imports.push_back({});
  imports.imports.back().target = "a/b.h";
  imports.imports.back().line = 7;
  imports.imports.back().relative = true;
  imports.imports.back().names = {"x", "y"};
  imports.marks = "m";
  expect_round_trip(encode(imports), decode_imports);
}

TEST(Records, OfFoldersComeBack) {
  FolderLinks links;
  links.files = {{"python", true, false, {{{"a/b.h", true, true}, {"c.h", false, true}}, {}}}, {}};
  links.external = {"fmt", "os"};
  const auto bytes = encode(links);
  expect_round_trip(bytes, decode_links);
  EXPECT_EQ(decode_links(bytes)->files.front().imports, links.files.front().imports);
  FolderUsers users;
  users.files = {{{"a.py", "b.py"}, 200}, {}};
  users.uses = {{"outside", 9, false}};
  users.used_by = {{"lib", 3}, {"", 1}};
  expect_round_trip(encode(users), decode_users);
  Tally tally;
  tally.purpose = {"Tests", true, "its name"};
  tally.counts = {1, 2, 3, 4, 5};
  tally.languages["cpp"] = {"C++", 1, 2, 3};
  tally.complex = {{"a.py", 40}, {"b.py", 3}};
  expect_round_trip(encode(tally), decode_tally);
}

TEST(Records, OneFileOfAFolderIsReadAlone) {
  FolderLinks links;
  links.files = {{"python", true, false, {{{"a/b.h", true, true}}}},
                 {"cpp", false, true, {{}, {{"c.h", false, true}}}}};
  for (std::size_t i = 0; i < links.files.size(); ++i) {
    const auto file = decode_links_of(encode(links), i);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->language, links.files[i].language);
    EXPECT_EQ(file->script, links.files[i].script);
    EXPECT_EQ(file->imports, links.files[i].imports);
  }
  EXPECT_FALSE(decode_links_of(encode(links), 2));
  EXPECT_FALSE(decode_links_of(encode(links).substr(0, 12), 1));
  FolderUsers users;
  users.files = {{{"a.py", "b.py"}, 200}, {{"c.py"}, 1}};
  const auto second = decode_users_of(encode(users), 1);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->users, users.files[1].users);
  EXPECT_EQ(second->total, 1U);
  EXPECT_FALSE(decode_users_of(encode(users), 2));
}

TEST(Records, HugeCountsAreNotBelieved) {
  // A count that the bytes cannot hold must be refused before memory is taken for it.
  const std::string huge = "\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
  EXPECT_FALSE(decode_links(huge));
  EXPECT_FALSE(decode_users(huge));
  EXPECT_FALSE(decode_imports(std::string(2, '\0') + huge));
}

}  // namespace
}  // namespace skein::docs
