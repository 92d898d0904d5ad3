#include "repo/history_cache.h"

namespace skein::repo {

HistoryLog read_remembered_history(FileSystem& files, const std::string& path, const GitInfo& git,
                                   const HistoryWindow& window) {
  const auto bytes = read_file(files, path);
  const auto remembered =
      bytes ? decode_history_log(*bytes, git.prefix) : Result<HistoryLog>(std::unexpected(bytes.error()));
  HistoryLog log = read_history_log(git, window, remembered ? &*remembered : nullptr);
  const std::string stored = encode(log, git.prefix);
  if (!log.commits.empty() && (!bytes || *bytes != stored)) (void)write_file_atomically(files, path, stored, false);
  return log;
}

}  // namespace skein::repo
