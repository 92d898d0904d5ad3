#include <algorithm>
#include <string>
#include <vector>

#include "repo/manifest_parsers.h"

namespace skein::repo {
namespace {

std::string upper(std::string_view word) {
  std::string result(word);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

// One instruction with its continued lines joined.
std::string take_instruction(std::string_view& bytes) {
  std::string instruction;
  while (!bytes.empty()) {
    std::string_view line = trimmed(take_line(bytes));
    if (line.starts_with('#')) continue;
    const bool goes_on = line.ends_with('\\');
    if (goes_on) line.remove_suffix(1);
    instruction.append(line);
    if (!goes_on) break;
    instruction += ' ';
  }
  return instruction;
}

}  // namespace

void parse_dockerfile(std::string_view bytes, Manifest& manifest) {
  std::vector<std::string> stages;
  while (!bytes.empty()) {
    const std::string instruction = take_instruction(bytes);
    const std::string verb = upper(std::string_view(instruction).substr(0, instruction.find_first_of(" \t")));
    std::string_view rest = trimmed(std::string_view(instruction).substr(verb.size()));
    if (verb == "ENTRYPOINT" || verb == "CMD") manifest.entry_points.push_back(verb + " " + std::string(rest));
    if (verb != "FROM") continue;
    while (rest.starts_with("--")) rest = trimmed(rest.substr(std::min(rest.find_first_of(" \t"), rest.size())));
    const std::string_view image = rest.substr(0, rest.find_first_of(" \t"));
    rest = trimmed(rest.substr(image.size()));
    if (upper(rest.substr(0, 3)) == "AS ") stages.emplace_back(trimmed(rest.substr(3)));
    if (image.empty() || std::find(stages.begin(), stages.end(), image) != stages.end()) continue;
    const std::size_t tag = image.find_first_of(":@", image.rfind('/') == image.npos ? 0 : image.rfind('/'));
    manifest.dependencies.push_back({std::string(image.substr(0, tag)),
                                     tag == image.npos ? std::string{} : std::string(image.substr(tag + 1)),
                                     DependencyScope::image});
  }
}

}  // namespace skein::repo
