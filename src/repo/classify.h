// What kind of file something is, from its path and its bytes: rules as data under data/classify.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace skein::repo {

/// What holds of a file besides being text or binary. Several can.
struct FileTraits {
  bool generated = false;      ///< Made by a program: a marker in its head, a lock file.
  bool vendored = false;       ///< Somebody else's, kept here: vendor/, node_modules/, third_party/.
  bool minified = false;       ///< Lines too long for people.
  bool huge = false;           ///< Larger than ScanOptions::huge_bytes.
  bool documentation = false;  ///< README, docs/, *.md.
  bool test = false;           ///< tests/, *_test.go, test_*.py.

  bool operator==(const FileTraits&) const = default;
  /// True when nobody here wrote it: generated, vendored or minified.
  [[nodiscard]] bool foreign() const { return generated || vendored || minified; }
};

/// The part of a file that its class is decided on: its first bytes, at most this many.
inline constexpr std::size_t kClassifiedBytes = 64 << 10;

/// Whether bytes are not text: a NUL, or too much that is not UTF-8 (nor a single-byte encoding's letters).
[[nodiscard]] bool is_binary(std::string_view head);

/// Vendored, documentation, test, lock files: by path alone.
[[nodiscard]] FileTraits traits_of_path(std::string_view path);
/// Generated and minified, by the first bytes of a text file. `path` decides what lines may be long.
[[nodiscard]] FileTraits traits_of_text(std::string_view path, std::string_view head);

/// Changes with the rules and with this code's meaning: what was remembered under another one is not used.
[[nodiscard]] Digest classification_digest();

}  // namespace skein::repo
