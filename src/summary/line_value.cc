#include "summary/line_value.h"

#include <algorithm>
#include <array>
#include <cctype>
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
    {"abort", 35},        {"aborted", 40},    {"aborting", 35},    {"assertion", 32},    {"cannot", 32},
    {"conflict", 22},     {"crashed", 45},    {"denied", 35},      {"err", 38},          {"error", 42},
    {"errored", 38},      {"errors", 36},     {"exception", 40},   {"exceptions", 25},   {"expected", 24},
    {"fail", 38},         {"failed", 42},     {"failing", 36},     {"fails", 28},        {"failure", 42},
    {"failures", 38},     {"fatal", 55},      {"forbidden", 25},   {"incompatible", 28}, {"invalid", 26},
    {"killed", 38},       {"mismatch", 25},   {"missing", 24},     {"offense", 20},      {"offenses", 24},
    {"overfull", 30},     {"panic", 55},      {"panicked", 55},    {"problem", 18},      {"problems", 22},
    {"refused", 30},      {"rejected", 26},   {"segfault", 55},    {"segmentation", 55}, {"stalled", 24},
    {"terminated", 30},   {"timeout", 28},    {"traceback", 50},   {"unable", 32},       {"uncaught", 45},
    {"undefined", 32},    {"unexpected", 30}, {"unhandled", 42},   {"unknown", 16},      {"unmet", 24},
    {"unrecognized", 26}, {"unresolved", 34}, {"unsatisfied", 30}, {"unsupported", 22},  {"violation", 26},
    {"violations", 26},
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

/// Whether any of the words and phrases occurs at all: most lines have none, and need no closer look.
bool may_tell(std::string_view lower) {
  static const LiteralFinder kFinder = [] {
    std::vector<std::string> texts;
    for (const Word& word : kWords) texts.emplace_back(word.text);
    for (const Phrase& phrase : kPhrases) texts.emplace_back(phrase.text);
    for (const std::string_view text : kEndings) texts.emplace_back(text);
    LiteralFinder finder;
    finder.build(texts);
    return finder;
  }();
  return kFinder.any(lower);
}

bool letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

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

float weight_of(std::string_view word) {
  const auto found = std::ranges::lower_bound(kWords, word, {}, &Word::text);
  return found != kWords.end() && found->text == word ? found->value : 0;
}

bool starts_any(std::string_view line, auto const& list) {
  return std::ranges::any_of(list, [&](std::string_view text) { return line.starts_with(text); });
}

}  // namespace

LineValue value_of(std::string_view full) {
  const std::string_view raw = full.substr(0, 400);
  std::string lower(raw);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::string_view whole(lower);
  const std::size_t first = whole.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {LineKind::blank, 0};
  const std::string_view line = whole.substr(first);
  const std::string_view shown = raw.substr(first);
  if (std::ranges::none_of(line, [](char c) { return letter(c) || static_cast<unsigned char>(c) >= 0x80; }))
    return {LineKind::noise, 0.3F};
  if (shown.starts_with("$ ") || shown.starts_with("+ ") || line.starts_with("##[command]") ||
      line.starts_with("##[group]") || line.starts_with("[command]"))
    return {LineKind::command, 4};
  // What passed may be named after errors as it likes.
  if (line.starts_with("ok ") || line.starts_with("ok:") || line.starts_with("pass") || line.starts_with("[ok]") ||
      line.starts_with("[       ok ]") || line.starts_with("\xe2\x9c\x93") || line.starts_with("\xe2\x9c\x94") ||
      line.starts_with("\xe2\x88\x9a") || line.starts_with("[+]") || line.ends_with(" passed") ||
      line.ends_with("... ok") || line.ends_with(" ok"))
    return {LineKind::plain, 0.8F};
  if ((line.starts_with("at ") && line.find('(') != std::string_view::npos) || line.starts_with("from /") ||
      (line.starts_with("file \"") && line.find("line ") != std::string_view::npos) ||
      (line.starts_with("#") && line.size() > 2 && std::isdigit(static_cast<unsigned char>(line[1])) != 0))
    return {LineKind::frame, 9};

  float best = 0, second = 0;
  bool is_ending = false;
  const bool tells = may_tell(line);
  for (const std::string_view text : kEndings) {
    if (!tells) break;
    const std::size_t at = line.find(text);
    if (at == std::string_view::npos) continue;
    const std::string_view after = word_after(line, at + text.size());
    if (after != "0") is_ending = true;
  }
  const auto take = [&](float value) {
    if (value > best) std::swap(best, value);
    second = std::max(second, value);
  };
  for (std::size_t at = 0; tells && at < line.size();) {
    if (!letter(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && letter(line[end])) ++end;
    std::string_view word = line.substr(at, end - at);
    float value = weight_of(word);
    // "AssertionError", "NullPointerException", "ImportError", but no "error_handler".
    const bool camel = value == 0 && word.size() > 6 && std::isupper(static_cast<unsigned char>(shown[at])) != 0 &&
                       (word.ends_with("error") || word.ends_with("exception") || word.ends_with("failure"));
    if (camel) value = 40;
    if (value > 0) {
      const char before = at > 0 ? line[at - 1] : ' ';
      const char after = end < line.size() ? line[end] : ' ';
      const char after2 = end + 1 < line.size() ? line[end + 1] : ' ';
      const bool in_name = before == '/' || before == '\\' || after == '/' || (before == '-' && !camel) ||
                           (after == '-' && letter(after2)) || ((before == '.' || before == '$') && !camel) ||
                           (after == '.' && letter(after2)) || (before == '@') || (after == '(' && after2 == ')');
      const std::string_view previous = word_before(line, at);
      const std::string_view next = word_after(line, end);
      if (in_name)
        value *= 0.15F;
      else if (previous == "no" || previous == "0" || previous == "without" || previous == "zero" || next == "0" ||
               (previous == "not" && word != "ok"))
        value = 0;
      else if (previous == "if" || previous == "on" || previous == "for" || previous == "allowed" ||
               previous == "ignore")
        value *= 0.4F;
      else {
        if (after == ':' || after == '!' || after == ']') value *= 1.3F;
        if (at < 3) value *= 1.25F;
        if (at > 120) value *= 0.7F;
        if (numeral(previous)) value *= 1.15F;
        if (std::isupper(static_cast<unsigned char>(shown[at])) != 0 && word.size() > 1 &&
            std::isupper(static_cast<unsigned char>(shown[at + 1])) != 0)
          value *= 1.15F;
      }
      take(value);
    }
    at = end;
  }
  for (const Phrase& phrase : kPhrases) {
    if (!tells) break;
    const std::size_t at = line.find(phrase.text);
    if (at == std::string_view::npos) continue;
    if (const auto previous = word_before(line, at); previous == "if") continue;
    take(phrase.value);
  }
  // "path/to/file.c:12:3:", "File.cs(12,3):", "  12:5  error"
  if (const std::size_t colon = line.find(':'); colon != std::string_view::npos && colon + 1 < line.size() &&
                                                std::isdigit(static_cast<unsigned char>(line[colon + 1])) != 0 &&
                                                colon > 0 && letter(line[colon - 1]))
    best += best > 10 ? 12.0F : 7.0F;
  if (line.starts_with("> ") || line.starts_with("e   ") || line.starts_with("- ") || line.starts_with("+"))
    best = std::max(best, 8.0F);
  if (std::isdigit(static_cast<unsigned char>(line[0])) != 0 && line.find(") ") < 4) best = std::max(best + 10, 22.0F);
  if (shown.find("\xe2\x9c\x97") != std::string_view::npos || shown.find("\xe2\x9c\x96") != std::string_view::npos ||
      shown.find("\xe2\x9c\x95") != std::string_view::npos || shown.find("\xc3\x97 ") != std::string_view::npos ||
      shown.find("\xe2\x97\x8f") != std::string_view::npos)
    best = std::max(best + 8, 36.0F);
  if (is_ending) return {LineKind::ending, std::max(30.0F, best * 0.8F)};
  if (best < 12 && (line.find("warning") != std::string_view::npos || line.find("deprecat") != std::string_view::npos))
    return {LineKind::warning, 10};
  if (line.find("warning") != std::string_view::npos || line.find("warn ") != std::string_view::npos) best *= 0.45F;
  const float total = std::min(100.0F, best + 0.3F * second);
  if (total < 6 && starts_any(line, kNoise)) return {LineKind::noise, 0.2F};
  if (total >= 34) return {LineKind::error, total};
  if (total >= 6) return {LineKind::trouble, total};
  return {LineKind::plain, 1 + total};
}

}  // namespace skein::summary
