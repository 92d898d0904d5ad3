// The site's look: style sheet, script and page frame, from data/docs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace skein::docs {

/// A file of the site that is the same for every repository.
struct SiteAsset {
  std::string_view path;   ///< In the site: "assets/skein.css".
  std::string_view bytes;  ///< Lives as long as the program.
};

/// What must be written beside the pages. Sorted by path.
[[nodiscard]] std::span<const SiteAsset> site_assets();
/// Of the page frame and the assets: part of the key of each page.
[[nodiscard]] Digest theme_digest();
/// For SiteContext::theme: the first digits of `theme_digest()`; browsers fetch the assets again when it changes.
[[nodiscard]] std::string theme_version();

}  // namespace skein::docs
