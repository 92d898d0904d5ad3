#include "repo/file_reading.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <span>
#include <utility>

namespace skein::repo {
namespace {

using store::FileStamp;
using store::FolderDescent;
using store::OpenFile;

constexpr std::size_t kChunkFiles = 64;
constexpr std::uint64_t kChunkBytes = 8u << 20;
constexpr int kAttempts = 3;
constexpr std::size_t kBuffer = 256 << 10;
static_assert(kBuffer >= kClassifiedBytes);

struct Content {
  FileStamp stamp;
  Digest digest;
  FileKind kind{};
  FileTraits traits;
};

// Reads one file; nothing where it changed while it was read.
Result<std::optional<Content>> read_once(int folder, const std::string& name, const std::string& path,
                                         std::span<char> buffer, std::uint64_t& bytes) {
  SKEIN_TRY(OpenFile file, OpenFile::open_at(folder, name.c_str(), false));
  Content content;
  if (const int error = store::stamp_of(file.descriptor(), content.stamp); error != 0)
    return std::unexpected(system_error(error, "cannot look at the file"));
  Hasher hasher;
  for (bool first = true;; first = false) {
    SKEIN_TRY(const std::size_t got, file.read(buffer));
    hasher.bytes({buffer.data(), got});
    bytes += got;
    if (first) {
      const std::string_view head(buffer.data(), std::min(got, kClassifiedBytes));
      content.kind = is_binary(head) ? FileKind::binary : FileKind::text;
      content.traits = traits_of_path(path);
      if (content.kind == FileKind::text) {
        const FileTraits found = traits_of_text(path, head);
        content.traits.generated |= found.generated;
        content.traits.minified |= found.minified;
      }
    }
    if (got < buffer.size()) break;
  }
  content.digest = hasher.finish();
  FileStamp after;
  if (const int error = store::stamp_of(file.descriptor(), after); error != 0)
    return std::unexpected(system_error(error, "cannot look at the file"));
  if (after != content.stamp) return std::nullopt;
  return content;
}

// Moves from folder to folder of a walk by the shortest way, without ever using a path.
class FolderRider {
 public:
  FolderRider(const std::vector<WalkedFolder>& folders, FolderDescent descent)
      : folders_(folders), descent_(std::move(descent)), way_{0} {}

  /// The open folder `number`; nothing where it cannot be reached any more.
  std::optional<int> go_to(std::uint32_t number) {
    down_.clear();
    std::uint32_t at = number;
    // Up from the target until a folder on the present way is met.
    while (folders_[at].depth >= way_.size() || way_[folders_[at].depth] != at) {
      down_.push_back(at);
      at = folders_[at].parent;
    }
    while (way_.size() > folders_[at].depth + 1u) {
      if (descent_.leave() != 0) return std::nullopt;
      way_.pop_back();
    }
    while (!down_.empty()) {
      if (descent_.enter(folders_[down_.back()].name.c_str()) != 0) return std::nullopt;
      way_.push_back(down_.back());
      down_.pop_back();
    }
    return descent_.current();
  }

 private:
  const std::vector<WalkedFolder>& folders_;
  FolderDescent descent_;
  std::vector<std::uint32_t> way_;   // The folder at each depth.
  std::vector<std::uint32_t> down_;  // Scratch of go_to.
};

enum class Outcome : std::uint8_t { read, changing, failed };

struct Chunk {
  std::vector<std::size_t> files;  // Indices.
  std::uint64_t bytes_read = 0;
  std::vector<Outcome> outcomes;
  std::vector<std::string> details;  // Of the failed ones; empty for one that is gone.
};

void read_chunk(const std::string& root, Walk& walk, Chunk& chunk) {
  chunk.outcomes.assign(chunk.files.size(), Outcome::failed);
  chunk.details.assign(chunk.files.size(), "");
  auto descent = FolderDescent::open(root, FolderDescent::Access::look_up);
  if (!descent) return;
  FolderRider rider(walk.folders, std::move(*descent));
  std::vector<char> buffer(kBuffer);
  for (std::size_t i = 0; i < chunk.files.size(); ++i) {
    WalkedFile& file = walk.files[chunk.files[i]];
    const auto folder = rider.go_to(file.folder);
    if (!folder) continue;
    const std::string name(file.name());
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      auto content = read_once(*folder, name, file.path, buffer, chunk.bytes_read);
      if (!content) {
        if (content.error().code() != Code::not_found) chunk.details[i] = content.error().message();
        chunk.outcomes[i] = Outcome::failed;
        break;
      }
      if (!*content) {
        chunk.outcomes[i] = Outcome::changing;
        continue;
      }
      file.stamp = (*content)->stamp;
      file.digest = (*content)->digest;
      file.kind = (*content)->kind;
      file.traits = (*content)->traits;
      file.to_read = false;
      chunk.outcomes[i] = Outcome::read;
      break;
    }
  }
}

std::vector<Chunk> chunks_of(const Walk& walk) {
  std::vector<Chunk> chunks;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < walk.files.size(); ++i) {
    if (!walk.files[i].to_read) continue;
    if (chunks.empty() || chunks.back().files.size() >= kChunkFiles || bytes >= kChunkBytes) {
      chunks.emplace_back();
      bytes = 0;
    }
    chunks.back().files.push_back(i);
    bytes += walk.files[i].stamp.size;
  }
  return chunks;
}

}  // namespace

ReadingTotals read_files(const std::string& root, Walk& walk, Executor& executor) {
  std::vector<Chunk> chunks = chunks_of(walk);
  parallel_for(executor, chunks.size(), [&](std::size_t i) { read_chunk(root, walk, chunks[i]); });
  ReadingTotals totals;
  for (const Chunk& chunk : chunks) {
    totals.bytes += chunk.bytes_read;
    for (std::size_t i = 0; i < chunk.files.size(); ++i) {
      const std::string& path = walk.files[chunk.files[i]].path;
      switch (chunk.outcomes[i]) {
        case Outcome::read:
          ++totals.files;
          break;
        case Outcome::changing:
          walk.left_out.push_back({path, LeftOutReason::changing, ""});
          walk.files[chunk.files[i]].stamp = {};  // Never what the next check finds.
          break;
        case Outcome::failed:
          if (!chunk.details[i].empty()) walk.left_out.push_back({path, LeftOutReason::unreadable, chunk.details[i]});
          break;
      }
    }
  }
  return totals;
}

}  // namespace skein::repo
