// Keys: what can change a step's result, and nothing else. Two stages, as in ccache's direct mode: the declared parts
// and the inputs' digests give the declared digest; what the step then really read completes it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"

namespace skein::engine {

/// One declared part of a key: "language" = "python@1.0", "content" = a digest in hex. Never a path of the machine, a
/// time or a commit id. A secret comes as its HMAC.
struct KeyPart {
  std::string name;
  std::string value;

  bool operator==(const KeyPart&) const = default;
};

enum class ReadKind : std::uint8_t {
  file,     ///< The digest of a file's bytes.
  absence,  ///< A path looked for and not found; its digest is none.
  listing,  ///< The digest of a folder's sorted names.
};

/// Something outside its declared inputs that a step read while it ran.
struct Read {
  ReadKind kind = ReadKind::file;
  std::string path;  ///< In the workspace, "/"-separated.
  Digest digest;

  auto operator<=>(const Read&) const = default;
};

/// The digest of the declared stage. `inputs` in the step's order.
[[nodiscard]] Digest declared_digest(std::string_view agent, std::string_view result_version,
                                     std::span<const KeyPart> parts, std::span<const Digest> inputs);

/// The complete key. The order of `reads` does not matter.
[[nodiscard]] Digest complete_key(const Digest& declared, std::span<const Read> reads);

/// The first difference between two lists of key parts, for `skein explain`: "language: python@1.0 -> python@1.1".
/// Empty where there is none.
[[nodiscard]] std::string first_difference(std::span<const KeyPart> before, std::span<const KeyPart> after);

}  // namespace skein::engine
