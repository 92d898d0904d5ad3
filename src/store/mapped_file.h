// A file's bytes in memory, for many small looks into it: a system call for each would cost more than the look.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skein::store {

/// As long as the file was when it was mapped. Bytes that were durable are never cut off by skein, so what the index
/// names stays readable also after the file is removed.
class MappedFile {
 public:
  /// Errors: of the system; `not_found`.
  [[nodiscard]] static Result<std::unique_ptr<MappedFile>> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

}  // namespace skein::store
