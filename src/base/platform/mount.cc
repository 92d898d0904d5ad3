#include "base/platform/mount.h"

#include <array>
#include <cerrno>

#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace skein {
namespace {

struct KnownKind {
  unsigned long magic;
  std::string_view name;
  bool network;
};

// Numbers of statfs(2) and linux/magic.h; those of network file systems are not all there.
constexpr std::array<KnownKind, 22> kKinds{{
    {0xef53, "ext4", false},         {0x58465342, "xfs", false},     {0x9123683e, "btrfs", false},
    {0x01021994, "tmpfs", false},    {0x794c7630, "overlay", false}, {0x2fc12fc1, "zfs", false},
    {0xf2f52010, "f2fs", false},     {0x4d44, "vfat", false},        {0x2011bab0, "exfat", false},
    {0x73717368, "squashfs", false}, {0x9660, "iso9660", false},     {0x858458f6, "ramfs", false},
    {0x6969, "nfs", true},           {0xff534d42, "cifs", true},     {0xfe534d42, "smb2", true},
    {0x517b, "smb", true},           {0x01021997, "9p", true},       {0x00c36400, "ceph", true},
    {0x5346414f, "afs", true},       {0x6b414653, "kafs", true},     {0x0bd00bd0, "lustre", true},
    {0x65735546, "fuse", true},
}};

}  // namespace

Result<Mount> mount_of(const std::string& folder) {
  struct statfs info{};
  if (::statfs(folder.c_str(), &info) != 0) return std::unexpected(system_error(errno, "cannot look at " + folder));
  Mount mount;
  const auto magic = static_cast<unsigned long>(info.f_type) & 0xffffffffUL;
  mount.kind = fmt::format("{:#x}", magic);
  for (const KnownKind& kind : kKinds) {
    if (kind.magic != magic) continue;
    mount.kind = kind.name;
    mount.network = kind.network;
  }
  mount.read_only = (static_cast<unsigned long>(info.f_flags) & ST_RDONLY) != 0 || ::access(folder.c_str(), W_OK) != 0;
  mount.free = Bytes{static_cast<std::int64_t>(info.f_bavail) * static_cast<std::int64_t>(info.f_bsize)};
  return mount;
}

}  // namespace skein
