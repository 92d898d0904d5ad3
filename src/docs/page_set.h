// Pages whose number is known only when they are made: a step's one output names them with the digests of their bytes,
// which are attached to it (engine::StepContext::attach).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docs/manifest.h"

namespace skein::docs {

/// Where such an output goes in the site: "symbols/bo*" for "symbols/bo.html", "symbols/bo-1.html" and so on: after the
/// stem comes a "." or a "-".
[[nodiscard]] std::string page_set(std::string_view stem);
[[nodiscard]] bool is_page_set(std::string_view page);
/// All paths that a set may hold lie in [first, second).
[[nodiscard]] std::pair<std::string, std::string> range_of(std::string_view set);

/// `pages` sorted by path.
[[nodiscard]] std::string encode_page_set(const std::vector<SiteFile>& pages);
/// Sorted by path, each once, and within the range of `set`. Errors: `data_corrupt`.
[[nodiscard]] Result<std::vector<SiteFile>> decode_page_set(std::string_view set, std::string_view bytes);

}  // namespace skein::docs
