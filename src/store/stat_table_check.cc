#include <algorithm>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "store/folder_descent.h"
#include "store/stat_table.h"
#include "store/stat_table_format.h"

namespace skein::store {

// One check: walks the table depth first with the tree beside it and stops at the first difference.
class StatTableCheck {
 public:
  /// `changes`: gets what differs, and the walk goes on; null: it ends at the first difference.
  StatTableCheck(const char* data, const std::string& root, StatChanges* changes)
      : view_(format::view_of(data)), root_(root), changes_(changes) {}

  StatCheck run() {
    auto descent = FolderDescent::open(root_, FolderDescent::Access::look_up);
    if (!descent) return different("", descent.error().message());
    descent_ = &*descent;
    result_.unchanged = watched_same() && tree_same();
    return std::move(result_);
  }

 private:
  struct Frame {
    std::uint32_t folder;
    std::uint32_t next_child;
  };

  bool watched_same() {
    const int root = descent_->current();
    for (std::uint32_t i = 0; i < view_.header->watched; ++i) {
      const format::Watched& entry = view_.watched[i];
      const char* path = view_.names + entry.stamp.name;
      FileStamp now;
      if (stamp_target_at(root, path, now) != 0) now = {};
      if (same_stamp(entry.stamp, now) && entry.stamp.racy == 0) continue;
      if (now.kind == static_cast<EntryKind>(entry.stamp.kind) &&
          (now.kind != EntryKind::file ||
           (!Digest{entry.digest}.is_none() && has_digest(root, path, true, entry.digest)))) {
        if (changes_ != nullptr) changes_->watched.push_back({i, now});
        continue;
      }
      return report(path, "it changed");
    }
    return true;
  }

  bool tree_same() {
    frames_.reserve(64);
    frames_.push_back({StatTable::kRoot, 0});
    if (!folder_same(view_.folders[StatTable::kRoot])) return false;
    while (true) {
      Frame& frame = frames_.back();
      const format::Folder& folder = view_.folders[frame.folder];
      if (frame.next_child == folder.folder_count) {
        frames_.pop_back();
        if (frames_.empty()) return true;
        if (descent_->leave() != 0) return report(here(), "it was moved during the check");
        continue;
      }
      const std::uint32_t child = folder.first_folder + frame.next_child++;
      const char* name = view_.names + view_.folders[child].stamp.name;
      if (is_same_leaf(view_.folders[child], name)) continue;
      if (const int error = descent_->enter(name); error != 0)
        return report(here(name), "the folder is gone or cannot be opened");
      frames_.push_back({child, 0});
      if (!folder_same(view_.folders[child])) return false;
    }
  }

  // A folder of which nothing but its listing is remembered (most of a site are such) need not be opened.
  bool is_same_leaf(const format::Folder& folder, const char* name) {
    FileStamp now;
    return folder.file_count == 0 && folder.folder_count == 0 && folder.stamp.racy == 0 &&
           !Digest{folder.listing}.is_none() && stamp_at(descent_->current(), name, now) == 0 &&
           same_stamp(folder.stamp, now);
  }

  // The folder in which the walk stands: its listing and its files, not what lies in the folders below.
  bool folder_same(const format::Folder& folder) {
    if (!Digest{folder.listing}.is_none()) {
      FileStamp now;
      if (stamp_of(descent_->current(), now) != 0) return report(here(), "it cannot be looked at");
      if (folder.stamp.racy != 0 || !same_stamp(folder.stamp, now)) {
        if (!listing_same(folder)) return report(here(), "files were added or removed");
        if (changes_ != nullptr)
          changes_->folders.push_back({static_cast<std::uint32_t>(&folder - view_.folders), now});
      }
    }
    const int descriptor = descent_->current();
    const format::File* file = view_.files + folder.first_file;
    for (const format::File* end = file + folder.file_count; file != end; ++file) {
      const char* name = view_.names + file->stamp.name;
      FileStamp now;
      if (stamp_at(descriptor, name, now) != 0) return report(here(name), "it cannot be looked at");
      const StatChanges::Entry entry{static_cast<std::uint32_t>(file - view_.files), now};
      if (!same_stamp(file->stamp, now)) {
        if (!is_still_a_file(file->stamp, now)) return report(here(name), what_differs(file->stamp, now));
        changes_->files.push_back(entry);
      } else if (file->stamp.racy != 0) {
        const bool same = content_same(*file, name);
        if (!same && !is_still_a_file(file->stamp, now)) return report(here(name), "its content changed");
        if (changes_ != nullptr) (same ? changes_->same_files : changes_->files).push_back(entry);
      }
    }
    return true;
  }

  // Of a look that goes on past it.
  [[nodiscard]] bool is_still_a_file(const format::Stamp& then, const FileStamp& now) const {
    return changes_ != nullptr && then.kind == static_cast<std::uint8_t>(EntryKind::file) &&
           now.kind == EntryKind::file;
  }

  bool content_same(const format::File& file, const char* name) {
    switch (static_cast<EntryKind>(file.stamp.kind)) {
      case EntryKind::file:
        return has_digest(descent_->current(), name, false, file.digest);
      case EntryKind::symlink: {
        const auto digest = hash_at(descent_->current(), name, EntryKind::symlink, &result_.hashed_bytes);
        return digest && digest->bytes == file.digest;
      }
      case EntryKind::missing:
      case EntryKind::folder:
      case EntryKind::special:
        return true;
    }
    return false;
  }

  bool has_digest(int folder, const char* name, bool follow, const format::RawDigest& wanted) {
    auto file = OpenFile::open_at(folder, name, follow);
    if (!file) return Digest{wanted}.is_none();  // Could not be read then, cannot be read now.
    const auto digest = hash_rest(*file, &result_.hashed_bytes);
    return digest && digest->bytes == wanted;
  }

  bool listing_same(const format::Folder& folder) {
    const int descriptor = ::openat(descent_->current(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return false;
    std::vector<ListedName> entries;
    const bool listed = list_folder(descriptor, entries) == 0;
    ::close(descriptor);
    for (std::uint32_t i = 0; i < view_.header->left_out; ++i) {
      const std::string_view path = view_.names + view_.left_out[i];
      const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
      if (here(name) == path) std::erase_if(entries, [&](const ListedName& entry) { return entry.name == name; });
    }
    return listed && listing_digest(entries).bytes == folder.listing;
  }

  static bool same_stamp(const format::Stamp& then, const FileStamp& now) {
    return then.size == now.size && then.mtime_ns == now.mtime_ns && then.ctime_ns == now.ctime_ns &&
           then.inode == now.inode && then.kind == static_cast<std::uint8_t>(now.kind) &&
           (then.executable != 0) == now.executable;
  }

  static std::string_view what_differs(const format::Stamp& then, const FileStamp& now) {
    if (now.kind == EntryKind::missing) return "it is gone";
    if (then.kind != static_cast<std::uint8_t>(now.kind)) return "it is something else now";
    if (then.size != now.size) return "its size differs";
    if (then.mtime_ns != now.mtime_ns) return "its time differs";
    return "its inode or mode differs";
  }

  // The path of the folder in which the walk stands, or of `name` in it.
  [[nodiscard]] std::string here(std::string_view name = "") const {
    std::string path;
    for (std::size_t i = 1; i < frames_.size(); ++i) {
      if (!path.empty()) path += '/';
      path += view_.names + view_.folders[frames_[i].folder].stamp.name;
    }
    if (!path.empty() && !name.empty()) path += '/';
    path += name;
    return path.empty() ? "." : path;
  }

  bool report(std::string_view path, std::string_view what) {
    result_.difference.assign(path).append(": ").append(what);
    return false;
  }

  StatCheck different(std::string_view path, std::string_view what) {
    report(path.empty() ? root_ : path, what);
    return std::move(result_);
  }

  format::View view_;
  const std::string& root_;
  StatChanges* changes_;
  FolderDescent* descent_ = nullptr;  // Of the running `run`.
  std::vector<Frame> frames_;
  StatCheck result_;
};

StatCheck StatTable::check(const std::string& root) const { return StatTableCheck(data_, root, nullptr).run(); }

StatChanges StatTable::changes(const std::string& root) const {
  StatChanges changes;
  changes.started_ns = stamp_clock_ns();
  const StatCheck found = StatTableCheck(data_, root, &changes).run();
  changes.only_files = found.unchanged;
  changes.hashed_bytes = found.hashed_bytes;
  return changes;
}

}  // namespace skein::store
