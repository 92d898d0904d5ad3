// Which pages of a published site tell of code that has changed since: found by a look at the files, without making any
// page. `skein docs --check` names them with the reason, and what serves a site marks them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docs/site.h"

namespace skein::docs {

struct StalePage {
  std::string page;  ///< Its path in the site.
  std::string why;   ///< "src/a.py was changed after this page was made": a sentence without its dot.
  bool operator==(const StalePage&) const = default;
};

/// The pages, in both forms, of files that were changed or removed since the last publication and of the folders above
/// any that were changed, removed or added; sorted by path. Pages that are stale for another reason (a neighbour that
/// uses something new) are found by `compare` alone. Reads only files whose stamps are new. Errors: `not_found` where
/// no publication is remembered; of the scan.
[[nodiscard]] Result<std::vector<StalePage>> stale_pages(const SiteRequest& request, FileSystem& files, Executor& pool);

/// Why this page is stale; null where it is not. O(log n).
[[nodiscard]] const StalePage* find_stale(const std::vector<StalePage>& stale, std::string_view page);

/// The bytes of an HTML or Markdown page with a note at its beginning that says that it is stale, and why.
[[nodiscard]] std::string mark_stale(std::string_view page, std::string_view bytes, std::string_view why);

}  // namespace skein::docs
