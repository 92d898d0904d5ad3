// A File over bytes in memory, for reading what a disk would hold.
#pragma once

#include <string>

#include "base/file_system.h"

namespace skein::test {

class BytesFile final : public File {
 public:
  explicit BytesFile(std::string bytes) : bytes_(std::move(bytes)) {}
  Status append(std::string_view data) override {
    bytes_ += data;
    return {};
  }
  Result<std::string> read_at(std::uint64_t offset, std::size_t size) const override {
    return offset >= bytes_.size() ? std::string() : bytes_.substr(offset, size);
  }
  Status sync() override { return {}; }
  Status truncate(std::uint64_t size) override {
    bytes_.resize(size);
    return {};
  }
  Result<std::uint64_t> size() const override { return bytes_.size(); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace skein::test
