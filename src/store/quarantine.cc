#include "store/quarantine.h"

#include <algorithm>

namespace skein::store {

bool set_aside(FileSystem& files, const std::string& folder, std::uint32_t number, std::uint64_t from,
               std::uint64_t to) {
  const std::string place = join_path(folder, "quarantine");
  const std::string path = join_path(place, fmt::format("{:06}-{}", number, from));
  if (files.open(path, OpenMode::read)) return false;
  if (const auto there = files.list(place); there && there->size() >= kMostQuarantined) return false;
  auto pack = files.open(join_path(folder, fmt::format("packs/{:06}.pack", number)), OpenMode::read);
  const auto size = pack ? (*pack)->size() : Result<std::uint64_t>(std::unexpected(pack.error()));
  if (!size || from >= *size) return false;
  const auto end = std::min({to, *size, from + kMostQuarantinedBytes});
  const auto bytes = (*pack)->read_at(from, static_cast<std::size_t>(end - from));
  if (!bytes || !files.make_directories(place)) return false;
  return write_file_atomically(files, path, *bytes, false).has_value();
}

}  // namespace skein::store
