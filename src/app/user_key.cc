#include "app/user_key.h"

#include "base/bytes.h"
#include "base/file_lock.h"
#include "base/platform/surroundings.h"
#include "base/random.h"

namespace skein::app {
namespace {

constexpr std::size_t kKeyBytes = 32;

Result<std::string> existing_key(FileSystem& files, const std::string& path) {
  SKEIN_TRY(auto key, read_file(files, path));
  if (key.size() != kKeyBytes)
    return std::unexpected(Error(Code::data_corrupt, path + " is damaged")
                               .or_do("remove it; what skein remembers about workspaces is then made again"));
  return key;
}

}  // namespace

Result<std::string> user_key(FileSystem& files, const std::string& user_state_folder) {
  const std::string path = join_path(user_state_folder, "key");
  auto known = existing_key(files, path);
  if (known || known.error().code() != Code::not_found) return known;
  SKEIN_DO(files.make_directories(user_state_folder));
  // Of two first processes only one makes the key.
  const auto lock = FileLock::try_acquire(path + ".lock");
  if (!lock)
    return std::unexpected(Error(Code::unavailable, "another skein is just making the user's key " + path)
                               .or_do("run it again in a moment"));
  known = existing_key(files, path);
  if (known || known.error().code() != Code::not_found) return known;
  SystemRandom random;
  ByteWriter key;
  while (key.size() < kKeyBytes) key.u64(random.next());
  const std::string temporary = path + ".new";
  {
    SKEIN_TRY(auto file, files.open(temporary, OpenMode::create));
    SKEIN_DO(restrict_to_user(temporary));
    SKEIN_DO(file->append(key.view()));
    SKEIN_DO(file->sync());
  }
  SKEIN_DO(files.rename(temporary, path));
  SKEIN_DO(files.sync_directory(user_state_folder));
  return existing_key(files, path);
}

}  // namespace skein::app
