// What is written of one shard of the symbol index: HTML, Markdown and the script that the search loads; of one that is
// too long for a page, these of each of its parts (symbol_parts.h) and a page that leads to them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "docs/symbol_parts.h"

namespace skein::docs {

/// Gives each file with its path in the site: "symbols/bo.html", ".md" and ".js", then those of the parts. Nothing for
/// a shard that holds nothing. Errors: those of `give`.
Status each_shard_page(const SiteContext& site, const IndexShard& shard, const PartLimits& limits,
                       const std::function<Status(std::string path, std::string_view bytes)>& give);

}  // namespace skein::docs
