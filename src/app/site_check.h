// Whether a published site is what its manifest says.
#pragma once

#include <string>
#include <vector>

#include "app/docs_target.h"

namespace skein::app {

/// Where the default site and those that journals tell of are or were, sorted. Errors: as `docs_target`, `list_runs`.
[[nodiscard]] Result<std::vector<DocsTarget>> known_sites(const Services& services, const engine::Context& context,
                                                          const std::string& state);

struct SiteCheck {
  std::string site;
  bool found = false;                ///< There is a site.
  std::size_t files = 0;             ///< In its manifest.
  std::string manifest_problem;      ///< Why the manifest cannot be read; or empty.
  std::vector<std::string> damaged;  ///< Paths in the site whose bytes are others, or that are gone.

  [[nodiscard]] bool sound() const { return manifest_problem.empty() && damaged.empty(); }
};

/// Reads every file of the site. Errors: of the file system, but for what makes the site damaged.
[[nodiscard]] Result<SiteCheck> check_site(FileSystem& files, const std::string& site);

/// Takes what is damaged out of the manifest, so that the next `skein docs` writes it again; a damaged manifest goes as
/// a whole. Errors: `unavailable` while somebody writes the site; of the file system.
Status distrust_damaged(FileSystem& files, const DocsTarget& target, const SiteCheck& check);

}  // namespace skein::app
