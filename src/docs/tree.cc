#include "docs/tree.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

namespace skein::docs {
namespace {

constexpr std::array<std::string_view, 5> kReadmeNames{"README.md", "README", "README.markdown", "README.txt",
                                                       "Readme.md"};

std::string mark_of(const repo::SnapshotFile& file) {
  switch (file.kind) {
    case repo::FileKind::binary:
      return "binary";
    case repo::FileKind::symlink:
      return "symbolic link";
    case repo::FileKind::submodule:
      return "submodule";
    case repo::FileKind::text:
      break;
  }
  if (file.traits.vendored) return "vendored";
  if (file.traits.minified) return "minified";
  if (file.traits.huge) return "huge";
  if (file.traits.generated) return "generated";
  return {};
}

}  // namespace

std::string_view TreeFile::name() const {
  const std::string_view path = file->path;
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

const TreeFile* SiteTree::file(std::string_view path) const {
  const auto found = std::lower_bound(files.begin(), files.end(), path,
                                      [](const TreeFile& f, std::string_view p) { return f.file->path < p; });
  return found != files.end() && found->file->path == path ? &*found : nullptr;
}

const TreeFolder* SiteTree::folder(std::string_view path) const {
  std::uint32_t at = 0;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto name = path.substr(0, slash);
    const auto& children = folders[at].folders;
    const auto child_name = [this](std::uint32_t child) {
      const std::string_view full = folders[child].path;
      const auto last = full.rfind('/');
      return last == std::string_view::npos ? full : full.substr(last + 1);
    };
    const auto found =
        std::find_if(children.begin(), children.end(), [&](auto child) { return child_name(child) == name; });
    if (found == children.end()) return nullptr;
    at = *found;
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return &folders[at];
}

PathRef SiteTree::page_of(std::string_view path) const {
  if (const auto* found = file(path)) {
    if (found->page) return {std::string(path), false, true};
    return {};
  }
  if (const auto* found = folder(path); found != nullptr && found->documented) return {std::string(path), true, true};
  return {};
}

SiteTree make_tree(const repo::Snapshot& snapshot, const repo::Languages& languages,
                   const std::function<std::string(const std::string&)>& start_of) {
  SiteTree tree;
  tree.folders.emplace_back();
  std::unordered_map<std::string_view, std::uint32_t> known;
  known.emplace("", 0);
  LeftOut deep{"files more than 64 folders deep, or with paths of more than 3,500 bytes",
               "a page shows all folders above it",
               0,
               0,
               {}};
  std::map<std::string, LeftOut> by_mark;
  static const std::map<std::string_view, std::string_view> kWhy{
      {"vendored", "kept here, written elsewhere"},
      {"minified", "made for machines"},
      {"huge", "larger than 8 MiB"},
      {"generated", "made by a program"},
  };
  tree.files.reserve(snapshot.files.size());
  std::string_view last_parent;  // Of the file before; "" is the root, which is known.
  std::uint32_t last_folder = 0;
  for (const auto& file : snapshot.files) {
    const std::string_view path = file.path;
    if (static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) > kMaxDepth || path.size() > kMaxPath) {
      ++deep.files;
      deep.bytes += file.size;
      continue;
    }
    // All folders on the way, parents first; files of one stand mostly together.
    const auto end = path.rfind('/');
    const auto parent = path.substr(0, end == std::string_view::npos ? 0 : end);
    std::uint32_t folder = parent == last_parent ? last_folder : 0;
    for (std::size_t slash = parent == last_parent ? std::string_view::npos : path.find('/');
         slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      const auto prefix = path.substr(0, slash);
      const auto [entry, is_new] = known.try_emplace(prefix, static_cast<std::uint32_t>(tree.folders.size()));
      if (is_new) {
        TreeFolder made;
        made.path = prefix;
        made.parent = folder;
        tree.folders[folder].folders.push_back(entry->second);
        tree.folders.push_back(std::move(made));
      }
      folder = entry->second;
    }
    last_parent = parent;
    last_folder = folder;
    const auto index = static_cast<std::uint32_t>(tree.files.size());
    TreeFile entry{&file, folder, false, mark_of(file)};
    const bool written_here = entry.mark.empty() || entry.mark == "generated";
    if (file.kind == repo::FileKind::text && written_here) {
      const repo::Language* language = languages.by_path_and_content(path, {});
      if (language == nullptr && file.executable && entry.name().find('.') == std::string_view::npos)
        language = languages.by_path_and_content(path, start_of(file.path));
      entry.page = language != nullptr;
    }
    if (const auto why = kWhy.find(entry.mark); why != kWhy.end() && !entry.page) {
      auto& left = by_mark[entry.mark];
      left.what = entry.mark + " files";
      left.why = why->second;
      ++left.files;
      left.bytes += file.size;
      if (left.examples.size() < 3) left.examples.push_back(file.path);
    }
    for (const auto readme : kReadmeNames)
      if (entry.name() == readme && file.kind == repo::FileKind::text &&
          tree.folders[folder].readme == TreeFolder::kNone)
        tree.folders[folder].readme = index;
    tree.folders[folder].files.push_back(index);
    if (entry.page) ++tree.pages;
    tree.files.push_back(std::move(entry));
  }
  for (std::size_t i = tree.folders.size(); i-- > 0;) {
    auto& folder = tree.folders[i];
    Hasher hasher;
    Hasher pages;
    hasher.number(folder.files.size());
    for (const auto f : folder.files) {
      const auto& file = tree.files[f];
      folder.documented = folder.documented || file.page;
      if (file.page) pages.field(file.name());
      ++folder.all_files;
      folder.all_bytes += file.file->size;
      hasher.field(file.name()).number(file.file->size).field(file.mark).number(file.page ? 1 : 0);
      hasher.number(file.file->traits.test ? 1 : 0);
    }
    hasher.number(folder.folders.size());
    for (const auto c : folder.folders) {
      const auto& child = tree.folders[c];
      hasher.field(child.path).number(child.documented ? 1 : 0);
      // No step tells of these: what is counted of them stands here.
      if (!child.documented) hasher.number(child.all_files).number(child.all_folders).number(child.all_bytes);
      folder.all_files += child.all_files;
      folder.all_folders += child.all_folders + 1;
      folder.all_bytes += child.all_bytes;
    }
    folder.digest = hasher.finish();
    folder.pages = pages.finish();
    if (i > 0 && folder.documented) tree.folders[folder.parent].documented = true;
    if (i == 0) folder.documented = true;
  }
  Hasher hasher;
  for (const auto& file : tree.files) hasher.field(file.file->path).number(file.page ? 1 : 0);
  tree.paths_digest = hasher.finish();
  for (auto& [mark, left] : by_mark) tree.left_out.push_back(std::move(left));
  if (deep.files > 0) tree.left_out.push_back(std::move(deep));
  for (const auto reason : {repo::LeftOutReason::unreadable, repo::LeftOutReason::special,
                            repo::LeftOutReason::nested_repository, repo::LeftOutReason::changing}) {
    LeftOut left{std::string(to_string(reason)), "", 0, 0, {}};
    for (const auto& one : snapshot.left_out) {
      if (one.reason != reason) continue;
      ++left.files;
      if (left.examples.size() < 3) left.examples.push_back(one.path);
    }
    if (left.files > 0) tree.left_out.push_back(std::move(left));
  }
  return tree;
}

}  // namespace skein::docs
