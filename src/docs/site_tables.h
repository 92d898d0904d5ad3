// What is remembered of a published site: a table of its folders, without files, which shows added and removed pages at
// a stat per folder, and of its manifest.
#pragma once

#include <string>
#include <vector>

#include "docs/site.h"
#include "store/stat_table.h"

namespace skein::docs {

[[nodiscard]] std::string site_table_path(const SiteRequest& request);

/// Writes the table of the site that was just completed, and gives the digest of its manifest. `before`: the table of
/// the last time, or null.
[[nodiscard]] Result<Digest> remember_site(FileSystem& files, const SiteRequest& request, const Digest& wanted,
                                           const store::StatTable* before);

/// The same after a publication of `changes`, which made this `manifest`, to a site that was as `before` has it: only
/// their folders are looked at. Errors: `not_found` where folders came.
[[nodiscard]] Status renew_site(FileSystem& files, const SiteRequest& request, const Digest& wanted,
                                const store::StatTable& before, const std::vector<engine::FileChange>& changes,
                                const Digest& manifest);

/// What a table knows of the site's manifest; none where it knows nothing.
[[nodiscard]] Digest known_manifest(const store::StatTable& site);

}  // namespace skein::docs
