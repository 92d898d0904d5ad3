#include "text/redact.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "text/secret_match.h"

namespace skein::text {
namespace {

constexpr std::size_t kContext = 256;     // Bytes before an anchor that a rule may look at.
constexpr std::size_t kLarge = 16 << 10;  // Such pieces are worth not being copied.
constexpr std::size_t kEdge = 8 << 10;    // Bytes of such a piece that are looked at together with what stands before.

void mark(std::string& out, std::string_view kind) { out.append("[redacted:").append(kind).append("]"); }

}  // namespace

std::vector<SecretSpan> find_secrets(std::string_view text, const SecretRules& rules) {
  std::vector<SecretSpan> spans;
  std::vector<std::size_t> candidates;
  rules.candidates(text, 0, candidates);
  std::size_t done = 0;
  for (const std::size_t at : candidates) {
    if (at < done) continue;
    const SecretMatch match = match_secret(rules, text, at, true);
    if (match.state != SecretMatch::found) continue;
    spans.push_back({match.offset, match.size, rules.rules()[match.rule].name});
    done = match.offset + match.size;
  }
  return spans;
}

std::string redact(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (const SecretSpan& span : find_secrets(text)) {
    out.append(text.substr(done, span.offset - done));
    mark(out, span.kind);
    done = span.offset + span.size;
  }
  return out.append(text.substr(done));
}

void SecretStream::feed(std::string_view bytes, std::string& out, std::vector<SecretSpan>& spans) {
  if (bytes.empty()) return;
  buffer_.append(bytes);
  if (buffer_.size() < retry_at_) return;
  advance(buffer_, false, out, spans);
}

void SecretStream::feed(std::string bytes, const std::function<void(std::string)>& give,
                        std::vector<SecretSpan>& spans) {
  if (bytes.size() < kLarge || retry_at_ > 0 || !is_clean(bytes)) {
    std::string out;
    feed(bytes, out, spans);
    if (!out.empty()) give(std::move(out));
    return;
  }
  if (pending() > 0) give(buffer_.substr(given_));
  const std::size_t held = rules_.begun(bytes);
  buffer_at_ += buffer_.size() + bytes.size();
  buffer_.assign(bytes, bytes.size() - kContext);
  buffer_at_ -= buffer_.size();
  given_ = buffer_.size() - held;
  bytes.resize(bytes.size() - held);
  give(std::move(bytes));
}

/// Whether it is known already that no secret begins in what is held back or in these bytes, but for their last two.
bool SecretStream::is_clean(std::string_view bytes) {
  const std::string edge = buffer_ + std::string(bytes.substr(0, kEdge));
  rules_.candidates(edge, given_, candidates_);
  for (const std::size_t at : candidates_) {
    if (at >= buffer_.size() + kContext) break;
    if (match_secret(rules_, edge, at, false).state != SecretMatch::none) return false;
  }
  rules_.candidates(bytes, kContext, candidates_);
  return std::ranges::all_of(
      candidates_, [&](std::size_t at) { return match_secret(rules_, bytes, at, false).state == SecretMatch::none; });
}

void SecretStream::finish(std::string& out, std::vector<SecretSpan>& spans) {
  advance(buffer_, true, out, spans);
  buffer_.clear();
  given_ = retry_at_ = 0;
  buffer_at_ = 0;
}

void SecretStream::advance(std::string_view text, bool final, std::string& out, std::vector<SecretSpan>& spans) {
  // Invariant: all before given_ is decided, and no secret begins before it that ends after it.
  std::size_t decided = final ? text.size() : std::max(given_, text.size() - rules_.begun(text));
  retry_at_ = 0;
  const auto give = [&](std::size_t upto) {
    out.append(text.substr(given_, upto - given_));
    given_ = upto;
  };
  rules_.candidates(text, given_, candidates_);
  for (const std::size_t at : candidates_) {
    if (at < given_) continue;
    const SecretMatch match = match_secret(rules_, text, at, final);
    if (match.state == SecretMatch::undecided) {
      decided = at;
      // Twice as much before the next look: the looks at one place cost no more than its length together.
      retry_at_ = text.size() + (text.size() - at);
      break;
    }
    if (match.state == SecretMatch::none) continue;
    give(match.offset);
    mark(out, rules_.rules()[match.rule].name);
    spans.push_back({buffer_at_ + match.offset, match.size, rules_.rules()[match.rule].name});
    given_ = match.offset + match.size;
  }
  if (decided > given_) give(decided);
  const std::size_t drop = given_ - std::min(given_, kContext);
  if (drop > 0 && !final) {
    buffer_.erase(0, drop);
    buffer_at_ += drop;
    given_ -= drop;
    if (retry_at_ > 0) retry_at_ -= drop;
  }
}

}  // namespace skein::text
