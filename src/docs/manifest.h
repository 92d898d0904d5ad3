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

/// How far a site has come. Each stage is a commit of its own, and a whole site as far as it goes.
enum class SiteStage : std::uint8_t {
  overview,  ///< A first overview of quick facts, which names what is missing.
  pages,     ///< Everything.
};
[[nodiscard]] std::string_view to_string(SiteStage stage);

struct SiteFile {
  std::string path;  ///< In the site, "/"-separated.
  Digest digest;     ///< Of its bytes; none for the change log, whose bytes tell of the past and not of the repository.

  auto operator<=>(const SiteFile&) const = default;
};

/// Sorted by path, each once.
using Manifest = std::vector<SiteFile>;

/// Text: a line "skein.site/2", a line "stage STAGE", then "DIGEST PATH" per file.
[[nodiscard]] std::string encode(const Manifest& manifest, SiteStage stage = SiteStage::pages);
/// `stage`, if given, gets the stage. A manifest of format 1 has no stage: all its pages are there.
/// Errors: `data_corrupt` for anything else, also unsorted or escaping paths; `unsupported_version`.
[[nodiscard]] Result<Manifest> decode_manifest(std::string_view text, SiteStage* stage = nullptr);

/// What turns a site of manifest `before` into `after`, in the order of paths. Files without a digest only go, where
/// `after` lacks them: who writes them knows when.
[[nodiscard]] std::vector<engine::FileChange> difference(const Manifest& before, const Manifest& after);

}  // namespace skein::docs
