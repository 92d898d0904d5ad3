// The bytes of a stat table: a header, the folders in breadth-first order (so that the children of one lie together,
// sorted by name), the files (likewise), the watched paths, the paths that listings leave out, and the pool of names,
// each ended by a NUL so that system calls can take them from the map.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

namespace skein::store::format {

inline constexpr std::array<char, 8> kMagic = {'s', 'k', 'e', 'i', 'n', 's', 't', 't'};
inline constexpr std::uint32_t kVersion = 1;

using RawDigest = std::array<std::uint8_t, 32>;

struct Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t header_bytes;
  std::uint64_t total_bytes;
  std::uint64_t checksum;  ///< XXH3 of all bytes after this field.
  RawDigest request;
  RawDigest tag_scheme;
  std::uint32_t folders;
  std::uint32_t files;
  std::uint32_t watched;
  std::uint32_t left_out;
  std::uint64_t names_bytes;
};

struct Stamp {
  std::uint64_t size;
  std::int64_t mtime_ns;
  std::int64_t ctime_ns;
  std::uint64_t inode;
  std::uint32_t name;  ///< Offset in the pool.
  std::uint8_t kind;
  std::uint8_t executable;
  std::uint8_t racy;
  std::uint8_t zero;
};

struct Folder {
  Stamp stamp;
  RawDigest listing;
  std::uint32_t first_folder;
  std::uint32_t folder_count;
  std::uint32_t first_file;
  std::uint32_t file_count;
};

struct File {
  Stamp stamp;
  RawDigest digest;
  std::uint32_t tag;
  std::uint32_t zero;
};

struct Watched {
  Stamp stamp;
  RawDigest digest;
};

using NameOffset = std::uint32_t;

static_assert(sizeof(Header) == 120 && sizeof(Stamp) == 40 && sizeof(Folder) == 88 && sizeof(File) == 80 &&
              sizeof(Watched) == 72);
static_assert(std::is_trivially_copyable_v<Header> && std::is_trivially_copyable_v<Folder>);

/// A checked table's parts; see `view_of`.
struct View {
  const Header* header = nullptr;
  const Folder* folders = nullptr;
  const File* files = nullptr;
  const Watched* watched = nullptr;
  const NameOffset* left_out = nullptr;
  const char* names = nullptr;
};

/// The parts of bytes that begin with a header of this version and are as long as it says. Bytes must be aligned to 8.
[[nodiscard]] inline View view_of(const char* data) {
  View view;
  view.header = reinterpret_cast<const Header*>(data);
  const char* at = data + sizeof(Header);
  view.folders = reinterpret_cast<const Folder*>(at);
  at += sizeof(Folder) * view.header->folders;
  view.files = reinterpret_cast<const File*>(at);
  at += sizeof(File) * view.header->files;
  view.watched = reinterpret_cast<const Watched*>(at);
  at += sizeof(Watched) * view.header->watched;
  view.left_out = reinterpret_cast<const NameOffset*>(at);
  at += sizeof(NameOffset) * view.header->left_out;
  view.names = at;
  return view;
}

}  // namespace skein::store::format
