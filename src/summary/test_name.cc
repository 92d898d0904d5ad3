#include "summary/test_name.h"

#include <algorithm>
#include <span>

namespace skein::summary {

std::vector<std::string_view> test_name_parts(std::string_view name) {
  std::vector<std::string_view> parts;
  // unittest: "test_x (pkg.Class)", since Python 3.11 "test_x (pkg.Class.test_x)".
  if (const std::size_t open = name.find(" ("); open != std::string_view::npos && name.ends_with(')')) {
    const std::string_view method = name.substr(0, open);
    const std::string_view inside = name.substr(open + 2, name.size() - open - 3);
    if (method.find(' ') == std::string_view::npos && !inside.empty() && inside.find(' ') == std::string_view::npos) {
      parts = test_name_parts(inside);
      if (parts.empty() || parts.back() != method) parts.push_back(method);
      return parts;
    }
  }
  const std::string_view cuttable = name.substr(0, name.find_first_of("[("));
  std::size_t begin = 0;
  const auto cut = [&](std::size_t at, std::size_t size) {
    if (at > begin) parts.push_back(name.substr(begin, at - begin));
    begin = at + size;
  };
  for (std::size_t at = 0; at < cuttable.size();) {
    const std::string_view rest = cuttable.substr(at);
    const std::size_t size = rest.starts_with("::")                               ? 2
                             : rest.starts_with(" > ")                            ? 3
                             : rest.starts_with(" \xe2\x80\xba ")                 ? 5
                             : rest[0] == '.' || rest[0] == '/' || rest[0] == '#' ? 1
                                                                                  : 0;
    if (size > 0 && at + size < name.size()) cut(at, size);
    at += std::max<std::size_t>(size, 1);
  }
  if (begin < name.size()) parts.push_back(name.substr(begin));
  return parts;
}

std::string_view last_test_name_part(std::string_view name) {
  const auto parts = test_name_parts(name);
  return parts.empty() ? name : parts.back();
}

bool same_test(std::string_view a, std::string_view b) {
  auto longer = test_name_parts(a), shorter = test_name_parts(b);
  if (longer.size() < shorter.size()) longer.swap(shorter);
  if (shorter.empty()) return longer.empty();
  return std::ranges::equal(shorter, std::span(longer).last(shorter.size()));
}

}  // namespace skein::summary
