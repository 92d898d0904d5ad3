#include "app/user_key.h"

#include "base/bytes.h"
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
  SystemRandom random;
  ByteWriter key;
  while (key.size() < kKeyBytes) key.u64(random.next());
  const std::string temporary = fmt::format("{}.{:016x}", path, random.next());
  {
    SKEIN_TRY(auto file, files.open(temporary, OpenMode::create));
    SKEIN_DO(restrict_to_user(temporary));
    SKEIN_DO(file->append(key.view()));
    SKEIN_DO(file->sync());
  }
  // Of two first processes one is first: the other takes its key.
  if (auto made = rename_to_new(temporary, path); !made && made.error().code() != Code::already_exists)
    return std::unexpected(made.error());
  SKEIN_DO(files.sync_directory(user_state_folder));
  return existing_key(files, path);
}

}  // namespace skein::app
