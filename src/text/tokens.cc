#include "text/tokens.h"

#include <memory>
#include <string>

#include "text/token_merge.h"
#include "text/token_split.h"

namespace skein::text {
namespace {

const Vocabulary& vocabulary_of(TokenEncoding encoding) {
  return encoding == TokenEncoding::o200k_base ? o200k_vocabulary() : cl100k_vocabulary();
}

constexpr std::size_t kCacheFrom = std::size_t{64} << 10;  // Bytes of a text from which remembering pieces pays.
constexpr std::size_t kCacheBits = 15;

/// How many tokens the pieces of one text became that are no token themselves: most come again.
class SeenPieces {
 public:
  explicit SeenPieces(std::string_view text)
      : text_(text),
        seen_(text.size() >= kCacheFrom ? std::make_unique<Seen[]>(std::size_t{1} << kCacheBits) : nullptr) {}

  /// 0 where it is not known.
  [[nodiscard]] std::size_t find(std::string_view piece, std::uint64_t hash) const {
    if (!seen_) return 0;
    const Seen& seen = seen_[hash >> (64 - kCacheBits)];
    if (seen.size != piece.size() || std::memcmp(text_.data() + seen.offset, piece.data(), piece.size()) != 0) return 0;
    return seen.tokens;
  }
  void note(std::string_view piece, std::uint64_t hash, std::size_t tokens) {
    if (!seen_ || piece.size() > 0xffff) return;
    seen_[hash >> (64 - kCacheBits)] = {static_cast<std::size_t>(piece.data() - text_.data()),
                                        static_cast<std::uint32_t>(piece.size()), static_cast<std::uint32_t>(tokens)};
  }

 private:
  struct Seen {
    std::size_t offset = 0;
    std::uint32_t size = 0, tokens = 0;
  };
  std::string_view text_;
  std::unique_ptr<Seen[]> seen_;
};

/// The bytes of a valid UTF-8 sequence at `at`; 0 where there is none.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const unsigned lead = byte(0);
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead < 0xf0) {
    if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead < 0xf5) {
    if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

/// Where the first bytes stand that are no UTF-8; the size where all are.
std::size_t first_invalid(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (at + 8 <= text.size()) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
    }
    const std::size_t size = sequence_at(text, at);
    if (size == 0) return at;
    at += size;
  }
  return at;
}

/// The text with U+FFFD for each longest beginning of a sequence that is not continued (as WHATWG's decoder does).
std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bad = first_invalid(text, at);
    out.append(text.substr(at, bad - at));
    if (bad == text.size()) break;
    // What could have begun a sequence counts as one.
    std::size_t skip = 1;
    const auto lead = static_cast<unsigned char>(text[bad]);
    const std::size_t most = lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 && lead < 0xf0 ? 2 : 1;
    while (skip < most && bad + skip < text.size()) {
      // The sequence would be valid up to here if some ending made it so.
      std::string trial(text.substr(bad, skip + 1));
      while (trial.size() < most + 1) trial += '\x80';
      if (sequence_at(trial, 0) == 0) break;
      ++skip;
    }
    out.append("\xef\xbf\xbd");
    at = bad + skip;
  }
  return out;
}

template <auto piece_end>
std::size_t tokens_of(std::string_view text, const Vocabulary& vocabulary, std::vector<std::uint32_t>* tokens) {
  PieceMerger merger(vocabulary);
  SeenPieces seen(text);
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = piece_end(text, at);
    const std::string_view piece = text.substr(at, end - at);
    at = end;
    const std::uint64_t hash = hash_token(piece.data(), piece.size());
    if (const std::uint32_t rank = vocabulary.rank(piece.data(), piece.size(), hash); rank != Vocabulary::kNone) {
      ++count;
      if (tokens != nullptr) tokens->push_back(rank);
      continue;
    }
    std::size_t made = tokens == nullptr ? seen.find(piece, hash) : 0;
    if (made == 0) {
      made = merger.merge(piece, tokens);
      seen.note(piece, hash, made);
    }
    count += made;
  }
  return count;
}

std::size_t run(std::string_view text, TokenEncoding encoding, std::vector<std::uint32_t>* tokens) {
  std::string valid;
  if (first_invalid(text, 0) != text.size()) {
    valid = repaired(text);
    text = valid;
  }
  const Vocabulary& vocabulary = vocabulary_of(encoding);
  return encoding == TokenEncoding::o200k_base ? tokens_of<piece_end_o200k>(text, vocabulary, tokens)
                                               : tokens_of<piece_end_cl100k>(text, vocabulary, tokens);
}

}  // namespace

Tokens count_tokens(std::string_view text, TokenEncoding encoding) {
  return {static_cast<std::int64_t>(run(text, encoding, nullptr))};
}

std::vector<std::uint32_t> encode_tokens(std::string_view text, TokenEncoding encoding) {
  std::vector<std::uint32_t> tokens;
  run(text, encoding, &tokens);
  return tokens;
}

std::string decode_tokens(std::span<const std::uint32_t> tokens, TokenEncoding encoding) {
  std::string text;
  for (const std::uint32_t token : tokens) text += vocabulary_of(encoding).bytes(token);
  return text;
}

TokenEstimate estimate_tokens(std::string_view text) {
  const std::int64_t exact = count_tokens(text).value;
  const auto share = [&](std::int64_t hundredths) { return Tokens{(exact * hundredths + 50) / 100}; };
  return {share(106), Tokens{exact * 89 / 100}, Tokens{(exact * 127 + 99) / 100}};
}

}  // namespace skein::text
