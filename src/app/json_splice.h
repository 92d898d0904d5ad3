// Adds to a JSON file that belongs to somebody else, and takes away again, without touching any other byte of it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skein::app {

/// `text`, an object, with `entry` (JSON) as the first of the list `text[object][list]`; what is missing of the two is
/// made. Errors: `invalid_argument` where the text is no object, or one of the two is there and is another type.
[[nodiscard]] Result<std::string> add_to_list(const std::string& text, std::string_view object, std::string_view list,
                                              std::string_view entry);
/// The text without an entry that add_to_list put there, and without what it made for it and now holds nothing; the
/// text itself where the entry does not stand in it.
[[nodiscard]] std::string without_list_entry(const std::string& text, std::string_view object, std::string_view list,
                                             std::string_view entry);

}  // namespace skein::app
