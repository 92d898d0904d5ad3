#include "repo/classify.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/embedded.h"
#include "repo/ignore.h"
#include "repo/toml_document.h"

namespace skein::repo_classify::data {
std::span<const EmbeddedFile> files();
}

namespace skein::repo {
namespace {

// Raised when the code below decides differently on the same rules.
constexpr std::uint64_t kMeaning = 1;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// One file of data/classify. Names are matched by the ignore rules' patterns, so there is one matcher.
struct TraitRules {
  std::unordered_set<std::string> folders;
  IgnoreRules names;
  IgnoreRules names_in_folders;
};

struct Rules {
  TraitRules vendored, documentation, test, generated, minified;
  std::vector<std::string> markers, comment_starts, minified_endings;
  std::size_t marker_lines = 0;
  std::size_t average_line = 0;
  std::size_t least_bytes = 0;
  Digest digest;
};

std::vector<std::string> texts(const nlohmann::json& document, const char* key) {
  std::vector<std::string> list;
  if (const auto found = document.find(key); found != document.end())
    for (const auto& entry : *found) list.push_back(entry.get<std::string>());
  return list;
}

IgnoreRules patterns(const nlohmann::json& document, const char* key) {
  std::string text;
  for (const std::string& pattern : texts(document, key)) text.append(pattern).push_back('\n');
  return IgnoreRules::parse(text);
}

Rules load() {
  Rules rules;
  Hasher hasher;
  hasher.number(kMeaning);
  for (const EmbeddedFile& file : repo_classify::data::files()) {
    hasher.field(file.path).field(file.bytes);
    const auto parsed = parse_toml(file.bytes);
    SKEIN_CHECK(parsed.has_value());  // Our own data: a test loads it.
    const nlohmann::json& document = *parsed;
    TraitRules trait;
    for (std::string& folder : texts(document, "folders")) trait.folders.insert(std::move(folder));
    trait.names = patterns(document, "names");
    trait.names_in_folders = patterns(document, "names_in_folders");
    if (file.path == "vendored.toml") rules.vendored = std::move(trait);
    if (file.path == "documentation.toml") rules.documentation = std::move(trait);
    if (file.path == "test.toml") rules.test = std::move(trait);
    if (file.path == "generated.toml") {
      rules.generated = std::move(trait);
      rules.markers = texts(document, "markers");
      rules.comment_starts = texts(document, "comment_starts");
      rules.marker_lines = document["marker_lines"].get<std::size_t>();
    }
    if (file.path == "minified.toml") {
      rules.minified = std::move(trait);
      rules.minified_endings = texts(document, "endings");
      rules.average_line = document["average_line"].get<std::size_t>();
      rules.least_bytes = document["least_bytes"].get<std::size_t>();
    }
  }
  rules.digest = hasher.finish();
  return rules;
}

const Rules& rules() {
  static const Rules kRules = load();
  return kRules;
}

bool in_folder(const std::unordered_set<std::string>& folders, std::string_view path) {
  std::size_t begin = 0;
  for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', begin)) {
    if (folders.contains(std::string(path.substr(begin, slash - begin)))) return true;
    begin = slash + 1;
  }
  return false;
}

// The length of the UTF-8 sequence at the start of `text`, 0 where there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80    ? 1
                             : first >= 0xf5 ? 0
                             : first >= 0xf0 ? 4
                             : first >= 0xe0 ? 3
                             : first >= 0xc2 ? 2
                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  return length;
}

/// What text of any encoding is made of, nearly all of nearly all files.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x7f; ++byte) plain[byte] = true;
  for (const unsigned char byte : {'\t', '\n', '\r', '\f', '\x1b'}) plain[byte] = true;
  return plain;
}();

bool is_quote(char c) { return c == '"' || c == '`' || c == '\'' || c == '\\'; }

// A comment's line that holds a marker which is not quoted.
bool is_marked(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == line.npos) return false;
  const std::string text = lower(line.substr(begin));
  const auto starts = [&](const std::string& mark) { return text.starts_with(mark); };
  if (std::none_of(rules().comment_starts.begin(), rules().comment_starts.end(), starts)) return false;
  return std::any_of(rules().markers.begin(), rules().markers.end(), [&](const std::string& marker) {
    const std::size_t at = text.find(marker);
    return at != text.npos && (at == 0 || !is_quote(text[at - 1]));
  });
}

bool has_marker(std::string_view head) {
  for (std::size_t line = 0; line < rules().marker_lines && !head.empty(); ++line) {
    const std::size_t newline = head.find('\n');
    // A marker stands at a line's beginning; the rest of an endless line need not be looked at.
    if (is_marked(head.substr(0, std::min<std::size_t>(newline, 400)))) return true;
    if (newline == head.npos) break;
    head.remove_prefix(newline + 1);
  }
  return false;
}

}  // namespace

bool is_binary(std::string_view head) {
  if (head.find('\0') != head.npos) return true;
  std::size_t odd = 0;  // Bytes that neither UTF-8 text nor a single-byte encoding's text has many of.
  for (std::size_t at = 0; at < head.size();) {
    const auto byte = static_cast<unsigned char>(head[at]);
    if (kPlain[byte]) {
      ++at;
      continue;
    }
    const bool control = byte < 0x80;
    const std::size_t length = utf8_length(head.substr(at));
    const bool cut = length == 0 && head.size() - at < 4;  // A sequence that the head's end cuts.
    if (control || (length == 0 && !cut)) ++odd;
    at += std::max<std::size_t>(length, 1);
  }
  return odd * 10 > head.size() * 3;
}

FileTraits traits_of_path(std::string_view original) {
  const std::string path = lower(original);
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  const auto holds = [&](const TraitRules& trait) {
    return in_folder(trait.folders, path) || trait.names.match(name, false) == Verdict::ignored;
  };
  FileTraits traits;
  traits.vendored = holds(rules().vendored);
  traits.test = holds(rules().test);
  traits.generated = holds(rules().generated);
  traits.minified = holds(rules().minified);
  const TraitRules& documentation = rules().documentation;
  traits.documentation =
      documentation.names.match(name, false) == Verdict::ignored ||
      (in_folder(documentation.folders, path) && documentation.names_in_folders.match(name, false) == Verdict::ignored);
  return traits;
}

FileTraits traits_of_text(std::string_view path, std::string_view head) {
  FileTraits traits;
  traits.generated = has_marker(head);
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  const auto ends = [&](const std::string& ending) { return name.ends_with(ending); };
  const auto& endings = rules().minified_endings;
  if (head.size() >= rules().least_bytes && std::any_of(endings.begin(), endings.end(), ends)) {
    const auto lines = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n')) + 1;
    traits.minified = head.size() / lines > rules().average_line;
  }
  return traits;
}

Digest classification_digest() { return rules().digest; }

}  // namespace skein::repo
