// A program of the build: turns the rank files of npm's gpt-tokenizer (lines of "BASE64 RANK") and utf8proc's
// categories into the tables of src/text/token_tables.h.
//
//   make_token_tables classes OUT
//   make_token_tables ranks FILE OUT
#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <utf8proc.h>

#include "text/token_tables.h"

namespace {

using namespace skein::text;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "make_token_tables: %s\n", why.c_str());
  std::exit(1);
}

bool is_space(utf8proc_int32_t code, utf8proc_category_t category) {
  return (code >= 9 && code <= 13) || code == 0xfeff || category == UTF8PROC_CATEGORY_ZS ||
         category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

std::uint8_t class_of(utf8proc_int32_t code) {
  using namespace character;
  const utf8proc_category_t category = utf8proc_category(code);
  std::uint8_t bits = 0;
  switch (category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT:
      bits = kUpper | kLetter;
      break;
    case UTF8PROC_CATEGORY_LL:
      bits = kLower | kLetter;
      break;
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      bits = kUpper | kLower | kLetter;
      break;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      bits = kUpper | kLower;
      break;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      bits = kNumber;
      break;
    default:
      break;
  }
  if (is_space(code, category)) bits |= kSpace;
  if (code == '\r' || code == '\n') bits |= kBreak;
  return bits;
}

std::string classes() {
  std::string first, blocks;
  std::map<std::string, std::uint8_t> known;
  for (std::size_t block = 0; block < kClassBlocks; ++block) {
    std::string row;
    for (std::size_t i = 0; i < 256; ++i)
      row += static_cast<char>(class_of(static_cast<utf8proc_int32_t>(block << 8 | i)));
    const auto [at, added] = known.emplace(row, static_cast<std::uint8_t>(known.size()));
    if (known.size() > 256) stop("more than 256 kinds of blocks");
    if (added) blocks += row;
    first += static_cast<char>(at->second);
  }
  return first + blocks;
}

std::string from_base64(const std::string& text) {
  static const std::string kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const auto digit = kDigits.find(c);
    if (digit == std::string::npos) stop("not base64: " + text);
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xff);
    }
  }
  return out;
}

template <class T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string ranks(const std::string& path) {
  std::ifstream file(path);
  if (!file) stop("cannot read " + path);
  std::vector<std::string> tokens;
  std::string digits;
  std::size_t rank = 0;
  while (file >> digits >> rank) {
    // The ranks of one of the encodings have gaps where special tokens stand.
    if (rank < tokens.size() || rank > tokens.size() + 1000) stop("ranks out of order in " + path);
    tokens.resize(rank);
    tokens.push_back(from_base64(digits));
  }
  if (tokens.size() < 256) stop("no ranks in " + path);
  TokenTableHead head;
  head.tokens = static_cast<std::uint32_t>(tokens.size());
  for (head.slot_bits = 9; (std::size_t{1} << head.slot_bits) < tokens.size() * 2; ++head.slot_bits) {
  }
  std::vector<std::uint64_t> slots(std::size_t{1} << head.slot_bits);
  std::vector<std::uint32_t> pairs(std::size_t{1} << 16, ~std::uint32_t{0});
  std::vector<std::uint64_t> filter(kFilterBits / 64);
  std::string offsets, bytes;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    append(offsets, static_cast<std::uint32_t>(bytes.size()));
    bytes += tokens[i];
    head.longest = std::max(head.longest, static_cast<std::uint32_t>(tokens[i].size()));
    if (tokens[i].empty()) continue;
    // gpt-tokenizer, whose counts are the measure, never finds a token that begins with U+FEFF: its decoder drops it.
    if (tokens[i].starts_with("\xef\xbb\xbf")) continue;
    if (tokens[i].size() == 2)
      pairs[static_cast<unsigned char>(tokens[i][0]) | static_cast<unsigned char>(tokens[i][1]) << 8U] =
          static_cast<std::uint32_t>(i);
    const std::uint64_t hash = hash_token(tokens[i].data(), tokens[i].size());
    filter[filter_bit(hash) / 64] |= std::uint64_t{1} << (filter_bit(hash) % 64);
    std::size_t slot = hash >> (64 - head.slot_bits);
    while (slots[slot] != 0) slot = (slot + 1) & (slots.size() - 1);
    slots[slot] = hash << kRankBits | (i + 1);
  }
  append(offsets, static_cast<std::uint32_t>(bytes.size()));
  std::string out;
  append(out, head);
  out.append(reinterpret_cast<const char*>(slots.data()), slots.size() * sizeof slots[0]);
  out.append(reinterpret_cast<const char*>(filter.data()), filter.size() * sizeof filter[0]);
  out.append(reinterpret_cast<const char*>(pairs.data()), pairs.size() * sizeof pairs[0]);
  return out + offsets + bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  std::string table;
  if (words.size() == 2 && words[0] == "classes")
    table = classes();
  else if (words.size() == 3 && words[0] == "ranks")
    table = ranks(words[1]);
  else
    stop("usage: make_token_tables classes OUT | ranks FILE OUT");
  std::ofstream out(words.back(), std::ios::binary);
  out.write(table.data(), static_cast<std::streamsize>(table.size()));
  if (!out.flush()) stop("cannot write " + words.back());
}
