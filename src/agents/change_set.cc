#include "agents/change_set.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

namespace skein::agents {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr unsigned kModeBits = 0777;

void write_entry(ByteWriter& out, const Entry& entry) {
  out.u8(static_cast<std::uint8_t>(entry.kind)).varint(entry.mode).text(entry.bytes);
}

bool read_entry(ByteReader& in, Entry& entry) {
  const std::uint8_t kind = in.u8();
  const std::uint64_t mode = in.varint();
  entry.kind = static_cast<EntryKind>(kind);
  entry.mode = static_cast<unsigned>(mode);
  entry.bytes = in.text();
  return kind <= static_cast<std::uint8_t>(EntryKind::link) && mode <= kModeBits;
}

bool is_sound(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) return false;
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part == ".git") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

ChangeSet reversed(ChangeSet set) {
  for (Change& change : set.changes) std::swap(change.before, change.after);
  return set;
}

std::string encode(const ChangeSet& set) {
  ByteWriter out;
  out.u8(kVersion).varint(set.changes.size());
  for (const Change& change : set.changes) {
    out.text(change.path);
    write_entry(out, change.before);
    write_entry(out, change.after);
  }
  return out.take();
}

Result<ChangeSet> decode_change_set(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = in.u8();
  if (version > kVersion)
    return fail(Code::unsupported_version, "a change set has format {}, this skein reads {}", version, kVersion);
  ChangeSet set;
  bool sound = version == kVersion;
  set.changes.resize(in.count(7));
  for (std::size_t i = 0; i < set.changes.size(); ++i) {
    Change& change = set.changes[i];
    change.path = in.text();
    sound = read_entry(in, change.before) && sound;
    sound = read_entry(in, change.after) && sound;
    sound = sound && is_sound(change.path) && change.before != change.after &&
            (i == 0 || set.changes[i - 1].path < change.path);
  }
  SKEIN_DO(in.finish("a change set"));
  if (!sound) return fail(Code::data_corrupt, "a change set names a path that is none of the workspace");
  return set;
}

bool is_folder(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Result<Entry> entry_at(const std::string& path) {
  Entry entry;
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return entry;
    return std::unexpected(system_error(errno, "cannot look at " + path));
  }
  if (S_ISDIR(info.st_mode)) return entry;
  if (S_ISLNK(info.st_mode)) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    if (size < 0) return std::unexpected(system_error(errno, "cannot read the link " + path));
    entry.kind = EntryKind::link;
    entry.bytes.assign(target.data(), static_cast<std::size_t>(size));
    return entry;
  }
  if (!S_ISREG(info.st_mode))
    return fail(Code::unavailable, "{} is a socket, pipe or device, which cannot be carried over", path);
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return fail(Code::permission_denied, "cannot open {}", path);
  entry.kind = EntryKind::file;
  entry.mode = info.st_mode & kModeBits;
  entry.bytes.resize(static_cast<std::size_t>(info.st_size));
  file.read(entry.bytes.data(), static_cast<std::streamsize>(entry.bytes.size()));
  entry.bytes.resize(static_cast<std::size_t>(file.gcount()));  // Cut meanwhile.
  if (file.bad()) return fail(Code::io, "cannot read {}", path);
  return entry;
}

}  // namespace skein::agents
