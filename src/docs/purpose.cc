#include "docs/purpose.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/embedded.h"
#include "docs/doc_text.h"

namespace skein::docs_theme::data {
std::span<const EmbeddedFile> files();
}  // namespace skein::docs_theme::data

namespace skein::docs {
namespace {

constexpr std::array<std::string_view, 9> kSpeakers{"__init__.py", "index.js", "index.ts", "index.tsx", "index.mjs",
                                                    "mod.rs",      "lib.rs",   "doc.go",   "package-info.java"};
constexpr std::size_t kLongest = 300;

/// The row of data/docs/folders.tsv.
std::string_view known_folder(std::string_view name) {
  for (const auto& file : docs_theme::data::files()) {
    if (file.path != "folders.tsv") continue;
    std::string_view rows = file.bytes;
    while (!rows.empty()) {
      const auto end = rows.find('\n');
      const auto row = rows.substr(0, end);
      rows = end == std::string_view::npos ? std::string_view{} : rows.substr(end + 1);
      const auto tab = row.find('\t');
      if (tab != std::string_view::npos && row.substr(0, tab) == name) return row.substr(tab + 1);
    }
  }
  return {};
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Links become their text, images vanish, emphasis and code marks go.
std::string plain(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool image = line[i] == '!' && i + 1 < line.size() && line[i + 1] == '[';
    if (image || line[i] == '[') {
      const std::size_t open = i + (image ? 1 : 0);
      std::size_t depth = 0;
      std::size_t close = open;
      for (; close < line.size(); ++close) {
        if (line[close] == '[') ++depth;
        if (line[close] == ']' && --depth == 0) break;
      }
      if (close < line.size()) {
        if (!image) out += plain(line.substr(open + 1, close - open - 1));
        i = close;
        if (i + 1 < line.size() && line[i + 1] == '(') {
          const auto end = line.find(')', i);
          if (end != std::string_view::npos) i = end;
        } else if (i + 1 < line.size() && line[i + 1] == '[') {
          const auto end = line.find(']', i + 1);
          if (end != std::string_view::npos) i = end;
        }
        continue;
      }
    }
    if (line[i] == '*' || line[i] == '`') continue;
    if (line[i] == '<') {
      const auto end = line.find('>', i);
      if (end != std::string_view::npos) {
        i = end;
        continue;
      }
    }
    out += line[i];
  }
  return out;
}

}  // namespace

bool speaks_for_folder(std::string_view file_name) {
  return std::find(kSpeakers.begin(), kSpeakers.end(), file_name) != kSpeakers.end();
}

std::string first_paragraph(std::string_view markdown) {
  std::string paragraph;
  bool fenced = false;
  std::string_view rest = markdown.substr(0, 64 * 1024);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto raw = rest.substr(0, end);
    const auto line = trim(raw);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.starts_with("```") || line.starts_with("~~~")) {
      if (!paragraph.empty()) break;
      fenced = !fenced;
      continue;
    }
    if (fenced) continue;
    const bool underline = !line.empty() && line.find_first_not_of("=-") == std::string_view::npos;
    if (underline && !paragraph.empty()) {
      paragraph.clear();  // It was a heading.
      continue;
    }
    const bool prose = !line.empty() && !line.starts_with("#") && !line.starts_with("|") && !line.starts_with("- ") &&
                       !line.starts_with("* ") && !line.starts_with(">") && !line.starts_with("<") && !underline &&
                       !line.starts_with("..") && !raw.starts_with("    ") && !raw.starts_with("\t");
    if (!prose) {
      if (!paragraph.empty()) break;
      continue;
    }
    const std::string text = plain(line);
    if (trim(text).empty()) continue;  // Badges only.
    if (!paragraph.empty()) paragraph += ' ';
    paragraph += trim(text);
    if (paragraph.size() > 4 * kLongest) break;
  }
  return paragraph;
}

Statement purpose_of(std::string_view folder, std::string_view readme_path, std::string_view readme,
                     const std::vector<FolderFile>& files) {
  if (const std::string text = first_paragraph(readme); !text.empty())
    return {doc_summary(text, kLongest), false, std::string(readme_path)};
  for (const auto& file : files)
    if (speaks_for_folder(file.name) && file.card != nullptr && !file.card->doc.empty())
      return {doc_summary(file.card->doc, kLongest), false, std::string(file.path)};
  const auto slash = folder.rfind('/');
  const auto name = slash == std::string_view::npos ? folder : folder.substr(slash + 1);
  if (const auto known = known_folder(name); !known.empty()) return {std::string(known), true, "its name"};
  // A folder with one documented file is what that file is.
  const FolderFile* only = nullptr;
  for (const auto& file : files) {
    if (file.card == nullptr || file.card->summary.empty()) continue;
    if (only != nullptr) return {};
    only = &file;
  }
  if (only != nullptr) return {only->card->summary, true, "its only documented file"};
  return {};
}

}  // namespace skein::docs
