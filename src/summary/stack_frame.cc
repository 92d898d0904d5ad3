#include "summary/stack_frame.h"

#include <algorithm>
#include <array>

namespace skein::summary {
namespace {

/// Of Java and what runs on it, behind "at ".
constexpr std::array<std::string_view, 14> kPackages{"java.",
                                                     "java.base/",
                                                     "javax.",
                                                     "jdk.",
                                                     "sun.",
                                                     "junit.",
                                                     "org.junit.",
                                                     "org.testng.",
                                                     "org.mockito.",
                                                     "org.hamcrest.",
                                                     "org.apache.maven.",
                                                     "org.gradle.",
                                                     "kotlin.",
                                                     "scala."};
/// Parts of paths under which nobody's own code lies.
constexpr std::array<std::string_view, 11> kPlaces{
    "node_modules/", "node:internal/", "(internal/", "site-packages/",     "dist-packages/", "/lib/python",
    "/rustc/",       "/.cargo/",       "/gems/",     "/usr/local/go/src/", "/usr/lib/ruby/"};

}  // namespace

bool is_library_frame(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return false;
  line.remove_prefix(first);
  const bool at = line.starts_with("at ");
  if (at && std::ranges::any_of(kPackages, [&](std::string_view name) { return line.substr(3).starts_with(name); }))
    return true;
  if (!at && !line.starts_with("File \"") && !line.starts_with("from /") && !line.starts_with("/")) return false;
  return std::ranges::any_of(kPlaces,
                             [&](std::string_view place) { return line.find(place) != std::string_view::npos; });
}

}  // namespace skein::summary
