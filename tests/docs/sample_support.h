// Models of pages as planning makes them, with texts as repositories have them: for golden files and for looking at.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "docs/model.h"
#include "docs/topic.h"

namespace skein::docs {

[[nodiscard]] SiteContext sample_site();
[[nodiscard]] Overview sample_overview();
[[nodiscard]] ModulePage sample_module();
[[nodiscard]] FilePage sample_file();

/// A model full of texts that want to be markup, script, links or control characters.
[[nodiscard]] FilePage hostile_file(const std::string& text);
[[nodiscard]] ModulePage hostile_module(const std::string& text);
[[nodiscard]] TopicPage sample_topic();
[[nodiscard]] TopicPage hostile_topic(const std::string& text);
[[nodiscard]] Overview hostile_overview(const std::string& text);

/// Path in the site and bytes, of all pages of the samples and the files around them.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> sample_pages();

}  // namespace skein::docs
