// A temporary folder of a test: made empty, written by paths, removed at the end.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace skein::test {

class ScratchTree {
 public:
  ScratchTree() {
    std::string name = (std::filesystem::temp_directory_path() / "skein-test-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = std::filesystem::canonical(name).string();
  }
  ~ScratchTree() {
    // The library's own removal stops where a path is longer than the system allows.
    if (std::system(("rm -rf -- '" + root_ + "'").c_str()) != 0) ADD_FAILURE() << "cannot remove " << root_;
  }
  ScratchTree(const ScratchTree&) = delete;
  ScratchTree& operator=(const ScratchTree&) = delete;

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string path(std::string_view below) const { return root_ + "/" + std::string(below); }

  /// Writes a file, with the folders on its way.
  void write(std::string_view below, std::string_view bytes) const {
    const std::filesystem::path file = path(below);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    EXPECT_TRUE(out.good()) << file;
  }
  [[nodiscard]] std::string read(std::string_view below) const {
    std::ifstream in(path(below), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void make_folder(std::string_view below) const { std::filesystem::create_directories(path(below)); }
  void link(std::string_view target, std::string_view below) const {
    std::filesystem::create_symlink(target, path(below));
  }
  void remove(std::string_view below) const { std::filesystem::remove_all(path(below)); }

  /// Sets a file's modification time, which the system's clock would only give later.
  void set_time(std::string_view below, std::int64_t nanoseconds) const {
    const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    const timespec times[2] = {time, time};
    EXPECT_EQ(::utimensat(AT_FDCWD, path(below).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
  }

 private:
  std::string root_;
};

}  // namespace skein::test
