#include "summary/log_excerpt.h"

#include <algorithm>

#include "text/quantity.h"
#include "text/terminal_safe.h"

namespace skein::summary {
namespace {

constexpr std::uint64_t kMostTail = 512;  // Lines looked at from the end.

Result<std::string> safe_lines(const LogReader& log, std::uint64_t first, std::uint64_t last, std::size_t most) {
  std::string text;
  SKEIN_DO(log.pieces(first, last, [&](const LogPiece& piece) {
    text += piece.bytes;
    return text.size() < most;
  }));
  return text::terminal_safe(text);
}

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Result<std::string> log_excerpt(const LogReader& log, std::string_view head, std::size_t limit) {
  if (log.bytes() <= limit) {
    SKEIN_TRY(std::string whole, safe_lines(log, 1, log.lines(), limit + 1));
    return whole;
  }
  const std::string begin = std::string(head) + "\n";
  constexpr std::size_t kNotice = 100;
  const std::size_t room = limit - std::min(limit, begin.size() + kNotice);
  SKEIN_TRY(std::string first, safe_lines(log, 1, 40, room * 4 + 4096));
  first = first.substr(0, first.rfind('\n', room / 4) == std::string::npos ? 0 : first.rfind('\n', room / 4) + 1);
  const std::uint64_t tail_from = log.lines() - std::min(log.lines() - 1, kMostTail);
  std::string last;
  SKEIN_DO(log.pieces(tail_from, log.lines(), [&](const LogPiece& piece) {
    last += piece.bytes;
    if (last.size() > room * 8 + 65'536) last.erase(0, last.size() - (room * 4 + 4096));
    return true;
  }));
  last = text::terminal_safe(last);
  const bool unfinished = !last.ends_with('\n');
  if (unfinished) last += '\n';
  const std::size_t tail_room = room - std::min(room, first.size());
  if (last.size() > tail_room) {
    const std::size_t cut = last.find('\n', last.size() - tail_room - 1);
    last.erase(0, cut == std::string::npos ? last.size() : cut + 1);
  }
  const std::uint64_t skipped_from = count_lines(first) + 1;
  const std::uint64_t skipped_to = log.lines() - std::min<std::uint64_t>(log.lines(), count_lines(last));
  if (skipped_to < skipped_from) return begin + first + last;
  return begin + first +
         fmt::format("... {} lines left out: skein log show {} --lines {}-{}\n",
                     text::format_count(static_cast<std::int64_t>(skipped_to - skipped_from + 1)), log.start().id,
                     skipped_from, skipped_to) +
         last;
}

}  // namespace skein::summary
