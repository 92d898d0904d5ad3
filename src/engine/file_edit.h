// What turns the bytes of one file into those of its next state: pieces put in the place of others. A large file of
// which a little changes (a site's manifest) is so decided and kept without all of its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skein::engine {

struct FileEdit {
  struct Piece {
    std::uint64_t at = 0;       ///< In the bytes before,
    std::uint64_t removed = 0;  ///< so many of which go;
    std::string added;          ///< this comes there.
  };
  std::vector<Piece> pieces;  ///< In the order of `at`, none within another.
  // Checksums of the whole: which of the two a file holds is found by them.
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

/// The bytes after. Errors: `data_corrupt` for pieces that do not fit.
[[nodiscard]] Result<std::string> apply_edit(const FileEdit& edit, std::string_view bytes);
/// The same where `bytes` are those before; nothing to do, and `bytes` again, where they are those after.
/// Errors: `data_corrupt` where they are neither.
[[nodiscard]] Result<std::string> apply_edit_once(const FileEdit& edit, std::string bytes);

[[nodiscard]] std::string encode(const FileEdit& edit);
/// Errors: `data_corrupt`, `unsupported_version`.
[[nodiscard]] Result<FileEdit> decode_file_edit(std::string_view bytes);

}  // namespace skein::engine
