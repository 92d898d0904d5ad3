#include "agents/login_watch.h"

#include <re2/re2.h>

namespace skein::agents {
namespace {

constexpr std::size_t kMostLine = 4'096;  // What is longer is no prompt.

}  // namespace

LoginWatch::LoginWatch(const OutputSpec& spec) : has_documents_(spec.format != OutputFormat::text) {
  for (const std::string& pattern : spec.login)
    patterns_.push_back(std::make_unique<re2::RE2>(pattern, re2::RE2::Quiet));
}

LoginWatch::~LoginWatch() = default;

void LoginWatch::heard(bool is_error, std::string_view bytes) {
  if (patterns_.empty()) return;
  std::string& open = open_.at(is_error ? 1 : 0);
  while (!bytes.empty() && !line_) {
    const auto end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (open.size() < kMostLine) open += piece.substr(0, kMostLine - open.size());
    look(is_error);
    if (end == std::string_view::npos) return;
    open.clear();
    bytes.remove_prefix(end + 1);
  }
}

void LoginWatch::look(bool is_error) {
  const std::string& open = open_.at(is_error ? 1 : 0);
  if (!is_error && has_documents_ && open.find_first_not_of(" \t\r") != std::string::npos &&
      open.at(open.find_first_not_of(" \t\r")) == '{')
    return;
  for (const auto& pattern : patterns_) {
    if (!re2::RE2::PartialMatch(open, *pattern)) continue;
    std::string& line = line_.emplace();
    for (const char c : open)
      if (static_cast<unsigned char>(c) >= ' ' && c != 0x7f) line += c;
    return;
  }
}

}  // namespace skein::agents
