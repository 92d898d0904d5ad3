#include "docs/site_faults_support.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "docs/html_reader_support.h"

namespace skein::docs {

std::map<std::string, std::string> read_folder(const std::string& folder) {
  std::map<std::string, std::string> files;
  std::error_code missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, missing)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().string().substr(folder.size() + 1)] = {std::istreambuf_iterator<char>(in), {}};
  }
  return files;
}

namespace {

/// Where `link` of page `from` leads in the site.
std::string target_of(const std::string& from, std::string link) {
  link = link.substr(0, link.find_first_of("#?"));
  if (link.empty()) return from;
  return (std::filesystem::path(from).parent_path() / link).lexically_normal().string();
}

}  // namespace

std::vector<std::string> faults_of(const std::map<std::string, std::string>& pages) {
  std::vector<std::string> faults;
  const auto follow = [&](const std::string& page, const std::string& link) {
    if (link.starts_with("http:") || link.starts_with("https:") || link.starts_with("data:")) return;
    if (const auto target = target_of(page, link); !pages.contains(target))
      faults.push_back(page + ": its link \"" + link + "\" leads to no file of the site");
  };
  for (const auto& [path, bytes] : pages) {
    if (path.ends_with(".html")) {
      const auto report = read_html(bytes);
      if (!report.fault.empty()) faults.push_back(path + ": " + report.fault);
      for (const auto& link : report.links) follow(path, link);
    } else if (path.ends_with(".json")) {
      // Pages of the site that an index names.
      for (const std::string_view key : {"\"index\":\"", "\"page\":\"", "\"html\":\"", "\"markdown\":\""})
        for (auto at = bytes.find(key); at != std::string::npos; at = bytes.find(key, at + 1)) {
          const auto start = at + key.size();
          const auto target = bytes.substr(start, bytes.find('"', start) - start);
          if (!pages.contains(target))
            faults.push_back(path + ": names \"" + target + "\", which is no file of the site");
        }
    } else if (path.ends_with(".md") || path == "llms.txt") {
      // Links that skein wrote: relative ones to pages. Those of a README are shown with the same rule.
      bool code = false;
      for (std::size_t at = 0; at < bytes.size();) {
        const auto end = std::min(bytes.find('\n', at), bytes.size());
        const std::string line = bytes.substr(at, end - at);
        at = end + 1;
        if (line.find("```") != std::string::npos || line.find("~~~") != std::string::npos) code = !code;
        if (code || line.starts_with("    ")) continue;
        for (auto mark = line.find("]("); mark != std::string::npos; mark = line.find("](", mark + 1)) {
          const auto link = line.substr(mark + 2, line.find(')', mark) - mark - 2);
          const auto file = link.substr(0, link.find('#'));
          if (link.find(':') != std::string::npos || link.find(' ') != std::string::npos) continue;
          if (file.ends_with(".md") || file.ends_with(".html")) follow(path, link);
        }
      }
    }
  }
  return faults;
}

}  // namespace skein::docs
