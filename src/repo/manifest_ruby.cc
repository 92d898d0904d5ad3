// Gemfile, *.gemspec and Rakefile are programs; what of them is written down plainly is read, line by line.
#include <string>
#include <vector>

#include "repo/manifest_parsers.h"

namespace skein::repo {
namespace {

/// The texts in quotes of a line, up to a comment.
std::vector<std::string> quoted(std::string_view line) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#') break;
    if (line[i] != '"' && line[i] != '\'') continue;
    const auto end = line.find(line[i], i + 1);
    if (end == line.npos) break;
    texts.emplace_back(line.substr(i + 1, end - i - 1));
    i = end;
  }
  return texts;
}

bool starts_word(std::string_view line, std::string_view word) {
  return line.starts_with(word) && line.size() > word.size() &&
         (line[word.size()] == ' ' || line[word.size()] == '(' || line[word.size()] == '\t');
}

bool for_development(std::string_view line) {
  return line.find(":test") != line.npos || line.find(":development") != line.npos ||
         line.find("\"test\"") != line.npos || line.find("\"development\"") != line.npos;
}

/// Versions after the name: texts that begin as one does.
std::string ranges_of(const std::vector<std::string>& texts) {
  std::string range;
  for (std::size_t i = 1; i < texts.size(); ++i) {
    if (texts[i].empty() || std::string_view("0123456789<>=~!").find(texts[i].front()) == std::string_view::npos) break;
    range.append(range.empty() ? "" : ", ").append(texts[i]);
  }
  return range;
}

void parse_gemfile(std::string_view bytes, Manifest& manifest) {
  std::vector<bool> blocks;  // Of each open "do": whether it is a group for development.
  const auto in_development = [&] {
    for (const bool development : blocks)
      if (development) return true;
    return false;
  };
  while (!bytes.empty()) {
    const auto line = trimmed(take_line(bytes));
    if (line.starts_with('#')) continue;
    if (starts_word(line, "gem")) {
      const auto texts = quoted(line);
      if (texts.empty()) continue;
      const bool development = in_development() || (line.find("group") != line.npos && for_development(line));
      manifest.dependencies.push_back(
          {texts[0], ranges_of(texts), development ? DependencyScope::development : DependencyScope::runtime});
    } else if (line == "end") {
      if (!blocks.empty()) blocks.pop_back();
    } else if (line.ends_with(" do") || line.find(" do |") != line.npos || starts_word(line, "if") ||
               starts_word(line, "unless")) {
      if (blocks.size() < 1000) blocks.push_back(starts_word(line, "group") && for_development(line));
    }
  }
}

void parse_gemspec(std::string_view bytes, Manifest& manifest) {
  while (!bytes.empty()) {
    const auto line = trimmed(take_line(bytes));
    if (line.starts_with('#')) continue;
    const auto texts = quoted(line);
    if (texts.empty()) continue;
    const auto dot = line.find('.');
    if (dot == line.npos) continue;
    const auto call = line.substr(dot + 1);
    const auto is = [&](std::string_view word) {
      return call.starts_with(word) && call.substr(word.size()).find_first_not_of(" =") != 0;
    };
    if (starts_word(call, "add_dependency") || starts_word(call, "add_runtime_dependency"))
      manifest.dependencies.push_back({texts[0], ranges_of(texts), DependencyScope::runtime});
    else if (starts_word(call, "add_development_dependency"))
      manifest.dependencies.push_back({texts[0], ranges_of(texts), DependencyScope::development});
    else if (is("name"))
      manifest.name = texts[0];
    else if (is("version"))
      manifest.version = texts[0];
    else if (is("summary") && manifest.description.empty())
      manifest.description = texts[0];
    else if (is("license") || is("licenses"))
      manifest.licence = texts[0];
    else if (is("executables"))
      manifest.entry_points.insert(manifest.entry_points.end(), texts.begin(), texts.end());
  }
}

}  // namespace

void parse_ruby(std::string_view bytes, Manifest& manifest) {
  if (manifest.path.ends_with(".gemspec"))
    parse_gemspec(bytes, manifest);
  else
    parse_gemfile(bytes, manifest);
}

void parse_rakefile(std::string_view bytes, Manifest& manifest) {
  std::string about;
  while (!bytes.empty()) {
    const auto line = trimmed(take_line(bytes));
    if (starts_word(line, "desc")) {
      const auto texts = quoted(line);
      about = texts.empty() ? "" : texts[0];
      continue;
    }
    // "task :name", "task name: :other", "task 'name'", "Rake::TestTask.new(:name)",
    // "RSpec::Core::RakeTask.new(:spec)".
    std::string_view rest;
    if (starts_word(line, "task"))
      rest = trimmed(line.substr(5));
    else if (const auto made = line.find("Task.new"); made != line.npos && !line.starts_with('#'))
      rest = line.substr(made + 8).starts_with("(") ? trimmed(line.substr(made + 9)) : "test";
    else if (const auto create = line.find("TestTask.create"); create != line.npos && !line.starts_with('#'))
      rest = line.substr(create + 15).starts_with("(") ? trimmed(line.substr(create + 16)) : "test";  // Of minitest.
    if (!rest.empty() && rest.front() == '(') rest = trimmed(rest.substr(1));
    if (!rest.empty() && (rest.front() == ':' || rest.front() == '"' || rest.front() == '\'')) rest.remove_prefix(1);
    const auto name = rest.substr(0, rest.find_first_of(" ,:=>\"')|{\t"));
    if (!name.empty() && !manifest.has_script(name)) manifest.scripts.push_back({std::string(name), about});
    if (!line.empty()) about.clear();
  }
}

}  // namespace skein::repo
