// Pages for people: HTML that needs no network, no script and no server.
#pragma once

#include <string>

#include "docs/model.h"

namespace skein::docs {

/// The bytes of `index.html`, `module_page(page.path)`, `file_page(page.path)`. Valid UTF-8 whatever the model holds.
[[nodiscard]] std::string overview_html(const SiteContext& site, const Overview& overview);
[[nodiscard]] std::string module_html(const SiteContext& site, const ModulePage& page);
[[nodiscard]] std::string file_html(const SiteContext& site, const FilePage& page);

}  // namespace skein::docs
