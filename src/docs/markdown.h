// The same pages as Markdown (CommonMark with tables), for agents and for git.
#pragma once

#include <string>

#include "docs/model.h"

namespace skein::docs {

/// The bytes of `index.md`, `module_page(page.path, PageForm::markdown)`, `file_page(page.path, PageForm::markdown)`.
[[nodiscard]] std::string overview_markdown(const SiteContext& site, const Overview& overview);
[[nodiscard]] std::string module_markdown(const SiteContext& site, const ModulePage& page);
[[nodiscard]] std::string file_markdown(const SiteContext& site, const FilePage& page);

}  // namespace skein::docs
