#include "engine/file_edit.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace skein::engine {
namespace {

FileEdit edit_of(std::string_view before, std::vector<FileEdit::Piece> pieces) {
  FileEdit edit;
  edit.pieces = std::move(pieces);
  edit.before = checksum64(before);
  edit.after = checksum64(apply_edit(edit, before).value_or(""));
  return edit;
}

TEST(FileEdit, PutsPiecesInThePlaceOfOthers) {
  const auto edit = edit_of("one two three", {{0, 3, "1"}, {4, 3, ""}, {8, 0, "and "}, {13, 0, "."}});
  EXPECT_EQ(*apply_edit(edit, "one two three"), "1  and three.");
  const auto back = decode_file_edit(encode(edit));
  ASSERT_TRUE(back);
  EXPECT_EQ(encode(*back), encode(edit));
  for (std::size_t size = 0; size < encode(edit).size(); ++size)
    EXPECT_FALSE(decode_file_edit(encode(edit).substr(0, size))) << size;
}

TEST(FileEdit, RefusesPiecesThatDoNotFit) {
  FileEdit edit;
  edit.pieces = {{4, 2, ""}};
  EXPECT_FALSE(apply_edit(edit, "five5"));
  edit.pieces = {{3, 2, ""}, {4, 1, ""}};
  EXPECT_FALSE(apply_edit(edit, "five5"));
  edit.pieces = {{~std::uint64_t{0}, ~std::uint64_t{0}, ""}};
  EXPECT_FALSE(apply_edit(edit, "five5"));
}

TEST(FileEdit, IsDoneOnceHoweverOftenItIsAsked) {
  const auto edit = edit_of("a b", {{0, 1, "x"}});
  EXPECT_EQ(*apply_edit_once(edit, "a b"), "x b");
  EXPECT_EQ(*apply_edit_once(edit, "x b"), "x b");
  const auto other = apply_edit_once(edit, "a c");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), Code::data_corrupt);
}

}  // namespace
}  // namespace skein::engine
