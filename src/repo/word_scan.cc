#include "repo/word_scan.h"

#include <algorithm>
#include <array>
#include <bit>

namespace skein::repo {
namespace {

constexpr std::size_t kShortest = 2;
constexpr std::size_t kLongest = 100;  // Longer ones are data.

enum Class : std::uint8_t { kOther, kLetter, kDigit, kNewline, kQuote, kOperator };

using Classes = std::array<std::uint8_t, 256>;

Classes classes_of(const WordRules& rules) {
  Classes classes{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    if (letter) classes[static_cast<std::size_t>(c)] = kLetter;
    if (c >= '0' && c <= '9') classes[static_cast<std::size_t>(c)] = kDigit;
  }
  classes['\n'] = kNewline;
  for (const char quote : rules.quotes) classes[static_cast<unsigned char>(quote)] = kQuote;
  for (const auto& word : rules.operators) {
    if (word.size() == 2) classes[static_cast<unsigned char>(word[0])] = kOperator;
  }
  return classes;
}

/// Words by their hash, open addressing: a lookup is mostly one comparison.
class WordTable {
 public:
  explicit WordTable(std::size_t most) : most_(most), slots_(1024, 0) {}

  /// Notes one more use.
  void add(std::string_view word, std::uint64_t hash, std::uint32_t line) {
    for (std::size_t slot = hash & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == 0) {
        if (words_.size() == most_) return;
        words_.push_back({word, hash, line, 1});
        slots_[slot] = static_cast<std::uint32_t>(words_.size());
        if (2 * words_.size() > slots_.size()) grow();
        return;
      }
      auto& known = words_[slots_[slot] - 1];
      if (known.hash == hash && known.text == word) {
        ++known.count;
        return;
      }
    }
  }

  struct Word {
    std::string_view text;
    std::uint64_t hash;
    std::uint32_t line, count;
  };
  [[nodiscard]] std::vector<Word>& words() { return words_; }

 private:
  void grow() {
    slots_.assign(slots_.size() * 2, 0);
    for (std::uint32_t i = 0; i < words_.size(); ++i) {
      std::size_t slot = words_[i].hash & (slots_.size() - 1);
      while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = i + 1;
    }
  }

  std::size_t most_;
  std::vector<std::uint32_t> slots_;  // 0: free; else 1 + the word's place. A power of two.
  std::vector<Word> words_;
};

class Scanner {
 public:
  Scanner(std::string_view text, const std::vector<CommentSpan>& comments, const WordRules& rules,
          std::size_t max_names)
      : text_(text), comments_(comments), rules_(rules), classes_(classes_of(rules)), table_(max_names) {}

  Words scan() {
    std::size_t comment = 0;
    while (at_ < text_.size()) {
      while (comment < comments_.size() && comments_[comment].end <= at_) ++comment;
      end_ = comment < comments_.size() ? std::max<std::size_t>(at_, comments_[comment].begin) : text_.size();
      code();
      if (comment < comments_.size() && at_ < comments_[comment].end) {
        line_ += comments_[comment].end_row - comments_[comment].row;
        at_ = comments_[comment].end;
      }
    }
    return finish();
  }

 private:
  [[nodiscard]] std::uint8_t class_at(std::size_t at) const { return classes_[static_cast<unsigned char>(text_[at])]; }

  /// From at_ up to end_, where a comment starts; a string may lead beyond it (then that was no comment).
  void code() {
    while (at_ < end_) {
      switch (static_cast<Class>(class_at(at_))) {
        case kLetter:
          word();
          break;
        case kDigit:
          number();
          break;
        case kNewline:
          ++line_;
          ++at_;
          break;
        case kQuote:
          string();
          break;
        case kOperator:
          if (at_ + 1 < text_.size() &&
              std::ranges::find(rules_.operators, text_.substr(at_, 2)) != rules_.operators.end()) {
            ++words_.branches;
            ++at_;
          }
          ++at_;
          break;
        case kOther:
          ++at_;
          break;
      }
    }
  }

  void word() {
    const std::size_t begin = at_;
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a.
    while (at_ < end_ && (class_at(at_) == kLetter || class_at(at_) == kDigit)) {
      hash = (hash ^ static_cast<unsigned char>(text_[at_++])) * 0x100000001b3;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.size() < kShortest || word.size() > kLongest) return;
    table_.add(word, hash ^ (hash >> 29), line_);
  }

  /// With letters ("0x1f", "1e9") and marks between digits ("1'000").
  void number() {
    while (at_ < end_ && (class_at(at_) == kLetter || class_at(at_) == kDigit ||
                          (text_[at_] == '\'' && at_ + 1 < end_ && class_at(at_ + 1) == kDigit))) {
      ++at_;
    }
  }

  void string() {
    const char quote = text_[at_];
    if (rules_.triple && at_ + 2 < text_.size() && text_[at_ + 1] == quote && text_[at_ + 2] == quote) {
      const std::string mark(3, quote);
      const auto close = text_.find(mark, at_ + 3);
      const std::size_t end = close == text_.npos ? text_.size() : close + 3;
      line_ += static_cast<std::uint32_t>(std::ranges::count(text_.substr(at_, end - at_), '\n'));
      at_ = end;
      return;
    }
    std::size_t at = at_ + 1;
    while (at < text_.size() && text_[at] != quote && text_[at] != '\n')
      at += text_[at] == '\\' && at + 1 < text_.size() && text_[at + 1] != '\n' ? 2 : 1;
    // Not closed in its line: a quote of another meaning (a lifetime, a word with an apostrophe).
    at_ = at < text_.size() && text_[at] == quote ? at + 1 : at_ + 1;
  }

  Words finish() {
    auto& found = table_.words();
    std::erase_if(found, [&](const WordTable::Word& word) {
      const bool decision = rules_.branches.contains(word.text);
      if (decision) words_.branches += word.count;
      return decision;
    });
    std::ranges::sort(found, {}, &WordTable::Word::text);
    words_.names.reserve(found.size());
    for (const auto& word : found) words_.names.push_back({std::string(word.text), word.line, word.count});
    return std::move(words_);
  }

  std::string_view text_;
  const std::vector<CommentSpan>& comments_;
  const WordRules& rules_;
  Classes classes_;
  WordTable table_;
  Words words_;
  std::size_t at_ = 0, end_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

Words scan_words(std::string_view text, const std::vector<CommentSpan>& comments, const WordRules& rules,
                 std::size_t max_names) {
  return Scanner(text, comments, rules, max_names).scan();
}

}  // namespace skein::repo
