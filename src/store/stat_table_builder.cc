#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include <fcntl.h>

#include "base/check.h"
#include "store/stat_table.h"
#include "store/stat_table_format.h"

namespace skein::store {
namespace {

// Collects names; the offsets stay below 4 GiB by far, or we stop.
class NamePool {
 public:
  std::uint32_t add(std::string_view name) {
    const std::size_t offset = bytes_.size();
    SKEIN_CHECK(offset + name.size() < 0xffff'ffffu);
    bytes_.append(name).push_back('\0');
    return static_cast<std::uint32_t>(offset);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

format::Stamp raw_stamp(const FileStamp& stamp, std::uint32_t name, std::int64_t started_ns) {
  return {stamp.size,
          stamp.mtime_ns,
          stamp.ctime_ns,
          stamp.inode,
          name,
          static_cast<std::uint8_t>(stamp.kind),
          static_cast<std::uint8_t>(stamp.executable ? 1 : 0),
          static_cast<std::uint8_t>(is_racy(stamp, started_ns) ? 1 : 0),
          0};
}

// For each of `owners` numbers the entries that belong to it, in the order of their names; of equal names the last.
template <class Entry, class Owner>
std::vector<std::vector<std::uint32_t>> grouped(const std::vector<Entry>& entries, std::size_t first,
                                                std::size_t owners, Owner owner) {
  std::vector<std::vector<std::uint32_t>> groups(owners);
  for (std::size_t i = first; i < entries.size(); ++i)
    groups[owner(entries[i])].push_back(static_cast<std::uint32_t>(i));
  for (auto& group : groups) {
    std::sort(group.begin(), group.end(), [&](std::uint32_t a, std::uint32_t b) {
      const int order = entries[a].name.compare(entries[b].name);
      return order != 0 ? order < 0 : a < b;
    });
    const auto keep = std::unique(group.rbegin(), group.rend(),
                                  [&](std::uint32_t a, std::uint32_t b) { return entries[a].name == entries[b].name; });
    group.erase(group.begin(), keep.base());
  }
  return groups;
}

template <class Record>
void append(std::string& out, const std::vector<Record>& records) {
  if (records.empty()) return;
  out.append(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(Record));
}

}  // namespace

StatTableBuilder::StatTableBuilder() : StatTableBuilder(stamp_clock_ns()) {}
StatTableBuilder::StatTableBuilder(std::int64_t started_ns) : started_ns_(started_ns) {}

void StatTableBuilder::leave_out(std::vector<std::string> paths) { left_out_ = std::move(paths); }

std::uint32_t StatTableBuilder::add_root(const FileStamp& stamp, const Digest& listing) {
  SKEIN_CHECK(folders_.empty());
  folders_.push_back({0, "", stamp, listing});
  return StatTable::kRoot;
}

std::uint32_t StatTableBuilder::add_folder(std::uint32_t parent, std::string_view name, const FileStamp& stamp,
                                           const Digest& listing) {
  SKEIN_CHECK(parent < folders_.size());
  folders_.push_back({parent, std::string(name), stamp, listing});
  return static_cast<std::uint32_t>(folders_.size() - 1);
}

void StatTableBuilder::add_file(std::uint32_t folder, std::string_view name, const FileStamp& stamp,
                                const Digest& digest, std::uint32_t tag) {
  SKEIN_CHECK(folder < folders_.size());
  files_.push_back({folder, tag, std::string(name), stamp, digest});
}

void StatTableBuilder::add_path(std::string_view path, const FileStamp& stamp, const Digest& digest,
                                std::uint32_t tag) {
  if (folders_.empty()) add_root({}, {});
  std::uint32_t folder = StatTable::kRoot;
  std::size_t begin = 0;
  for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', begin)) {
    const auto [known, added] = path_folders_.try_emplace(std::string(path.substr(0, slash)), 0);
    if (added) known->second = add_folder(folder, path.substr(begin, slash - begin), {}, {});
    folder = known->second;
    begin = slash + 1;
  }
  add_file(folder, path.substr(begin), stamp, digest, tag);
}

void StatTableBuilder::watch(const std::string& root, const std::string& path) {
  const std::string full = path.starts_with('/') ? path : join_path(root, path);
  Watched entry{path, {}, {}};
  if (stamp_target_at(AT_FDCWD, full.c_str(), entry.stamp) != 0) entry.stamp = {};
  // A file written since the start may have been read by the caller before that or after: without a digest, which is
  // equal to nothing, the next check asks for a new table.
  if (entry.stamp.kind == EntryKind::file && !is_racy(entry.stamp, started_ns_)) {
    if (auto file = OpenFile::open_at(AT_FDCWD, full.c_str(), true))
      if (auto digest = hash_rest(*file)) entry.digest = *digest;
  }
  watched_.push_back(std::move(entry));
}

std::string StatTableBuilder::encode(const Digest& request) const {
  if (folders_.empty()) {
    StatTableBuilder empty(started_ns_);
    empty.add_root({}, {});
    empty.left_out_ = left_out_;
    empty.watched_ = watched_;
    empty.tag_scheme_ = tag_scheme_;
    return empty.encode(request);
  }
  const auto children = grouped(folders_, 1, folders_.size(), [](const Folder& folder) { return folder.parent; });
  const auto contents = grouped(files_, 0, folders_.size(), [](const File& file) { return file.folder; });

  NamePool names;
  names.add("");
  std::vector<format::Folder> folders;
  std::vector<format::File> files;
  std::vector<std::uint32_t> order = {0};  // Breadth first: grows while it is walked.
  folders.reserve(folders_.size());
  files.reserve(files_.size());
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::uint32_t number = order[at];
    const Folder& folder = folders_[number];
    folders.push_back({raw_stamp(folder.stamp, names.add(folder.name), started_ns_), folder.listing.bytes,
                       static_cast<std::uint32_t>(order.size()), static_cast<std::uint32_t>(children[number].size()),
                       static_cast<std::uint32_t>(files.size()), static_cast<std::uint32_t>(contents[number].size())});
    order.insert(order.end(), children[number].begin(), children[number].end());
    for (const std::uint32_t entry : contents[number]) {
      const File& file = files_[entry];
      files.push_back({raw_stamp(file.stamp, names.add(file.name), started_ns_), file.digest.bytes, file.tag, 0});
    }
  }
  std::vector<format::Watched> watched;
  for (const Watched& entry : watched_)
    watched.push_back({raw_stamp(entry.stamp, names.add(entry.path), started_ns_), entry.digest.bytes});
  std::vector<format::NameOffset> left_out;
  for (const std::string& path : left_out_) left_out.push_back(names.add(path));

  format::Header head{};
  head.magic = format::kMagic;
  head.version = format::kVersion;
  head.header_bytes = sizeof head;
  head.request = request.bytes;
  head.tag_scheme = tag_scheme_.bytes;
  head.folders = static_cast<std::uint32_t>(folders.size());
  head.files = static_cast<std::uint32_t>(files.size());
  head.watched = static_cast<std::uint32_t>(watched.size());
  head.left_out = static_cast<std::uint32_t>(left_out.size());
  head.names_bytes = names.bytes().size();

  std::string out(sizeof head, '\0');
  append(out, folders);
  append(out, files);
  append(out, watched);
  append(out, left_out);
  out += names.bytes();
  head.total_bytes = out.size();
  std::memcpy(out.data(), &head, sizeof head);
  constexpr std::size_t kSummed = offsetof(format::Header, checksum) + sizeof head.checksum;
  head.checksum = checksum64(std::string_view(out).substr(kSummed));
  std::memcpy(out.data(), &head, sizeof head);
  return out;
}

Status StatTableBuilder::save(FileSystem& files, const std::string& path, const Digest& request) const {
  // Not synced: a table that a power cut leaves cut or empty fails its checksum and is made anew.
  return write_file_atomically(files, path, encode(request), false);
}

StatTablePatch::StatTablePatch(const StatTable& table, std::int64_t started_ns)
    : started_ns_(started_ns), bytes_(table.data_, table.size_) {}

void StatTablePatch::set_file(std::uint32_t number, const FileStamp& stamp, const Digest& digest, std::uint32_t tag) {
  const auto view = format::view_of(bytes_.data());
  SKEIN_CHECK(number < view.header->files);
  auto& file = const_cast<format::File&>(view.files[number]);  // Of bytes_, which are ours to change.
  file = {raw_stamp(stamp, file.stamp.name, started_ns_), digest.bytes, tag, 0};
}

void StatTablePatch::renew_file(std::uint32_t number, const FileStamp& stamp) {
  const auto view = format::view_of(bytes_.data());
  SKEIN_CHECK(number < view.header->files);
  const format::File& file = view.files[number];
  set_file(number, stamp, {file.digest}, file.tag);
}

void StatTablePatch::set_folder(std::uint32_t number, const FileStamp& stamp, const Digest& listing) {
  const auto view = format::view_of(bytes_.data());
  SKEIN_CHECK(number < view.header->folders);
  auto& folder = const_cast<format::Folder&>(view.folders[number]);  // Likewise.
  folder.stamp = raw_stamp(stamp, folder.stamp.name, started_ns_);
  folder.listing = listing.bytes;
}

void StatTablePatch::renew_watched(std::uint32_t number, const FileStamp& stamp) {
  const auto view = format::view_of(bytes_.data());
  SKEIN_CHECK(number < view.header->watched);
  auto& entry = const_cast<format::Watched&>(view.watched[number]);  // Likewise.
  entry.stamp = raw_stamp(stamp, entry.stamp.name, started_ns_);
}

Status StatTablePatch::save(FileSystem& files, const std::string& path, const Digest& request) {
  format::Header head{};
  std::memcpy(&head, bytes_.data(), sizeof head);
  head.request = request.bytes;
  std::memcpy(bytes_.data(), &head, sizeof head);
  constexpr std::size_t kSummed = offsetof(format::Header, checksum) + sizeof head.checksum;
  head.checksum = checksum64(std::string_view(bytes_).substr(kSummed));
  std::memcpy(bytes_.data(), &head, sizeof head);
  return write_file_atomically(files, path, bytes_, false);
}

Digest listing_digest(std::vector<ListedName>& entries) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::string text;
  for (const ListedName& entry : entries) {
    text += static_cast<char>('0' + static_cast<int>(entry.kind));
    text.append(entry.name).push_back('\0');  // A name holds no NUL.
  }
  return sha256(text);
}

}  // namespace skein::store
