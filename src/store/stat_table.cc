#include "store/stat_table.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/stat_table_format.h"

namespace skein::store {
namespace {

using format::View;

std::unexpected<Error> damaged() {
  return fail(Code::data_corrupt, "the remembered state of the folder is damaged; it will be made anew");
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
}

// Everything that the rest of this room relies on: whatever passes here can be walked without leaving the map, and
// names no path outside the tree. A repository could bring a table of its own making.
bool is_sound(const View& view) {
  const format::Header& head = *view.header;
  if (head.folders == 0 || head.names_bytes == 0 || view.names[head.names_bytes - 1] != '\0') return false;
  const auto names_fit = [&](const format::Stamp& stamp, bool plain) {
    return stamp.name < head.names_bytes && stamp.kind <= static_cast<std::uint8_t>(EntryKind::special) &&
           (!plain || is_plain_name(view.names + stamp.name));
  };
  std::uint64_t next_folder = 1;
  std::uint64_t next_file = 0;
  for (std::uint32_t i = 0; i < head.folders; ++i) {
    const format::Folder& folder = view.folders[i];
    if (!names_fit(folder.stamp, i != 0)) return false;
    if (folder.first_folder != next_folder || folder.first_file != next_file) return false;
    if (i >= next_folder) return false;  // Belongs to no folder above.
    next_folder += folder.folder_count;
    next_file += folder.file_count;
    if (next_folder > head.folders || next_file > head.files) return false;
  }
  if (next_folder != head.folders || next_file != head.files) return false;
  for (std::uint32_t i = 0; i < head.files; ++i)
    if (!names_fit(view.files[i].stamp, true)) return false;
  for (std::uint32_t i = 0; i < head.watched; ++i)
    if (!names_fit(view.watched[i].stamp, false)) return false;
  for (std::uint32_t i = 0; i < head.left_out; ++i)
    if (view.left_out[i] >= head.names_bytes) return false;
  return true;
}

Status check_bytes(std::string_view bytes) {
  if (bytes.size() < sizeof(format::Header)) return damaged();
  format::Header head{};
  std::memcpy(&head, bytes.data(), sizeof head);
  if (head.magic != format::kMagic) return damaged();
  if (head.version > format::kVersion)
    return fail(Code::unsupported_version, "the remembered state of the folder was written by a newer skein");
  if (head.version != format::kVersion || head.header_bytes != sizeof head) return damaged();
  const std::uint64_t expected = sizeof head + sizeof(format::Folder) * std::uint64_t{head.folders} +
                                 sizeof(format::File) * std::uint64_t{head.files} +
                                 sizeof(format::Watched) * std::uint64_t{head.watched} +
                                 sizeof(format::NameOffset) * std::uint64_t{head.left_out};
  if (head.total_bytes != bytes.size() || expected > bytes.size() || bytes.size() - expected != head.names_bytes)
    return damaged();
  constexpr std::size_t kSummed = offsetof(format::Header, checksum) + sizeof head.checksum;
  if (checksum64(bytes.substr(kSummed)) != head.checksum) return damaged();
  if (!is_sound(format::view_of(bytes.data()))) return damaged();
  return {};
}

FileStamp stamp_from(const format::Stamp& raw) {
  return {raw.size, raw.mtime_ns, raw.ctime_ns, raw.inode, static_cast<EntryKind>(raw.kind), raw.executable != 0};
}

// The index of the entry called `name` among `count` ones sorted by name; `count` where there is none.
template <class Entry>
std::uint32_t index_of(const Entry* entries, std::uint32_t count, const char* names, std::string_view name) {
  const Entry* end = entries + count;
  const Entry* found = std::lower_bound(entries, end, name, [names](const Entry& entry, std::string_view wanted) {
    return std::string_view(names + entry.stamp.name) < wanted;
  });
  if (found == end || names + found->stamp.name != name) return count;
  return static_cast<std::uint32_t>(found - entries);
}

}  // namespace

Result<StatTable> StatTable::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open " + path));
  struct stat info{};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) {
    ::close(descriptor);
    return damaged();
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
  const int error = errno;
  ::close(descriptor);
  if (data == MAP_FAILED) return std::unexpected(system_error(error, "cannot map " + path));
  StatTable table(static_cast<const char*>(data), size);
  SKEIN_DO(check_bytes({table.data_, size}));
  return table;
}

StatTable::StatTable(StatTable&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

StatTable& StatTable::operator=(StatTable&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

StatTable::~StatTable() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

Digest StatTable::request() const { return {format::view_of(data_).header->request}; }
Digest StatTable::tag_scheme() const { return {format::view_of(data_).header->tag_scheme}; }
std::size_t StatTable::file_count() const { return format::view_of(data_).header->files; }
std::size_t StatTable::folder_count() const { return format::view_of(data_).header->folders; }

std::optional<std::uint32_t> StatTable::find_folder(std::uint32_t parent, std::string_view name) const {
  const View view = format::view_of(data_);
  if (parent >= view.header->folders) return std::nullopt;
  const format::Folder& folder = view.folders[parent];
  const auto at = index_of(view.folders + folder.first_folder, folder.folder_count, view.names, name);
  if (at == folder.folder_count) return std::nullopt;
  return folder.first_folder + at;
}

std::optional<RememberedFolder> StatTable::folder(std::uint32_t folder) const {
  const View view = format::view_of(data_);
  if (folder >= view.header->folders) return std::nullopt;
  const format::Folder& found = view.folders[folder];
  return RememberedFolder{stamp_from(found.stamp), {found.listing}, found.stamp.racy != 0};
}

std::optional<RememberedFile> StatTable::find_file(std::uint32_t parent, std::string_view name) const {
  const View view = format::view_of(data_);
  if (parent >= view.header->folders) return std::nullopt;
  const format::Folder& folder = view.folders[parent];
  const auto at = index_of(view.files + folder.first_file, folder.file_count, view.names, name);
  if (at == folder.file_count) return std::nullopt;
  const format::File& file = view.files[folder.first_file + at];
  return RememberedFile{
      view.names + file.stamp.name, stamp_from(file.stamp), {file.digest}, file.tag, file.stamp.racy != 0};
}

}  // namespace skein::store
