// What the steps of a site hand to each other, beside facts: small records, so that a change goes no further than it
// matters (early cutoff).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "docs/model.h"

namespace skein::docs {

/// What others show of a file: made with its facts, and unchanged by most edits.
struct FileCard {
  std::string language;  ///< Id; empty: none.
  std::uint64_t lines = 0;
  std::uint64_t symbols = 0;
  std::uint64_t branches = 0;  ///< As in repo::FileFacts.
  bool entry_point = false;
  std::string summary;  ///< First line of its doc.
  std::string doc;      ///< First paragraph of its doc, for a folder's purpose.
};
[[nodiscard]] std::string encode(const FileCard& card);
[[nodiscard]] Result<FileCard> decode_card(std::string_view bytes);

/// The imports of a file, as in its facts, the language that says where they lead, and whether it can be run.
struct FileImports {
  std::string language;  ///< Id; empty: none.
  bool main = false;     ///< Has a main part.
  bool script = false;   ///< Its first line names an interpreter.
  std::vector<repo::Import> imports;
  std::string marks{};  ///< FileMarks, encoded.
};
[[nodiscard]] std::string encode(const FileImports& imports);
[[nodiscard]] Result<FileImports> decode_imports(std::string_view bytes);

/// Where the imports of a folder's files lead.
struct FolderLinks {
  /// What has a page is said here, so that a page is rendered again when what it links to wins or loses its own.
  struct Target {
    std::string path;
    bool page = false;         ///< The file has one,
    bool folder_page = false;  ///< its folder has one.
    bool operator==(const Target&) const = default;
  };
  struct File {
    std::string language;  ///< As in FileImports; so with the next two.
    bool main = false;
    bool script = false;
    std::vector<std::vector<Target>> imports;  ///< Of each: files of the workspace; none where it leads outside.
  };
  std::vector<File> files;            ///< Of the folder, those with a page.
  std::vector<std::string> external;  ///< Packages from outside that they import, sorted; at most kExternal.

  static constexpr std::size_t kExternal = 200;
};
[[nodiscard]] std::string encode(const FolderLinks& links);
[[nodiscard]] Result<FolderLinks> decode_links(std::string_view bytes);
/// Of the file at `position` alone: a page of a large folder needs no more. Errors: also `internal` where there is
/// none.
[[nodiscard]] Result<FolderLinks::File> decode_links_of(std::string_view bytes, std::size_t position);

/// Who uses a folder and its files.
struct FolderUsers {
  struct File {
    std::vector<std::string> users;  ///< Sorted; at most kShownUsers.
    std::uint64_t total = 0;
  };
  std::vector<File> files;         ///< As in FolderLinks.
  std::vector<ModuleUse> uses;     ///< Folders outside of this one, of it with all below it; most imports first.
  std::vector<ModuleUse> used_by;  ///< Likewise.

  static constexpr std::size_t kShownUsers = 100;
};
[[nodiscard]] std::string encode(const FolderUsers& users);
[[nodiscard]] Result<FolderUsers> decode_users(std::string_view bytes);
/// As decode_links_of.
[[nodiscard]] Result<FolderUsers::File> decode_users_of(std::string_view bytes, std::size_t position);

/// All below a folder, added up.
struct Tally {
  Statement purpose;
  Counts counts;
  std::map<std::string, LanguageCount> languages;  ///< By id.
  /// The files with most decisions, tests left out: most first, then by path; at most kComplex.
  struct Complex {
    std::string path;
    std::uint64_t branches = 0;
    bool operator==(const Complex&) const = default;
  };
  std::vector<Complex> complex;

  static constexpr std::size_t kComplex = 200;
};
[[nodiscard]] std::string encode(const Tally& tally);
[[nodiscard]] Result<Tally> decode_tally(std::string_view bytes);

}  // namespace skein::docs
