// A site is a manifest of (path, digest): what skein wrote into a target, and so all that it may ever change or remove
// there. It is written last: a site is what its manifest says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/change_list.h"
#include "engine/file_edit.h"

namespace skein::docs {

/// The manifest's name in the site.
inline constexpr std::string_view kManifestName = "skein-site.txt";

/// How far a site has come. Each stage is a commit of its own, and a whole site as far as it goes.
enum class SiteStage : std::uint8_t {
  overview,  ///< A first overview of quick facts, which names what is missing.
  pages,     ///< Everything.
};
[[nodiscard]] std::string_view to_string(SiteStage stage);

struct SiteFile {
  std::string path;  ///< In the site, "/"-separated.
  Digest digest;     ///< Of its bytes; none for the change log, whose bytes tell of the past and not of the repository.

  auto operator<=>(const SiteFile&) const = default;
};

/// Sorted by path, each once.
using Manifest = std::vector<SiteFile>;

/// Text: a line "skein.site/2", a line "stage STAGE", then "DIGEST PATH" per file.
[[nodiscard]] std::string encode(const Manifest& manifest, SiteStage stage = SiteStage::pages);
/// `stage`, if given, gets the stage. A manifest of format 1 has no stage: all its pages are there.
/// Errors: `data_corrupt` for anything else, also unsorted or escaping paths; `unsupported_version`.
[[nodiscard]] Result<Manifest> decode_manifest(std::string_view text, SiteStage* stage = nullptr);

/// What is read of an encoded manifest without decoding it. REQUIRES of `text` that `decode_manifest` would take it:
/// what skein wrote and nobody touched since.
class ManifestText {
 public:
  explicit ManifestText(std::string_view text);
  /// A file's digest, if it is there. O(log n).
  [[nodiscard]] std::optional<Digest> find(std::string_view path) const;
  /// The paths from `first` up to and without `end`, in order. O(log n + how many).
  [[nodiscard]] std::vector<std::string_view> between(std::string_view first, std::string_view end) const;
  [[nodiscard]] std::size_t size() const;
  /// What turns the text into that of a site with these changes (sorted by path, each once).
  [[nodiscard]] engine::FileEdit edit(const std::vector<engine::FileChange>& changes) const;

 private:
  struct Line {
    std::size_t begin = 0;
    std::string_view path;  ///< Empty: there are no more lines.
    std::string_view hex;
    [[nodiscard]] std::size_t bytes() const { return hex.size() + path.size() + 2; }
  };
  [[nodiscard]] Line line_at(std::size_t begin) const;
  [[nodiscard]] Line first_not_before(std::string_view path) const;

  std::string_view text_;
  std::size_t head_ = 0;  // Of the lines before the first file.
};

/// What turns a site of manifest `before` into `after`, in the order of paths. Files without a digest only go, where
/// `after` lacks them: who writes them knows when.
[[nodiscard]] std::vector<engine::FileChange> difference(const Manifest& before, const Manifest& after);

}  // namespace skein::docs
