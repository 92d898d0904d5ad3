#include "repo/manifest_parsers.h"

namespace skein::repo {

void parse_go_mod(std::string_view bytes, Manifest& manifest) {
  bool in_require = false;
  while (!bytes.empty()) {
    const std::string_view line = take_line(bytes);
    const std::size_t comment = line.find("//");
    const bool indirect = comment != line.npos && line.find("indirect", comment) != line.npos;
    std::string_view words = trimmed(line.substr(0, comment));
    if (words == ")") in_require = false;
    const auto take_word = [&words] {
      const std::string_view word = words.substr(0, words.find_first_of(" \t"));
      words = trimmed(words.substr(word.size()));
      return word;
    };
    if (!in_require) {
      const std::string_view verb = take_word();
      if (verb == "module") manifest.name = words;
      if (verb != "require") continue;
      if (words == "(") {
        in_require = true;
        continue;
      }
    }
    const std::string_view name = take_word();
    if (name.empty()) continue;
    manifest.dependencies.push_back(
        {std::string(name), std::string(words), indirect ? DependencyScope::indirect : DependencyScope::runtime});
  }
}

}  // namespace skein::repo
