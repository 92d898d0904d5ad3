#include "text/redact.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "text/secret_match.h"

namespace skein::text {
namespace {

constexpr std::size_t kContext = 256;  // Bytes before an anchor that a rule may look at.
constexpr std::size_t kShortest = 3;   // Bytes that tell whether an anchor may begin.

void mark(std::string& out, std::string_view kind) { out.append("[redacted:").append(kind).append("]"); }

}  // namespace

std::vector<SecretSpan> find_secrets(std::string_view text, const SecretRules& rules) {
  std::vector<SecretSpan> spans;
  for (std::size_t at = rules.next_candidate(text, 0); at < text.size();) {
    const SecretMatch match = match_secret(rules, text, at, true);
    if (match.state == SecretMatch::found) {
      spans.push_back({match.offset, match.size, rules.rules()[match.rule].name});
      at = match.offset + match.size;
    } else {
      ++at;
    }
    at = rules.next_candidate(text, at);
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

void SecretStream::finish(std::string& out, std::vector<SecretSpan>& spans) {
  advance(buffer_, true, out, spans);
  buffer_.clear();
  given_ = retry_at_ = 0;
  buffer_at_ = 0;
}

void SecretStream::advance(std::string_view text, bool final, std::string& out, std::vector<SecretSpan>& spans) {
  // Invariant: all before given_ is decided, and no secret begins before it that ends after it.
  std::size_t at = given_;
  std::size_t decided =
      final || text.size() < kShortest ? (final ? text.size() : given_) : text.size() - (kShortest - 1);
  decided = std::max(decided, given_);
  retry_at_ = 0;
  const auto give = [&](std::size_t upto) {
    out.append(text.substr(given_, upto - given_));
    given_ = upto;
  };
  while ((at = rules_.next_candidate(text, at)) < text.size()) {
    const SecretMatch match = match_secret(rules_, text, at, final);
    if (match.state == SecretMatch::undecided) {
      decided = at;
      // Twice as much before the next look: the looks at one place cost no more than its length together.
      retry_at_ = text.size() + (text.size() - at);
      break;
    }
    if (match.state == SecretMatch::none) {
      ++at;
      continue;
    }
    give(match.offset);
    mark(out, rules_.rules()[match.rule].name);
    spans.push_back({buffer_at_ + match.offset, match.size, rules_.rules()[match.rule].name});
    at = given_ = match.offset + match.size;
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
