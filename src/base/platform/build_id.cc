#include "base/platform/build_id.h"

#include <elf.h>
#include <link.h>
#include <sys/stat.h>

namespace skein {
namespace {

/// The first object is the program itself; its NT_GNU_BUILD_ID note is what we want.
int find_note(dl_phdr_info* info, std::size_t, void* found) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr);
    const auto* end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof note);
      const std::size_t name = (note.n_namesz + 3u) & ~3u;
      const std::size_t size = (note.n_descsz + 3u) & ~3u;
      const char* description = at + sizeof note + name;
      if (note.n_type == NT_GNU_BUILD_ID && description + note.n_descsz <= end) {
        *static_cast<std::string_view*>(found) = {description, note.n_descsz};
        return 1;
      }
      at = description + size;
    }
  }
  return 1;
}

}  // namespace

Digest build_id() {
  std::string_view note;
  dl_iterate_phdr(find_note, &note);
  if (!note.empty()) return Hasher().field("build-id").field(note).finish();
  struct stat info{};
  ::stat("/proc/self/exe", &info);
  return Hasher()
      .field("file")
      .number(static_cast<std::uint64_t>(info.st_size))
      .number(static_cast<std::uint64_t>(info.st_mtim.tv_sec))
      .number(static_cast<std::uint64_t>(info.st_mtim.tv_nsec))
      .finish();
}

}  // namespace skein
