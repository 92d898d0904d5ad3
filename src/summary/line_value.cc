#include "summary/line_value.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "summary/literal_finder.h"

namespace skein::summary {
namespace {

struct Word {
  std::string_view text;
  float value;
};

// Sorted by text. What a word is worth where nothing around it says otherwise.
constexpr std::array kWords = std::to_array<Word>({
    {"abort", 35},     {"aborted", 40},      {"aborting", 35},   {"assertion", 32},   {"cannot", 32},
    {"conflict", 22},  {"crashed", 45},      {"denied", 35},     {"err", 38},         {"error", 42},
    {"errored", 38},   {"errors", 36},       {"exception", 40},  {"exceptions", 25},  {"expected", 24},
    {"fail", 38},      {"failed", 42},       {"failing", 36},    {"fails", 28},       {"failure", 42},
    {"failures", 38},  {"fatal", 55},        {"forbidden", 25},  {"illegal", 28},     {"incompatible", 28},
    {"invalid", 26},   {"killed", 38},       {"mismatch", 25},   {"missing", 24},     {"offense", 20},
    {"offenses", 24},  {"overfull", 30},     {"panic", 55},      {"panicked", 55},    {"problem", 18},
    {"problems", 22},  {"refused", 30},      {"rejected", 26},   {"segfault", 55},    {"segmentation", 55},
    {"stalled", 24},   {"terminated", 30},   {"timeout", 28},    {"traceback", 50},   {"unable", 32},
    {"uncaught", 45},  {"undefined", 32},    {"unexpected", 30}, {"unhandled", 42},   {"unknown", 16},
    {"unmet", 24},     {"unrecognized", 26}, {"unresolved", 34}, {"unsatisfied", 30}, {"unsupported", 22},
    {"violation", 26}, {"violations", 26},
});

struct Phrase {
  std::string_view text;
  float value;
};
constexpr std::array kPhrases = std::to_array<Phrase>({
    {"not found", 36},
    {"no such ", 40},
    {"could not", 34},
    {"couldn't", 32},
    {"can't ", 28},
    {"does not exist", 34},
    {"doesn't exist", 34},
    {"timed out", 38},
    {"not ok", 44},
    {"not installed", 34},
    {"didn't", 18},
    {"did not", 20},
    {"no longer", 18},
    {"should be", 18},
    {"must be", 18},
    {"is not ", 14},
    {"but got", 24},
    {"actual", 14},
    {"not a ", 12},
    {"core dumped", 50},
    {"no output has been received", 45},
    {"out of memory", 50},
    {"permission denied", 40},
    {"stack trace", 20},
    {"not match", 26},
    {"not equal", 28},
    {"undeclared", 34},
});

constexpr std::array kEndings = std::to_array<std::string_view>(
    {"exited with ", "process completed with exit code", "build failed", "make: ***", "command failed",
     "your build has been stopped", "returned a non-zero", "exit status ", "failed with exit code", "exit code 1",
     "non-zero exit", "elifecycle", "failed. see above"});

constexpr std::array kNoise = std::to_array<std::string_view>({"downloading",
                                                               "downloaded",
                                                               "get:",
                                                               "fetching",
                                                               "receiving objects",
                                                               "resolving deltas",
                                                               "unpacking ",
                                                               "setting up ",
                                                               "selecting previously",
                                                               "preparing to unpack",
                                                               "npm http",
                                                               "remote: ",
                                                               "collecting ",
                                                               "installing ",
                                                               "using ",
                                                               "processing triggers",
                                                               "reading package",
                                                               "(reading database",
                                                               "extracting",
                                                               "resolving",
                                                               "  inflating",
                                                               "hit:",
                                                               "ign:",
                                                               "progress ",
                                                               "* [new "});

constexpr std::array kWarnings = std::to_array<std::string_view>({"warning", "deprecat", "warn "});

const LiteralFinder& tellers() {
  static const LiteralFinder kFinder = [] {
    LiteralFinder finder;
    finder.build(telling_words(), true);
    return finder;
  }();
  return kFinder;
}

constexpr std::array<char, 256> kLower = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) table[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return table;
}();

constexpr std::array<bool, 256> kLetter = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 256; ++c)
    table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return table;
}();

bool letter(char c) { return kLetter[static_cast<unsigned char>(c)]; }

bool numeral(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view word_before(std::string_view line, std::size_t at) {
  while (at > 0 && (line[at - 1] == ' ' || line[at - 1] == '(')) --at;
  std::size_t begin = at;
  while (begin > 0 && letter(line[begin - 1])) --begin;
  return line.substr(begin, at - begin);
}

std::string_view word_after(std::string_view line, std::size_t at) {
  while (at < line.size() && (line[at] == ' ' || line[at] == ':' || line[at] == '=' || line[at] == '(')) ++at;
  std::size_t end = at;
  while (end < line.size() && letter(line[end])) ++end;
  return line.substr(at, end - at);
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool is_noise(std::string_view line) {
  static const std::array<bool, 256> kFirst = [] {
    std::array<bool, 256> table{};
    for (const std::string_view text : kNoise) table[static_cast<unsigned char>(text[0])] = true;
    return table;
  }();
  return kFirst[static_cast<unsigned char>(line[0])] &&
         std::ranges::any_of(kNoise, [&](std::string_view text) { return line.starts_with(text); });
}

/// What the word at [at, end) of a line (`line` in lower case, `shown` as it is) is worth where it stands.
float value_at(std::string_view line, std::string_view shown, std::size_t at, std::size_t end, float value,
               bool camel) {
  const char before = at > 0 ? line[at - 1] : ' ';
  const char after = end < line.size() ? line[end] : ' ';
  const char after2 = end + 1 < line.size() ? line[end + 1] : ' ';
  const bool in_name = before == '/' || before == '\\' || after == '/' || (before == '-' && !camel) ||
                       (after == '-' && letter(after2)) || ((before == '.' || before == '$') && !camel) ||
                       (after == '.' && letter(after2)) || (before == '@') || (after == '(' && after2 == ')');
  if (in_name) return value * 0.15F;
  const std::string_view previous = word_before(line, at);
  const std::string_view next = word_after(line, end);
  if (previous == "no" || previous == "0" || previous == "without" || previous == "zero" || next == "0" ||
      previous == "not")
    return 0;
  if (previous == "if" || previous == "on" || previous == "for" || previous == "allowed" || previous == "ignore")
    return value * 0.4F;
  if (after == ':' || after == '!' || after == ']') value *= 1.3F;
  if (at < 3) value *= 1.25F;
  if (at > 120) value *= 0.7F;
  if (numeral(previous)) value *= 1.15F;
  if (is_upper(shown[at]) && end - at > 1 && is_upper(shown[at + 1])) value *= 1.15F;
  return value;
}

/// What passed may be named after errors as it likes.
bool says_passed(std::string_view line) {
  switch (line[0]) {
    case 'o':
      if (line.starts_with("ok ") || line.starts_with("ok:")) return true;
      break;
    case 'p':
      if (line.starts_with("pass")) return true;
      break;
    case '[':
      if (line.starts_with("[ok]") || line.starts_with("[       ok ]") || line.starts_with("[ run      ]") ||
          line.starts_with("[+]"))
        return true;
      break;
    case '\xe2':
      if (line.starts_with("\xe2\x9c\x93") || line.starts_with("\xe2\x9c\x94") || line.starts_with("\xe2\x88\x9a"))
        return true;
      break;
    case '-':
      if (line.starts_with("--- pass:")) return true;
      break;
    default:
      break;
  }
  return false;
}

bool ends_passed(std::string_view shown) {
  // pytest -v: "t.py::test_x PASSED      [ 96%]"
  if (shown.ends_with("%]"))
    if (const std::size_t at = shown.find(" PASSED "); at != std::string_view::npos)
      return shown.find_first_not_of(" [0123456789%]", at + 8) == std::string_view::npos;
  return (shown.back() == 'd' && shown.ends_with(" passed")) ||
         ((shown.back() == 'k' || shown.back() == 'K') && (shown.ends_with(" ok") || shown.ends_with(" OK")));
}

bool is_command(std::string_view line) {
  switch (line[0]) {
    case '$':
    case '+':
      return line.size() > 1 && line[1] == ' ';
    case '#':
      return line.starts_with("##[command]") || line.starts_with("##[group]");
    case '[':
      return line.starts_with("[command]");
    default:
      return false;
  }
}

bool is_frame(std::string_view line, std::string_view shown) {
  switch (line[0]) {
    case 'a':
      return line.starts_with("at ") && shown.find('(') != std::string_view::npos;
    case 'f':
      return line.starts_with("from /") ||
             (line.starts_with("file \"") && shown.find("line ") != std::string_view::npos);
    case '#':
      return line.size() > 2 && numeral(line.substr(1, 1));
    default:
      return false;
  }
}

/// A colon between a name's end and a number: "path/to/file.c:12:3:".
bool has_place(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < line.size() &&
         numeral(line.substr(colon + 1, 1)) && letter(line[colon - 1]);
}

/// Whether the line ends with a number of warnings.
bool counts_warnings(std::string_view line) {
  while (!line.empty() && (line.back() == ':' || line.back() == '.' || line.back() == ')')) line.remove_suffix(1);
  if (line.ends_with('s')) line.remove_suffix(1);
  constexpr std::string_view kWord = " warning";
  return line.size() > kWord.size() && line.ends_with(kWord) && numeral(line.substr(line.size() - kWord.size() - 1, 1));
}

/// Signs by which runners mark what failed.
bool has_failure_mark(std::string_view line) {
  if (line.find('\xe2') == std::string_view::npos && line.find('\xc3') == std::string_view::npos) return false;
  for (const std::string_view mark : {"\xe2\x9c\x97", "\xe2\x9c\x96", "\xe2\x9c\x95", "\xc3\x97 ", "\xe2\x97\x8f"})
    if (line.find(mark) != std::string_view::npos) return true;
  return false;
}

}  // namespace

std::span<const std::string> telling_words() {
  // Words, phrases, endings and marks of warnings, one after the other.
  static const std::vector<std::string> kTexts = [] {
    std::vector<std::string> texts;
    for (const Word& word : kWords) texts.emplace_back(word.text);
    for (const Phrase& phrase : kPhrases) texts.emplace_back(phrase.text);
    for (const std::string_view text : kEndings) texts.emplace_back(text);
    for (const std::string_view text : kWarnings) texts.emplace_back(text);
    return texts;
  }();
  return kTexts;
}

bool is_binary(std::string_view line) {
  constexpr std::string_view kNoText = "\xef\xbf\xbd";
  std::size_t bytes = 0;
  for (std::size_t at = line.find(kNoText); at != std::string_view::npos; at = line.find(kNoText, at + kNoText.size()))
    bytes += kNoText.size();
  return bytes * 3 > line.size();
}

LineValue value_of(std::string_view full, bool may_tell, bool is_ascii) {
  const std::string_view raw = full.substr(0, 400);
  const std::size_t first = raw.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {LineKind::blank, 0};
  const std::string_view shown = raw.substr(first);
  // Where no word tells, the line's beginning is all that is looked at.
  std::array<char, 400> buffer;
  const std::size_t looked = may_tell ? shown.size() : std::min<std::size_t>(shown.size(), 32);
  for (std::size_t i = 0; i < looked; ++i) buffer[i] = kLower[static_cast<unsigned char>(shown[i])];
  const std::string_view line(buffer.data(), looked);
  if (std::ranges::none_of(shown, [](char c) { return letter(c) || static_cast<unsigned char>(c) >= 0x80; }))
    return {LineKind::noise, 0.3F};
  if (!is_ascii && is_binary(shown)) return {LineKind::binary, 0.1F};
  if (is_command(line)) return {LineKind::command, 4};
  if (says_passed(line) || ends_passed(shown)) return {LineKind::passed, 0.8F};
  if (is_frame(line, shown)) return {LineKind::frame, 9};

  float best = 0, second = 0;
  bool is_ending = false, warns = false, warning = false;
  std::uint64_t phrases = 0;  // That were looked at: the first place of each counts.
  static_assert(kPhrases.size() <= 64);
  const auto take = [&](float value) {
    if (value > best) std::swap(best, value);
    second = std::max(second, value);
  };
  const auto hit = [&](std::uint32_t number, std::size_t end) {
    if (number < kWords.size()) {
      const std::string_view word = kWords[number].text;
      std::size_t at = end - word.size();
      if (end < line.size() && letter(line[end])) return;
      if (at == 0 || !letter(line[at - 1])) return take(value_at(line, shown, at, end, kWords[number].value, false));
      // "AssertionError", "NullPointerException", "ImportError", but no "error_handler".
      if (word != "error" && word != "exception" && word != "failure") return;
      while (at > 0 && letter(line[at - 1])) --at;
      if (end - at > 6 && is_upper(shown[at])) take(value_at(line, shown, at, end, 40, true));
      return;
    }
    number -= static_cast<std::uint32_t>(kWords.size());
    if (number < kPhrases.size()) {
      if ((phrases >> number & 1U) != 0) return;
      phrases |= std::uint64_t{1} << number;
      if (word_before(line, end - kPhrases[number].text.size()) != "if") take(kPhrases[number].value);
      return;
    }
    number -= static_cast<std::uint32_t>(kPhrases.size());
    if (number < kEndings.size()) {
      if (word_after(line, end) != "0") is_ending = true;
      return;
    }
    number -= static_cast<std::uint32_t>(kEndings.size());
    warning = warning || number < 2;
    warns = warns || number != 1;
  };
  if (may_tell) tellers().find(line, hit);
  const bool only_place = best == 0 && has_place(shown);
  if (only_place || has_place(shown)) best += best > 10 ? 12.0F : 11.0F;
  if (line.starts_with("> ") || line.starts_with("e   ") || line.starts_with("- ") || line.starts_with("+"))
    best = std::max(best, 8.0F);
  if (numeral(line.substr(0, 1)) && line.substr(0, 6).find(") ") < 4) best = std::max(best + 10, 22.0F);
  if (!is_ascii && has_failure_mark(shown)) best = std::max(best + 8, 36.0F);
  if (is_ending) return {LineKind::ending, std::max(30.0F, best * 0.8F)};
  // "a.rb -- 2 warnings:" only counts them: each says more for itself.
  if (best < 12 && warning && counts_warnings(line)) return {LineKind::noise, 2};
  if (best < 12 && warning) return {LineKind::warning, 10};
  if (warns) best *= 0.45F;
  const float total = std::min(100.0F, best + 0.3F * second);
  if (total < 6 && is_noise(line)) return {LineKind::noise, 0.2F};
  if (total >= 34) return {LineKind::error, total};
  if (total >= 6) return {only_place && best < 12 ? LineKind::place : LineKind::trouble, total};
  return {LineKind::plain, 1 + total};
}

}  // namespace skein::summary
