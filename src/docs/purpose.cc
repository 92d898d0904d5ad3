#include "docs/purpose.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/embedded.h"
#include "docs/doc_text.h"
#include "repo/readme.h"

namespace skein::docs_theme::data {
std::span<const EmbeddedFile> files();
}  // namespace skein::docs_theme::data

namespace skein::docs {
namespace {

constexpr std::array<std::string_view, 9> kSpeakers{
    "__init__.py", "index.js", "index.ts", "index.tsx", "index.mjs", "mod.rs", "lib.rs", "doc.go", "package-info.java"};
constexpr std::size_t kLongest = 300;

/// Rows "name TAB purpose".
std::string_view folder_names() {
  for (const auto& file : docs_theme::data::files())
    if (file.path == "folders.tsv") return file.bytes;
  return {};
}

std::string_view known_folder(std::string_view name) {
  std::string_view rows = folder_names();
  while (!rows.empty()) {
    const auto end = rows.find('\n');
    const auto row = rows.substr(0, end);
    rows = end == std::string_view::npos ? std::string_view{} : rows.substr(end + 1);
    const auto tab = row.find('\t');
    if (tab != std::string_view::npos && row.substr(0, tab) == name) return row.substr(tab + 1);
  }
  return {};
}

}  // namespace

bool speaks_for_folder(std::string_view file_name) {
  return std::find(kSpeakers.begin(), kSpeakers.end(), file_name) != kSpeakers.end();
}

Digest folder_names_digest() { return sha256(folder_names()); }

Statement purpose_of(std::string_view folder, std::string_view readme_path, std::string_view readme,
                     const std::vector<FolderFile>& files) {
  if (const auto said = repo::read_readme(readme); !said.paragraph.empty())
    return {doc_summary(said.paragraph, kLongest), false, std::string(readme_path)};
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
