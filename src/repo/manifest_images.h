// What the manifests of containers and of CI have in common: images, and lists of commands.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "repo/manifest.h"

namespace skein::repo {

/// "registry:5000/name:tag" as a dependency with its tag or digest as range.
void add_image(std::string_view image, Manifest& manifest);

/// A text, or the texts of a list, nested or not, with `between`; empty for anything else.
[[nodiscard]] std::string lines_of(const nlohmann::json& value, std::string_view between);

}  // namespace skein::repo
