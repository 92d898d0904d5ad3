#include "prose/ci_commands.h"

#include <algorithm>
#include <array>

namespace skein::prose {
namespace {

constexpr std::size_t kLongest = 160;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool tells_something(std::string_view command) {
  if (command.size() < 3 || command.size() > kLongest || command.contains("${{") || command.contains("<<") ||
      command.front() == '#' || command.ends_with('\\') || command.ends_with('{') ||
      command.find('\0') != std::string_view::npos)
    return false;
  static constexpr std::array<std::string_view, 22> kSetUp{
      "echo",  "cd",  "export", "if",   "then", "else",    "fi",   "for", "do",   "done", "set",
      "mkdir", "cat", "ls",     "sudo", "apt",  "apt-get", "brew", "git", "curl", "wget", "exit"};
  const auto first = command.substr(0, command.find_first_of(" ;"));
  return std::ranges::find(kSetUp, first) == kSetUp.end() && !first.contains('=') && first != "}" && first != "esac";
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
    return text.substr(1, text.size() - 2);
  return text;
}

}  // namespace

std::vector<std::string> ci_commands(std::string_view yaml) {
  std::vector<std::string> commands;
  const auto add = [&](std::string_view command) {
    command = trimmed(command);
    if (tells_something(command) && std::ranges::find(commands, command) == commands.end())
      commands.emplace_back(command);
  };
  enum class In { nothing, block, list } in = In::nothing;
  std::size_t indent = 0;  // Of the key that opened the block or list.
  while (!yaml.empty()) {
    const auto line = yaml.substr(0, yaml.find('\n'));
    yaml.remove_prefix(std::min(yaml.size(), line.size() + 1));
    const auto content = trimmed(line);
    if (content.empty()) continue;
    const std::size_t depth = line.find_first_not_of(' ');
    if (in == In::block && depth > indent) {
      add(content);
      continue;
    }
    if (in == In::list && depth >= indent && content.starts_with("- ")) {
      add(unquoted(trimmed(content.substr(2))));
      continue;
    }
    in = In::nothing;
    auto key = content;
    std::size_t key_depth = depth;
    if (key.starts_with("- ")) {
      const auto skipped = key.find_first_not_of(' ', 1);
      if (skipped == std::string_view::npos) continue;
      key.remove_prefix(skipped);
      key_depth += skipped;
    }
    if (key.starts_with("run:")) {
      const auto value = trimmed(key.substr(4));
      if (value.starts_with('|') || value.starts_with('>')) {
        in = In::block;
        indent = key_depth;
      } else {
        add(unquoted(value));
      }
    } else if (key == "script:") {
      in = In::list;
      indent = key_depth;
    }
  }
  return commands;
}

}  // namespace skein::prose
