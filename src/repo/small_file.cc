#include "repo/small_file.h"

#include <fcntl.h>

#include "store/file_stamp.h"

namespace skein::repo {
namespace {

Result<std::string> read_all(store::OpenFile& file, std::size_t limit) {
  constexpr std::size_t kPiece = 16 << 10;
  std::string text;
  while (true) {
    const std::size_t have = text.size();
    const std::size_t want = have < kPiece ? kPiece : have;
    text.resize(have + want);
    SKEIN_TRY(const std::size_t got, file.read({text.data() + have, want}));
    text.resize(have + got);
    if (text.size() > limit) return fail(Code::resource_exhausted, "larger than {} bytes", limit);
    if (got < want) return text;
  }
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t limit) {
  SKEIN_TRY(auto file, store::OpenFile::open_at(AT_FDCWD, path.c_str(), true));
  return read_all(file, limit);
}

Result<std::string> read_small_file_at(int folder, const char* name, std::size_t limit) {
  SKEIN_TRY(auto file, store::OpenFile::open_at(folder, name, false));
  return read_all(file, limit);
}

}  // namespace skein::repo
