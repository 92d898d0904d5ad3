#include "store/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace skein::store {

Result<std::unique_ptr<MappedFile>> MappedFile::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open " + path));
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) {
    const int error = errno;
    ::close(descriptor);
    return std::unexpected(system_error(error, "cannot look at " + path));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* data = nullptr;
  int error = 0;
  if (size > 0) {
    data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (data == MAP_FAILED) error = errno;
  }
  ::close(descriptor);
  if (error != 0) return std::unexpected(system_error(error, "cannot map " + path));
  return std::unique_ptr<MappedFile>(
      new MappedFile(data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size)));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace skein::store
