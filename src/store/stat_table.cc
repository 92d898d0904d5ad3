#include "store/stat_table.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
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

std::optional<std::uint32_t> StatTable::find_file_number(std::uint32_t parent, std::string_view name) const {
  const View view = format::view_of(data_);
  if (parent >= view.header->folders) return std::nullopt;
  const format::Folder& folder = view.folders[parent];
  const auto at = index_of(view.files + folder.first_file, folder.file_count, view.names, name);
  if (at == folder.file_count) return std::nullopt;
  return folder.first_file + at;
}

std::optional<RememberedFile> StatTable::find_file(std::uint32_t parent, std::string_view name) const {
  const auto number = find_file_number(parent, name);
  return number ? std::optional(file(*number)) : std::nullopt;
}

RememberedFile StatTable::file(std::uint32_t number) const {
  const View view = format::view_of(data_);
  SKEIN_CHECK(number < view.header->files);
  const format::File& file = view.files[number];
  return {view.names + file.stamp.name, stamp_from(file.stamp), {file.digest}, file.tag, file.stamp.racy != 0};
}

std::uint64_t StatTable::checksum() const { return format::view_of(data_).header->checksum; }

std::vector<StatTable::Place> StatTable::folders() const {
  const View view = format::view_of(data_);
  std::vector<Place> places(view.header->folders);
  for (std::uint32_t i = 0; i < view.header->folders; ++i) {
    const format::Folder& folder = view.folders[i];
    places[i].name = view.names + folder.stamp.name;
    for (std::uint32_t child = 0; child < folder.folder_count; ++child) places[folder.first_folder + child].parent = i;
  }
  return places;
}

std::uint32_t StatTable::folder_of(std::uint32_t number) const {
  const View view = format::view_of(data_);
  SKEIN_CHECK(number < view.header->files);
  // The last folder whose files do not begin behind it; those without files begin where the next one does.
  const format::Folder* end = view.folders + view.header->folders;
  const format::Folder* past =
      std::upper_bound(view.folders, end, number,
                       [](std::uint32_t wanted, const format::Folder& folder) { return wanted < folder.first_file; });
  return static_cast<std::uint32_t>(past - view.folders - 1);
}

std::string StatTable::file_path(std::uint32_t number) const {
  const View view = format::view_of(data_);
  std::string path(file(number).name);
  for (std::uint32_t folder = folder_of(number); folder != kRoot;) {
    path.insert(0, std::string(view.names + view.folders[folder].stamp.name) + "/");
    // Its parent: the last folder whose children do not begin behind it.
    const format::Folder* past =
        std::upper_bound(view.folders, view.folders + view.header->folders, folder,
                         [](std::uint32_t wanted, const format::Folder& above) { return wanted < above.first_folder; });
    folder = static_cast<std::uint32_t>(past - view.folders - 1);
  }
  return path;
}

void StatTable::for_each_file(
    const std::function<void(std::string_view, std::uint32_t, const RememberedFile&)>& visit) const {
  const View view = format::view_of(data_);
  const auto name_of = [&view](const format::Stamp& stamp) { return std::string_view(view.names + stamp.name); };
  /// A folder that is being walked: its folders in the order in which all below them comes, and how far it is.
  struct Frame {
    std::uint32_t folder;
    std::vector<std::uint32_t> children;
    std::uint32_t next_child = 0, next_file = 0;
    std::size_t path_length = 0;
  };
  std::string path;
  std::vector<Frame> frames;
  const auto enter = [&](std::uint32_t number) {
    const format::Folder& folder = view.folders[number];
    Frame frame{number, std::vector<std::uint32_t>(folder.folder_count), 0, 0, path.size()};
    for (std::uint32_t i = 0; i < folder.folder_count; ++i) frame.children[i] = folder.first_folder + i;
    // What lies below a folder begins with its name and "/": "a-b/x" comes before "a/x".
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
      const auto left = name_of(view.folders[a].stamp), right = name_of(view.folders[b].stamp);
      const std::size_t shared = std::min(left.size(), right.size());
      if (const int order = left.substr(0, shared).compare(right.substr(0, shared)); order != 0) return order < 0;
      const auto past = [shared](std::string_view name) {
        return shared < name.size() ? static_cast<unsigned char>(name[shared]) : static_cast<unsigned char>('/');
      };
      return past(left) < past(right);
    };
    if (!std::ranges::is_sorted(frame.children, before)) std::ranges::sort(frame.children, before);
    frames.push_back(std::move(frame));
  };
  enter(kRoot);
  while (!frames.empty()) {
    Frame& frame = frames.back();
    const format::Folder& folder = view.folders[frame.folder];
    path.resize(frame.path_length);
    const bool has_file = frame.next_file < folder.file_count;
    const bool has_child = frame.next_child < frame.children.size();
    if (!has_file && !has_child) {
      frames.pop_back();
      continue;
    }
    bool take_file = has_file;
    if (has_file && has_child) {
      const auto file = name_of(view.files[folder.first_file + frame.next_file].stamp);
      const auto child = name_of(view.folders[frame.children[frame.next_child]].stamp);
      // A folder's name is followed by "/", a file's by nothing; they are never the same.
      const std::size_t shared = std::min(file.size(), child.size());
      const int order = file.substr(0, shared).compare(child.substr(0, shared));
      take_file = order < 0 || (order == 0 && (file.size() <= child.size() || static_cast<unsigned char>(file[shared]) <
                                                                                  static_cast<unsigned char>('/')));
    }
    if (take_file) {
      const std::uint32_t number = folder.first_file + frame.next_file++;
      path += name_of(view.files[number].stamp);
      visit(path, number, file(number));
    } else {
      const std::uint32_t child = frame.children[frame.next_child++];
      path += name_of(view.folders[child].stamp);
      path += '/';
      enter(child);
    }
  }
}

}  // namespace skein::store
