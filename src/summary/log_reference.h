// Logs that lie where their users have them: of a file that was summarised nothing is copied, but where it is, how
// large it was, when it was changed last, and a digest of its bytes. So its lines are shown under an id as those of a
// stored log, and a file that has changed since is told.
//
//   file = <time>-<id>.ref in <state>/logs, one LogReference as JSON
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "engine/schema.h"

namespace skein::summary {

struct LogPiece;
struct LogSecret;

struct LogReference {
  int format = 1;
  std::string id;
  std::string path;              ///< Absolute.
  std::int64_t at_us = 0;        ///< When it was summarised, since 1970, UTC.
  std::int64_t bytes = 0;        ///< Of the file.
  std::int64_t modified_us = 0;  ///< Since 1970; 0: not known.
  std::string digest;            ///< FileSum::text.
  std::int64_t lines = 0;        ///< With secrets replaced.

  template <class V>
  static void describe(V& v) {
    v.field("format", &LogReference::format, "Version of the stored form.");
    v.field("id", &LogReference::id, "Names the log; a unique beginning will do.");
    v.field("path", &LogReference::path, "Of the file.");
    v.field("at_us", &LogReference::at_us, "When it was summarised, in microseconds since 1970.");
    v.field("bytes", &LogReference::bytes, "Of the file.");
    v.field("modified_us", &LogReference::modified_us, "When the file was changed last, in microseconds since 1970.");
    v.field("digest", &LogReference::digest, "Of its bytes.");
    v.field("lines", &LogReference::lines, "Of the file, secrets replaced.");
  }
};

/// A sum by which a changed file is told, not one that names content: XXH3 of blocks of 256 KiB, each with the sum of
/// those before as its seed.
class FileSum {
 public:
  static constexpr std::size_t kBlock = std::size_t{256} << 10;
  /// The next block; only the last is shorter than kBlock.
  void add(std::string_view block);
  /// "xxh3-256k:" and 16 hexadecimal digits.
  [[nodiscard]] std::string text() const;

 private:
  std::uint64_t sum_ = 0;
};

/// The time of a file's last change, as LogReference::modified_us.
[[nodiscard]] std::int64_t modified_us(const std::string& path);

/// Writes `reference` to the folder, under an id of its own, and removes what was known of this path before. The id
/// depends on the path and the digest alone, as long as no other log has it. Errors: of the file system.
[[nodiscard]] Result<std::string> keep_reference(FileSystem& files, const std::string& folder, LogReference reference,
                                                 const std::string& time_name);
/// Errors: `data_corrupt`, `unsupported_version`; of the file system.
[[nodiscard]] Result<LogReference> read_reference(FileSystem& files, const std::string& path);
/// How the file differs from what is known of it, for people; empty where it does not. Reads all of it where its time
/// has changed and its size has not. Errors: of the file system, `not_found` for a file that is gone.
[[nodiscard]] Result<std::string> change_of(FileSystem& files, const LogReference& reference);

/// The lines [first, last] (from 1) of the file as a stored log would have them, secrets replaced, until `visit`
/// returns false. Secrets go to `secrets` where that is not null, as far as it was read. Errors: of the file system.
Status pieces_of_file(FileSystem& files, const std::string& path, std::uint64_t first, std::uint64_t last,
                      const std::function<bool(const LogPiece&)>& visit, std::vector<LogSecret>* secrets = nullptr);

}  // namespace skein::summary
