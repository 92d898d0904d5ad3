#include "base/file_system.h"

#include <unistd.h>

namespace skein {

Result<std::string> read_file(FileSystem& files, const std::string& path) {
  SKEIN_TRY(auto file, files.open(path, OpenMode::read));
  SKEIN_TRY(const auto size, file->size());
  return file->read_at(0, size);
}

Status write_file_atomically(FileSystem& files, const std::string& path, std::string_view bytes, bool durable) {
  // A name of this process's own: two that write one file at once must not write into one temporary file.
  return write_file_by(files, fmt::format("{}.skein-tmp-{}", path, ::getpid()), path, bytes, durable);
}

Status write_file_by(FileSystem& files, const std::string& temporary, const std::string& path, std::string_view bytes,
                     bool durable, unsigned mode) {
  {
    SKEIN_TRY(auto file, files.open(temporary, OpenMode::create));
    auto written = file->append(bytes);
    if (written && mode != 0) written = files.set_mode(temporary, mode);
    if (written && durable) written = file->sync();
    if (!written) {
      // A full disk gets its bytes back.
      [[maybe_unused]] const auto removed = files.remove(temporary);
      return written;
    }
  }
  SKEIN_DO(files.rename(temporary, path));
  if (durable) SKEIN_DO(files.sync_directory(parent_path(path)));
  return {};
}

std::string parent_path(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

std::string join_path(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name);
}

}  // namespace skein
