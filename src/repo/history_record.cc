// The stored form of history.h.
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "repo/history.h"

namespace skein::repo {
namespace {

constexpr std::uint8_t kFormat = 1;

void put(ByteWriter& out, const std::vector<PathHistory>& paths) {
  out.varint(paths.size());
  for (const auto& path : paths) {
    out.text(path.path).varint(path.commits).varint(path.lines_added).varint(path.lines_removed).i64(path.last_time);
    out.varint(path.authors).varint(path.shares.size());
    for (const auto& share : path.shares) out.varint(share.author).varint(share.commits).varint(share.lines);
  }
}

class HistoryReader {
 public:
  explicit HistoryReader(std::string_view bytes) : in_(bytes) {}

  Result<History> read() {
    const std::uint8_t format = in_.u8();
    if (in_.ok() && format > kFormat)
      return fail(Code::unsupported_version, "a history of format {}; this skein knows up to {}", format, kFormat);
    good_ = format == kFormat;
    History history;
    history.commits = number();
    history.merges = number();
    history.newest = in_.i64();
    history.oldest = in_.i64();
    const std::uint8_t state = in_.u8();
    good_ = good_ && state <= 3;
    history.complete = (state & 1) != 0;
    history.shallow = (state & 2) != 0;
    history.authors.resize(good_ ? in_.count(3) : 0);
    for (auto& author : history.authors) {
      author.name = in_.text();
      author.commits = number();
      author.lines = in_.varint();
    }
    history.files = paths(history.authors.size());
    history.folders = paths(history.authors.size());
    history.notes.resize(good_ ? in_.count() : 0);
    for (auto& note : history.notes) note = in_.text();
    if (!good_ || !in_.ok() || !in_.at_end()) return fail(Code::data_corrupt, "the stored history is damaged");
    return history;
  }

 private:
  std::uint32_t number() {
    const std::uint64_t value = in_.varint();
    if (value > std::numeric_limits<std::uint32_t>::max()) good_ = false;
    return static_cast<std::uint32_t>(value);
  }

  std::vector<PathHistory> paths(std::size_t authors) {
    std::vector<PathHistory> out;
    const std::size_t count = good_ ? in_.count(14) : 0;
    for (std::size_t i = 0; i < count && good_ && in_.ok(); ++i) {
      PathHistory path;
      path.path = in_.text();
      if (!out.empty() && out.back().path >= path.path) good_ = false;
      path.commits = number();
      path.lines_added = in_.varint();
      path.lines_removed = in_.varint();
      path.last_time = in_.i64();
      path.authors = number();
      const std::size_t shares = in_.count(3);
      good_ = good_ && shares <= PathHistory::kShares;
      for (std::size_t k = 0; k < shares && good_; ++k) {
        const std::uint32_t author = number();
        const std::uint32_t commits = number();
        path.shares.push_back({author, commits, in_.varint()});
        good_ = good_ && author < authors;
      }
      out.push_back(std::move(path));
    }
    return out;
  }

  ByteReader in_;
  bool good_ = true;
};

}  // namespace

std::string encode(const History& history) {
  ByteWriter out;
  out.u8(kFormat).varint(history.commits).varint(history.merges).i64(history.newest).i64(history.oldest);
  out.u8(static_cast<std::uint8_t>((history.complete ? 1 : 0) | (history.shallow ? 2 : 0)));
  out.varint(history.authors.size());
  for (const auto& author : history.authors) out.text(author.name).varint(author.commits).varint(author.lines);
  put(out, history.files);
  put(out, history.folders);
  out.varint(history.notes.size());
  for (const auto& note : history.notes) out.text(note);
  return out.take();
}

Result<History> decode_history(std::string_view bytes) { return HistoryReader(bytes).read(); }

}  // namespace skein::repo
