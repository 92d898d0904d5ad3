// Who works on what, and where it is busy: owners, churn and hot spots, out of a HistoryLog. Pure functions over plain
// data with a stored form, so that they can be steps of the engine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "repo/history_log.h"

namespace skein::repo {

/// Somebody's part in a file or folder.
struct AuthorShare {
  bool operator==(const AuthorShare&) const = default;
  std::uint32_t author = 0;   ///< Index in History::authors.
  std::uint32_t commits = 0;  ///< That touched it, each counted once.
  std::uint64_t lines = 0;    ///< Added and removed by these.
};

/// What happened to one file, or to all files below one folder, those that are gone included.
struct PathHistory {
  bool operator==(const PathHistory&) const = default;
  std::string path{};         ///< As it is now: renames are followed. "" is the workspace.
  std::uint32_t commits = 0;  ///< Churn: commits of the window that touched it.
  std::uint64_t lines_added = 0, lines_removed = 0;
  std::int64_t last_time = 0;         ///< Of the newest of them, seconds since 1970.
  std::uint32_t authors = 0;          ///< How many people.
  std::vector<AuthorShare> shares{};  ///< Most commits first, then most lines, then by author; at most kShares.

  static constexpr std::size_t kShares = 5;
};

struct HistoryAuthor {
  bool operator==(const HistoryAuthor&) const = default;
  std::string name{};  ///< Cleaned: valid UTF-8 in one line, at most 100 bytes. Still somebody else's text: escape it.
  std::uint32_t commits = 0;  ///< Merges not counted.
  std::uint64_t lines = 0;
};

struct History {
  bool operator==(const History&) const = default;
  std::uint32_t commits = 0;            ///< In the window, with merges.
  std::uint32_t merges = 0;             ///< Of these; they change nothing of their own.
  std::int64_t newest = 0, oldest = 0;  ///< Times of the window's ends.
  bool complete = false;                ///< The window is all there is.
  bool shallow = false;
  std::vector<HistoryAuthor> authors{};  ///< Most commits first, then by name. People of one e-mail address are one, by
                                         ///< their newest name; so are people of one name.
  std::vector<PathHistory> files{};      ///< Present files that some commit of the window touched, by path.
  std::vector<PathHistory> folders{};    ///< Folders with such a file at any depth, by path.
  std::vector<std::string> notes{};      ///< As in the log.

  /// Null where no commit of the window touched it. O(log n).
  [[nodiscard]] const PathHistory* file(std::string_view path) const;
  [[nodiscard]] const PathHistory* folder(std::string_view path) const;
};

/// `present`: the files of the workspace, sorted. O(changes * depth of their paths).
[[nodiscard]] History summarize_history(const HistoryLog& log, std::span<const std::string_view> present);

/// A file's complexity, as its facts measure it (FileFacts::branches).
struct FileComplexity {
  std::string_view path{};
  std::uint64_t complexity = 0;
};

/// Where much happens and much is to be understood: Tornhill, Your Code as a Crime Scene, 2015.
struct HotSpot {
  bool operator==(const HotSpot&) const = default;
  std::string path{};
  std::uint32_t commits = 0;
  std::uint64_t complexity = 0;
  std::uint64_t score = 0;  ///< commits * complexity.
};
/// The `most` highest scores above 0, then by path. A file that one commit touched is none: nothing came back to it.
[[nodiscard]] std::vector<HotSpot> hot_spots(const History& history, std::span<const FileComplexity> files,
                                             std::size_t most);

/// Format version first; equal histories give equal bytes.
[[nodiscard]] std::string encode(const History& history);
/// Errors: `data_corrupt`, `unsupported_version`.
[[nodiscard]] Result<History> decode_history(std::string_view bytes);

}  // namespace skein::repo
