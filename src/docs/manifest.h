// A site is a manifest of (path, digest): what skein wrote into a target, and so all that it may ever change or remove
// there. It is written last: a site is what its manifest says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/change_list.h"

namespace skein::docs {

/// The manifest's name in the site.
inline constexpr std::string_view kManifestName = "skein-site.txt";

struct SiteFile {
  std::string path;  ///< In the site, "/"-separated.
  Digest digest;     ///< Of its bytes.

  auto operator<=>(const SiteFile&) const = default;
};

/// Sorted by path, each once.
using Manifest = std::vector<SiteFile>;

/// Text: a line "skein.site/1", then "DIGEST PATH" per file.
[[nodiscard]] std::string encode(const Manifest& manifest);
/// Errors: `data_corrupt` for anything else, also unsorted or escaping paths; `unsupported_version`.
[[nodiscard]] Result<Manifest> decode_manifest(std::string_view text);

/// What turns a site of manifest `before` into `after`, in the order of paths.
[[nodiscard]] std::vector<engine::FileChange> difference(const Manifest& before, const Manifest& after);

}  // namespace skein::docs
