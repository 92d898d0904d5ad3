#include "engine/file_edit.h"

#include "base/bytes.h"

namespace skein::engine {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

Result<std::string> apply_edit(const FileEdit& edit, std::string_view bytes) {
  std::size_t size = bytes.size();
  for (const auto& piece : edit.pieces) size += piece.added.size();
  std::string out;
  out.reserve(size);
  std::size_t at = 0;
  for (const auto& piece : edit.pieces) {
    if (piece.at < at || piece.at > bytes.size() || piece.removed > bytes.size() - piece.at)
      return fail(Code::data_corrupt, "an edit does not fit the bytes that it is for");
    out.append(bytes.substr(at, piece.at - at)).append(piece.added);
    at = piece.at + piece.removed;
  }
  out.append(bytes.substr(at));
  return out;
}

Result<std::string> apply_edit_once(const FileEdit& edit, std::string bytes) {
  const std::uint64_t found = checksum64(bytes);
  if (found == edit.after) return bytes;
  if (found != edit.before) return fail(Code::data_corrupt, "it was changed by other hands");
  SKEIN_TRY(auto out, apply_edit(edit, bytes));
  if (checksum64(out) != edit.after) return fail(Code::data_corrupt, "an edit does not give what it should");
  return out;
}

std::string encode(const FileEdit& edit) {
  ByteWriter out;
  out.u8(kVersion).u64(edit.before).u64(edit.after).varint(edit.pieces.size());
  for (const auto& piece : edit.pieces) out.varint(piece.at).varint(piece.removed).text(piece.added);
  return out.take();
}

Result<FileEdit> decode_file_edit(std::string_view bytes) {
  ByteReader in(bytes);
  if (const auto version = in.u8(); version > kVersion)
    return fail(Code::unsupported_version, "an edit has format {}, this skein reads {}", version, kVersion);
  FileEdit edit;
  edit.before = in.u64();
  edit.after = in.u64();
  edit.pieces.resize(in.count(3));
  for (auto& piece : edit.pieces) {
    piece.at = in.varint();
    piece.removed = in.varint();
    piece.added = in.text();
  }
  SKEIN_DO(in.finish("an edit of a file"));
  return edit;
}

}  // namespace skein::engine
