#include "engine/change_list.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"

namespace skein::engine {
namespace {

constexpr std::uint8_t kVersion = 1;

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

}  // namespace

std::string encode(const ChangeList& list) {
  ByteWriter out;
  out.u8(kVersion).text(list.target).varint(list.changes.size());
  for (const auto& change : list.changes) out.text(change.path).digest(change.digest);
  out.text(list.last.path).digest(list.last.digest);
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
  for (auto& change : list.changes) {
    change.path = in.text();
    change.digest = in.digest();
  }
  list.last.path = in.text();
  list.last.digest = in.digest();
  SKEIN_DO(in.finish("a list of changes"));
  const bool sound = std::all_of(list.changes.begin(), list.changes.end(),
                                 [](const FileChange& change) { return stays_inside(change.path); });
  if (!sound || (!list.last.path.empty() && !stays_inside(list.last.path)) || !list.target.starts_with('/'))
    return fail(Code::data_corrupt, "a list of changes names a path outside its target");
  return list;
}

Result<Installed> install(FileSystem& files, const ChangeList& list,
                          const std::function<Result<std::string>(const Digest&)>& bytes_of,
                          const std::function<void(const FileChange&)>& changed) {
  Installed done;
  SKEIN_DO(files.make_directories(list.target));
  std::set<std::string> folders;  // Known to be there.
  const auto write = [&](const FileChange& change, bool durable) -> Status {
    const std::string path = join_path(list.target, change.path);
    const std::string folder = parent_path(path);
    if (folders.insert(folder).second) SKEIN_DO(files.make_directories(folder));
    SKEIN_TRY(const auto bytes, bytes_of(change.digest));
    // One fixed name: what a killed installation left is overwritten by the next. The target's lock keeps others away.
    SKEIN_DO(write_file_by(files, path + ".skein-tmp", path, bytes, durable));
    if (changed) changed(change);
    return {};
  };
  for (const auto& change : list.changes) {
    if (change.removes()) continue;
    SKEIN_DO(write(change, false));
    ++done.written;
  }
  std::set<std::string, std::greater<>> emptied;  // Deepest first.
  for (const auto& change : list.changes) {
    if (!change.removes()) continue;
    const std::string path = join_path(list.target, change.path);
    if (auto removed = files.remove(path); !removed && removed.error().code() != Code::not_found)
      return pass(std::move(removed).error(), "while removing what is no longer there");
    for (std::string folder = parent_path(path); folder.size() > list.target.size(); folder = parent_path(folder))
      emptied.insert(folder);
    if (changed) changed(change);
    ++done.removed;
  }
  for (const auto& folder : emptied) [[maybe_unused]]
    const auto kept_where_not_empty = files.remove(folder);
  if (!list.last.path.empty()) {
    if (!list.changes.empty()) SKEIN_DO(files.sync_all(list.target));
    SKEIN_DO(write(list.last, true));
  }
  return done;
}

}  // namespace skein::engine
