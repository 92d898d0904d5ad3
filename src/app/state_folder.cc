#include "app/state_folder.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/digest.h"
#include "base/platform/surroundings.h"

namespace skein::app {
namespace {

constexpr std::string_view kFormatPrefix = "skein state ";
/// Not state: what a repository may have brought, pages, and files that belong to every format.
constexpr std::array<std::string_view, 8> kKept{"agents", "docs",    "format",    "formats",
                                                "owner",  "prompts", "workflows", ".gitignore"};

bool is_kept(std::string_view name) {
  return std::ranges::find(kKept, name) != kKept.end() || name.starts_with("old-");
}

/// `pages_too`: a site that somebody else made could hold anything.
Status move_aside(FileSystem& files, const std::string& folder, int format, bool pages_too) {
  SKEIN_TRY(const auto entries, files.list(folder));
  // A name that is free: an earlier rebuild may have left its own.
  std::string aside;
  for (int n = 0; aside.empty(); ++n) {
    const std::string name = n == 0 ? fmt::format("old-{}", format) : fmt::format("old-{}-{}", format, n);
    if (std::ranges::none_of(entries, [&](const DirectoryEntry& entry) { return entry.name == name; }))
      aside = join_path(folder, name);
  }
  SKEIN_DO(files.make_directories(aside));
  for (const DirectoryEntry& entry : entries) {
    if (is_kept(entry.name) && !(pages_too && entry.name == "docs")) continue;
    SKEIN_DO(files.rename(join_path(folder, entry.name), join_path(aside, entry.name)));
  }
  return {};
}

}  // namespace

Result<StateFolder> locate_state_folder(const std::string& workspace, const std::string& user_state_folder,
                                        const MountOf& mount_of) {
  StateFolder located{join_path(workspace, ".skein"), false, {}, {}};
  // A repository can bring a link: skein would write wherever it leads.
  if (is_link(located.path))
    return std::unexpected(Error(Code::untrusted, fmt::format("{} is a symbolic link", located.path))
                               .or_do("remove the link; skein makes the folder itself"));
  // The folder itself may be a mount of its own.
  Result<Mount> mount = mount_of(located.path);
  if (!mount) {
    mount = mount_of(workspace);
    if (!mount) return pass(std::move(mount).error(), "while looking for a place for the state");
  }
  if (!mount->network && !mount->read_only) return located;
  located.moved = true;
  located.why_moved = mount->network ? fmt::format("the workspace lies on a network file system ({})", mount->kind)
                                     : "the workspace cannot be written to";
  located.path = join_path(join_path(user_state_folder, "workspaces"), sha256(workspace).hex());
  return located;
}

Result<std::optional<int>> state_format(FileSystem& files, const std::string& folder) {
  auto text = read_file(files, join_path(folder, "format"));
  if (!text) {
    if (text.error().code() != Code::not_found) return std::unexpected(std::move(text).error());
    auto entries = files.list(folder);
    if (!entries && entries.error().code() == Code::not_found) return std::optional<int>();
    if (!entries) return std::unexpected(std::move(entries).error());
    const bool holds_state =
        std::ranges::any_of(*entries, [](const DirectoryEntry& entry) { return !is_kept(entry.name); });
    return holds_state ? std::optional(0) : std::nullopt;
  }
  int version = 0;
  std::string_view rest = *text;
  if (!rest.starts_with(kFormatPrefix)) return std::optional(0);
  rest.remove_prefix(kFormatPrefix.size());
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), version);
  if (error != std::errc{} || version < 1 || std::string_view(end, rest.data() + rest.size()) != "\n")
    return std::optional(0);
  return std::optional(version);
}

bool is_own_state(FileSystem& files, const std::string& folder, std::string_view key) {
  const auto owner = read_file(files, join_path(folder, "owner"));
  return owner && *owner == hmac_sha256(key, folder).hex() + "\n";
}

Result<StateFolder> open_state_folder(FileSystem& files, StateFolder located, std::string_view key) {
  SKEIN_TRY(const std::optional<int> format, state_format(files, located.path));
  const bool own = is_own_state(files, located.path, key);
  if (format == kStateFormat && own) return located;
  if (format && *format > kStateFormat)
    return std::unexpected(
        Error(Code::unsupported_version,
              fmt::format("the state in {} was written by a newer skein (format {}, this one knows {})", located.path,
                          *format, kStateFormat))
            .or_do(fmt::format("update skein, or remove {} to start afresh", located.path)));
  SKEIN_DO(files.make_directories(located.path));
  const bool foreign_pages = !own && files.list(join_path(located.path, "docs"));
  if (!format && foreign_pages) SKEIN_DO(move_aside(files, located.path, 0, true));
  if (format) {
    SKEIN_DO(move_aside(files, located.path, *format, !own));
    located.notes.push_back(
        *format == kStateFormat ? fmt::format("the state in {} was not made here by you (a copied, moved or foreign "
                                              "folder): it was moved to old-{} there "
                                              "and is rebuilt",
                                              located.path, *format)
        : *format == 0
            ? fmt::format("the state in {} had no readable format: it was moved to old-0 there and is rebuilt",
                          located.path)
            : fmt::format("the state in {} was of format {}: it was moved to old-{} there and is rebuilt in format {}",
                          located.path, *format, *format, kStateFormat));
  }
  const std::string ignore = join_path(located.path, ".gitignore");
  if (!files.open(ignore, OpenMode::read)) SKEIN_DO(write_file_atomically(files, ignore, "*\n", false));
  SKEIN_DO(write_file_atomically(files, join_path(located.path, "owner"), hmac_sha256(key, located.path).hex() + "\n",
                                 true));
  // Last: a folder with a format is complete.
  SKEIN_DO(write_file_atomically(files, join_path(located.path, "format"),
                                 fmt::format("{}{}\n", kFormatPrefix, kStateFormat), true));
  return located;
}

}  // namespace skein::app
