#include "docs/manifest.h"

#include <algorithm>

namespace skein::docs {
namespace {

constexpr std::string_view kHead = "skein.site/2\nstage ";
constexpr std::string_view kFirstHead = "skein.site/1\n";
constexpr std::string_view kAnyHead = "skein.site/";
constexpr std::size_t kHexBytes = 64;

bool sound_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/') return false;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return true;
}

}  // namespace

std::string_view to_string(SiteStage stage) {
  switch (stage) {
    case SiteStage::overview:
      return "overview";
    case SiteStage::pages:
      return "pages";
  }
  return {};
}

std::string encode(const Manifest& manifest, SiteStage stage) {
  std::string text(kHead);
  text.append(to_string(stage)).append("\n");
  std::size_t size = text.size();
  for (const auto& file : manifest) size += kHexBytes + file.path.size() + 2;
  text.reserve(size);
  for (const auto& file : manifest) text.append(file.digest.hex()).append(" ").append(file.path).append("\n");
  return text;
}

Result<Manifest> decode_manifest(std::string_view text, SiteStage* stage) {
  SiteStage reached = SiteStage::pages;
  if (text.starts_with(kFirstHead)) {
    text.remove_prefix(kFirstHead.size());
  } else if (text.starts_with(kHead)) {
    text.remove_prefix(kHead.size());
    const auto end = text.find('\n');
    const auto name = text.substr(0, end);
    if (end == std::string_view::npos ||
        (name != to_string(SiteStage::overview) && name != to_string(SiteStage::pages)))
      return fail(Code::data_corrupt, "{} names no stage", kManifestName);
    if (name == to_string(SiteStage::overview)) reached = SiteStage::overview;
    text.remove_prefix(end + 1);
  } else {
    if (text.starts_with(kAnyHead) && !text.starts_with("skein.site/2\n"))
      return fail(Code::unsupported_version, "the site was written by a newer skein");
    return fail(Code::data_corrupt, "{} is no manifest of a site", kManifestName);
  }
  if (stage != nullptr) *stage = reached;
  Manifest manifest;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    const auto digest = Digest::parse(line.substr(0, 64));
    if (end == std::string_view::npos || !digest || line.size() < 66 || line[64] != ' ' ||
        !sound_path(line.substr(65)) || (!manifest.empty() && line.substr(65) <= manifest.back().path))
      return fail(Code::data_corrupt, "{} is damaged at its entry {}", kManifestName, manifest.size() + 1);
    manifest.push_back({std::string(line.substr(65)), *digest});
    text.remove_prefix(end + 1);
  }
  return manifest;
}

ManifestText::ManifestText(std::string_view text) : text_(text) {
  // Format 1 has one line before the files, the next has two.
  const int lines = text.starts_with(kFirstHead) ? 1 : 2;
  for (int i = 0; i < lines && head_ < text.size(); ++i) head_ = std::min(text.find('\n', head_), text.size() - 1) + 1;
}

ManifestText::Line ManifestText::line_at(std::size_t begin) const {
  if (begin >= text_.size()) return {text_.size(), {}, {}};
  const auto line = text_.substr(begin, text_.find('\n', begin) - begin);
  if (line.size() < kHexBytes + 2) return {text_.size(), {}, {}};
  return {begin, line.substr(kHexBytes + 1), line.substr(0, kHexBytes)};
}

ManifestText::Line ManifestText::first_not_before(std::string_view path) const {
  std::size_t low = head_,
              high = text_.size();  // Both begin a line; the line that is looked for is in between, or high.
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const std::size_t newline = middle == low ? text_.npos : text_.rfind('\n', middle - 1);
    const std::size_t begin = newline == text_.npos || newline < low ? low : newline + 1;
    const Line line = line_at(begin);
    if (line.path.empty()) break;
    if (line.path < path)
      low = line.begin + line.bytes();
    else
      high = begin;
  }
  return line_at(low);
}

std::optional<Digest> ManifestText::find(std::string_view path) const {
  const Line line = first_not_before(path);
  if (line.path != path) return std::nullopt;
  return Digest::parse(line.hex);
}

std::vector<std::string_view> ManifestText::between(std::string_view first, std::string_view end) const {
  std::vector<std::string_view> paths;
  for (Line line = first_not_before(first); !line.path.empty() && line.path < end;
       line = line_at(line.begin + line.bytes()))
    paths.push_back(line.path);
  return paths;
}

std::size_t ManifestText::size() const {
  std::size_t lines = 0;
  for (auto at = text_.find('\n', head_); at != text_.npos; at = text_.find('\n', at + 1)) ++lines;
  return lines;
}

engine::FileEdit ManifestText::edit(const std::vector<engine::FileChange>& changes) const {
  engine::FileEdit edit;
  for (const auto& change : changes) {
    const Line line = first_not_before(change.path);
    const bool is_there = line.path == change.path;
    if (change.removes()) {
      if (is_there) edit.pieces.push_back({line.begin, line.bytes(), {}});
    } else if (is_there) {
      edit.pieces.push_back({line.begin, kHexBytes, change.digest.hex()});
    } else {
      edit.pieces.push_back({line.begin, 0, change.digest.hex() + " " + change.path + "\n"});
    }
  }
  return edit;
}

std::vector<engine::FileChange> difference(const Manifest& before, const Manifest& after) {
  std::vector<engine::FileChange> changes;
  auto old = before.begin();
  auto now = after.begin();
  while (old != before.end() || now != after.end()) {
    if (now == after.end() || (old != before.end() && old->path < now->path)) {
      changes.push_back({old->path, {}});
      ++old;
    } else if (old == before.end() || now->path < old->path) {
      if (!now->digest.is_none()) changes.push_back({now->path, now->digest});
      ++now;
    } else {
      if (old->digest != now->digest && !now->digest.is_none()) changes.push_back({now->path, now->digest});
      ++old;
      ++now;
    }
  }
  return changes;
}

}  // namespace skein::docs
