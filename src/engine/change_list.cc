#include "engine/change_list.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <span>

#include "base/bytes.h"
#include "engine/file_edit.h"

namespace skein::engine {
namespace {

constexpr std::uint8_t kVersion = 3;   // 1 had no kinds, modes and origin; 2 no edits.
constexpr std::size_t kPiece = 64;     // Files that a thread writes before it looks for more, at most,
constexpr std::size_t kFewPieces = 8;  // and into how many pieces a short list is cut.
// So few files are synced one by one: a sync of all of the disk also waits for what others just wrote, for seconds
// where something is being built or was unpacked.
constexpr std::size_t kSyncedSingly = 8;

/// A file that gets its name afterwards.
Status write_unnamed(FileSystem& files, const std::string& path, std::string_view bytes, bool durable, unsigned mode) {
  SKEIN_TRY(auto file, files.open(path, OpenMode::create));
  auto written = file->append(bytes);
  if (written && mode != 0) written = files.set_mode(path, mode);
  if (written && durable) written = file->sync();
  if (!written) [[maybe_unused]]
    const auto removed = files.remove(path);  // A full disk gets its bytes back.
  return written;
}

/// Makes durable which files there are where `list` wrote and removed some: their folders, which may be new or gone, up
/// to the one that holds the target.
Status sync_folders(FileSystem& files, const ChangeList& list) {
  std::set<std::string> folders;
  for (const auto& change : list.changes)
    for (std::string folder = parent_path(join_path(list.target, change.path));
         folder.size() >= list.target.size() && folders.insert(folder).second;)
      folder = parent_path(folder);
  if (!folders.empty()) folders.insert(parent_path(list.target));
  for (const auto& folder : folders)
    if (auto synced = files.sync_directory(folder); !synced && synced.error().code() != Code::not_found) return synced;
  return {};
}

bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return false;
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

void write_change(ByteWriter& out, const FileChange& change) {
  out.text(change.path).digest(change.digest).u8(static_cast<std::uint8_t>(change.kind)).varint(change.mode);
}

/// False: it is no change.
bool read_change(ByteReader& in, std::uint8_t version, FileChange& change) {
  change.path = in.text();
  change.digest = in.digest();
  if (version < 2) return true;
  const std::uint8_t kind = in.u8();
  change.kind = static_cast<ChangeKind>(kind);
  const std::uint64_t mode = in.varint();
  change.mode = static_cast<unsigned>(mode);
  return kind <= static_cast<std::uint8_t>(ChangeKind::edit) && mode <= 07777;
}

/// What must go first: a file where a folder is to be, and all of a folder where a file is to be.
bool is_in_the_way(const std::string& removed, const std::set<std::string>& written) {
  const auto is_below = [](std::string_view path, std::string_view folder) {
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
  };
  const auto next = written.upper_bound(removed + "/");
  if (next != written.end() && is_below(*next, removed)) return true;
  for (auto slash = removed.rfind('/'); slash != std::string::npos && slash > 0; slash = removed.rfind('/', slash - 1))
    if (written.contains(removed.substr(0, slash))) return true;
  return false;
}

}  // namespace

std::string encode(const ChangeList& list) {
  ByteWriter out;
  out.u8(kVersion).text(list.target).varint(list.changes.size());
  for (const auto& change : list.changes) write_change(out, change);
  write_change(out, list.last);
  out.digest(list.origin);
  return out.take();
}

Result<ChangeList> decode_change_list(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = in.u8();
  if (version > kVersion)
    return fail(Code::unsupported_version, "a list of changes has format {}, this skein reads {}", version, kVersion);
  ChangeList list;
  list.target = in.text();
  list.changes.resize(in.count(33));
  bool known = true;
  for (auto& change : list.changes) known = read_change(in, version, change) && known;
  known = read_change(in, version, list.last) && known;
  if (version >= 2) list.origin = in.digest();
  SKEIN_DO(in.finish("a list of changes"));
  if (!known) return fail(Code::data_corrupt, "a list of changes has a kind or mode that is none");
  const bool sound = std::all_of(list.changes.begin(), list.changes.end(),
                                 [](const FileChange& change) { return stays_inside(change.path); });
  if (!sound || (!list.last.path.empty() && !stays_inside(list.last.path)) || !list.target.starts_with('/'))
    return fail(Code::data_corrupt, "a list of changes names a path outside its target");
  return list;
}

Result<Installed> install(FileSystem& files, const ChangeList& list,
                          const std::function<Result<std::string>(const Digest&)>& bytes_of,
                          const std::function<void(const FileChange&)>& changed, Executor* helpers,
                          const std::string* last) {
  Installed done;
  SKEIN_DO(files.make_directories(list.target));
  std::set<std::string> folders;  // Known to be there.
  const auto make_folder = [&](const FileChange& change) -> Status {
    std::string folder = parent_path(join_path(list.target, change.path));
    if (!folders.contains(folder)) {
      SKEIN_DO(files.make_directories(folder));
      folders.insert(std::move(folder));
    }
    return {};
  };
  // What the file is to hold.
  const auto new_bytes = [&](const FileChange& change, const std::string& path) -> Result<std::string> {
    SKEIN_TRY(auto bytes, bytes_of(change.digest));
    if (change.kind != ChangeKind::edit) return bytes;
    SKEIN_TRY(const auto edit, decode_file_edit(bytes));
    SKEIN_TRY(auto there, read_file(files, path));
    auto edited = apply_edit_once(edit, std::move(there));
    if (!edited) return pass(std::move(edited).error(), "while changing " + path);
    return edited;
  };
  // One fixed name: what a killed installation left is overwritten by the next. The target's lock keeps others away.
  const auto temporary_of = [](const std::string& path) { return path + ".skein-tmp"; };
  const bool singly = list.changes.size() <= kSyncedSingly &&
                      std::ranges::none_of(list.changes, [](const auto& c) { return c.kind == ChangeKind::link; });
  const bool durable = singly && !list.last.path.empty();
  // In its folder, which is there. From several threads.
  const auto write = [&](const FileChange& change) -> Status {
    const std::string path = join_path(list.target, change.path);
    SKEIN_TRY(const auto bytes, new_bytes(change, path));
    const std::string temporary = temporary_of(path);
    if (change.kind == ChangeKind::link) {
      if (auto gone = files.remove(temporary); !gone && gone.error().code() != Code::not_found) return gone;
      SKEIN_DO(files.make_link(bytes, temporary));
      return files.rename(temporary, path);
    }
    SKEIN_DO(write_unnamed(files, temporary, bytes, durable, change.mode));
    return files.rename(temporary, path);
  };
  // Pieces of neighbours, which share their folders, by whoever is free; told of in the order of the list.
  const auto write_all = [&](std::span<const FileChange* const> writes) -> Status {
    struct Piece {
      std::size_t written = 0;
      Status ended;
    };
    // Few files are shared out as well: a file of a site takes a quarter of a millisecond.
    const std::size_t size = std::clamp<std::size_t>(writes.size() / kFewPieces, 1, kPiece);
    std::vector<Piece> pieces((writes.size() + size - 1) / size);
    std::atomic<bool> failed = false;
    InlineExecutor alone;
    parallel_for(helpers != nullptr ? *helpers : alone, pieces.size(), [&](std::size_t i) {
      for (const auto* change : writes.subspan(i * size, std::min(size, writes.size() - i * size))) {
        if (failed) return;
        pieces[i].ended = write(*change);
        if (!pieces[i].ended) {
          failed = true;
          return;
        }
        ++pieces[i].written;
      }
    });
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      for (const auto* change : writes.subspan(i * size, pieces[i].written))
        if (changed) changed(*change);
      done.written += pieces[i].written;
    }
    // Of several errors damage first: what one thread finds damaged is forgotten, and not there for another.
    for (auto& piece : pieces)
      if (!piece.ended && piece.ended.error().code() == Code::data_corrupt) return std::move(piece.ended);
    for (auto& piece : pieces) SKEIN_DO(std::move(piece.ended));
    return {};
  };
  std::set<std::string, std::greater<>> emptied;  // Deepest first.
  const auto remove = [&](const FileChange& change, bool in_the_way) -> Status {
    const std::string path = join_path(list.target, change.path);
    // What is in the way may have been replaced already, by who was killed; if not, the writing says so.
    if (auto removed = files.remove(path); !removed && removed.error().code() != Code::not_found && !in_the_way)
      return pass(std::move(removed).error(), "while removing what is no longer there");
    for (std::string folder = parent_path(path); folder.size() > list.target.size(); folder = parent_path(folder))
      emptied.insert(folder);
    if (changed) changed(change);
    ++done.removed;
    return {};
  };
  const auto remove_empty_folders = [&] {
    for (const auto& folder : emptied) [[maybe_unused]]
      const auto kept_where_not_empty = files.remove(folder);
    emptied.clear();
  };
  std::set<std::string> written;
  if (std::ranges::any_of(list.changes, &FileChange::removes))
    for (const auto& change : list.changes)
      if (!change.removes()) written.insert(change.path);
  std::vector<const FileChange*> later;
  for (const auto& change : list.changes) {
    if (!change.removes()) continue;
    if (is_in_the_way(change.path, written))
      SKEIN_DO(remove(change, true));
    else
      later.push_back(&change);
  }
  remove_empty_folders();
  std::vector<const FileChange*> writes;
  for (const auto& change : list.changes) {
    if (change.removes()) continue;
    SKEIN_DO(make_folder(change));
    writes.push_back(&change);
  }
  SKEIN_DO(write_all(writes));
  for (const FileChange* change : later) SKEIN_DO(remove(*change, false));
  remove_empty_folders();
  if (!list.last.path.empty()) {
    SKEIN_DO(make_folder(list.last));
    if (list.last.kind == ChangeKind::link)
      return fail(Code::data_corrupt, "a list of changes ends in the link {}", list.last.path);
    const std::string path = join_path(list.target, list.last.path);
    std::string made;
    if (last == nullptr) {
      SKEIN_TRY(made, new_bytes(list.last, path));
      last = &made;
    }
    // All else is durable before its name is there, and one sync serves its bytes, too.
    SKEIN_DO(write_unnamed(files, temporary_of(path), *last, singly, list.last.mode));
    SKEIN_DO(singly ? sync_folders(files, list) : files.sync_all(list.target));
    SKEIN_DO(files.rename(temporary_of(path), path));
    SKEIN_DO(files.sync_directory(parent_path(path)));
    if (changed) changed(list.last);
  }
  return done;
}

}  // namespace skein::engine
