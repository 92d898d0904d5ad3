// Reads a whole site as its readers do, and says what is wrong with it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace skein::docs {

/// What is wrong with a site, one line each: pages that are no sound HTML, links that lead to no file of it.
[[nodiscard]] std::vector<std::string> faults_of(const std::map<std::string, std::string>& pages);
/// All files below a folder.
[[nodiscard]] std::map<std::string, std::string> read_folder(const std::string& folder);

}  // namespace skein::docs
