// What programs read first: llms.txt (llmstxt.org) and index.json, and one index.json beside each module's page. The
// two in the root list top-level modules only, so no shared file grows with the repository.
#pragma once

#include <string>

#include "docs/model.h"

namespace skein::docs {

[[nodiscard]] std::string llms_txt(const SiteContext& site, const Overview& overview);
/// Schema "skein.docs.index/1". Links are relative to the site's root, here and in the shards.
[[nodiscard]] std::string site_index_json(const SiteContext& site, const Overview& overview);
/// Schema "skein.docs.module/1": the bytes of `module_shard(page.path)`; lists every file and child module.
[[nodiscard]] std::string module_index_json(const SiteContext& site, const ModulePage& page);

}  // namespace skein::docs
