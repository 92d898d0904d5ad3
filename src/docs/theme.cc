#include "docs/theme.h"

#include <algorithm>

#include "base/check.h"
#include "base/embedded.h"
#include "docs/page_frame.h"

namespace skein::docs_theme::data {
std::span<const EmbeddedFile> files();
}  // namespace skein::docs_theme::data

namespace skein::docs {
namespace {

constexpr std::string_view kFrame = "page.html";
constexpr std::string_view kAssets = "assets/";

std::vector<SiteAsset> load_assets() {
  std::vector<SiteAsset> assets;
  for (const auto& file : docs_theme::data::files()) {
    if (file.path.starts_with(kAssets)) assets.push_back({file.path, file.bytes});
  }
  return assets;
}

}  // namespace

std::span<const SiteAsset> site_assets() {
  static const std::vector<SiteAsset> assets = load_assets();
  return assets;
}

Digest theme_digest() {
  Hasher hasher;
  for (const auto& file : docs_theme::data::files()) {
    if (file.path == kFrame || file.path.starts_with(kAssets)) hasher.field(file.path).field(file.bytes);
  }
  return hasher.finish();
}

std::string theme_version() { return theme_digest().short_hex(8); }

PageFrame::PageFrame(std::string_view source) {
  static constexpr std::pair<std::string_view, Slot> kSlots[] = {
      {"rendering", Slot::rendering}, {"title", Slot::title},     {"root", Slot::root},
      {"theme", Slot::theme},         {"project", Slot::project}, {"markdown", Slot::markdown},
      {"crumbs", Slot::crumbs},       {"side", Slot::side},       {"content", Slot::content},
  };
  while (true) {
    const auto open = source.find("{{");
    if (open == source.npos) break;
    const auto close = source.find("}}", open);
    SKEIN_CHECK(close != source.npos);
    const auto name = source.substr(open + 2, close - open - 2);
    const auto* slot = std::ranges::find(kSlots, name, &std::pair<std::string_view, Slot>::first);
    SKEIN_CHECK(slot != std::end(kSlots));
    parts_.push_back({source.substr(0, open), slot->second});
    size_ += open;
    source.remove_prefix(close + 2);
  }
  tail_ = source;
  size_ += source.size();
}

const PageFrame& page_frame() {
  static const PageFrame frame = [] {
    for (const auto& file : docs_theme::data::files()) {
      if (file.path == kFrame) return PageFrame(file.bytes);
    }
    check_failed("data/docs/page.html is embedded", __FILE__, __LINE__);
  }();
  return frame;
}

}  // namespace skein::docs
