// Where a site goes, and what skein keeps about it.
#pragma once

#include <optional>
#include <string>

#include "app/services.h"
#include "docs/site.h"

namespace skein::app {

struct DocsTarget {
  std::string site;   ///< Absolute path of the folder.
  std::string table;  ///< The remembered table, in the state folder.
  std::string lock;   ///< Held while the site is written, in the user's state folder.
};

/// Of `out`, which is relative to the working directory; without it, of the setting docs.out.
/// Errors: as `real_path`.
[[nodiscard]] Result<DocsTarget> docs_target(const engine::Context& context, const std::string& state,
                                             const std::string& user_state, const std::optional<std::string>& out);

/// Of a site whose absolute path is known.
[[nodiscard]] DocsTarget docs_target_at(std::string site, const std::string& state, const std::string& user_state);

/// What documenting the context's workspace into `target` asks for, by the settings.
[[nodiscard]] docs::SiteRequest site_request(const Services& services, const engine::Context& context,
                                             const std::string& state, const DocsTarget& target);

}  // namespace skein::app
