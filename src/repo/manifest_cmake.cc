#include <algorithm>
#include <string>
#include <vector>

#include "repo/manifest_parsers.h"

namespace skein::repo {
namespace {

struct Call {
  std::string name;  // Lower case.
  std::vector<std::string> words;
};

// Takes the calls "name(word \"text\" [[text]])" out of a CMake file; comments are skipped, nested parentheses count as
// words of their own.
class Calls {
 public:
  explicit Calls(std::string_view text) : text_(text) {}

  bool next(Call& call) {
    call = {};
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        skip_comment();
      } else if (c == '(' && !call.name.empty()) {
        ++at_;
        take_words(call);
        return true;
      } else if (is_name(c)) {
        call.name.clear();
        for (; at_ < text_.size() && is_name(text_[at_]); ++at_)
          call.name += static_cast<char>(text_[at_] >= 'A' && text_[at_] <= 'Z' ? text_[at_] - 'A' + 'a' : text_[at_]);
      } else {
        if (c != ' ' && c != '\t') call.name.clear();
        ++at_;
      }
    }
    return false;
  }

 private:
  static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  void skip_comment() {
    ++at_;
    std::string ignored;
    if (!take_bracket(ignored)) at_ = std::min(text_.find('\n', at_), text_.size());
  }

  // "[==[text]==]"; false, with nothing taken, where there is none.
  bool take_bracket(std::string& out) {
    if (at_ >= text_.size() || text_[at_] != '[') return false;
    std::size_t open = at_ + 1;
    while (open < text_.size() && text_[open] == '=') ++open;
    if (open >= text_.size() || text_[open] != '[') return false;
    const std::string close = "]" + std::string(open - at_ - 1, '=') + "]";
    const std::size_t end = std::min(text_.find(close, open + 1), text_.size());
    out = text_.substr(open + 1, end - open - 1);
    at_ = std::min(end + close.size(), text_.size());
    return true;
  }

  void take_words(Call& call) {
    int depth = 1;
    std::string bracket;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        skip_comment();
      } else if (c == '(' || c == ')') {
        ++at_;
        depth += c == '(' ? 1 : -1;
        if (depth == 0) return;
      } else if (c == '"') {
        call.words.push_back(take_quoted());
      } else if (take_bracket(bracket)) {
        call.words.push_back(bracket);
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';') {
        ++at_;
      } else {
        const std::size_t end = std::min(text_.find_first_of(" \t\r\n;()\"#", at_ + 1), text_.size());
        call.words.emplace_back(text_.substr(at_, end - at_));
        at_ = end;
      }
    }
  }

  std::string take_quoted() {
    std::string word;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      word += text_[at_];
    }
    if (at_ < text_.size()) ++at_;
    return word;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string word_after(const Call& call, std::string_view key) {
  const auto at = std::find(call.words.begin(), call.words.end(), key);
  return at == call.words.end() || at + 1 == call.words.end() ? std::string{} : *(at + 1);
}

bool is_plain(std::string_view word) { return !word.empty() && word.find('$') == word.npos; }

bool is_number(std::string_view word) { return !word.empty() && word.front() >= '0' && word.front() <= '9'; }

}  // namespace

void parse_cmake(std::string_view bytes, Manifest& manifest) {
  Calls calls(bytes);
  for (Call call; calls.next(call);) {
    if (call.name == "enable_testing" || (call.name == "include" && !call.words.empty() && call.words[0] == "CTest")) {
      if (!manifest.has_script("test")) manifest.scripts.push_back({"test", "ctest"});
      continue;
    }
    if (call.words.empty() || !is_plain(call.words[0])) continue;
    const std::string& first = call.words[0];
    if (call.name == "project" && manifest.name.empty()) {
      manifest.name = first;
      manifest.version = word_after(call, "VERSION");
      manifest.description = word_after(call, "DESCRIPTION");
      if (!is_plain(manifest.version)) manifest.version.clear();
      if (!is_plain(manifest.description)) manifest.description.clear();
    } else if (call.name == "add_executable") {
      manifest.scripts.push_back({first, "executable"});
      // The first source leads to the program's file.
      const auto source = std::ranges::find_if(call.words, [](const auto& word) {
        return is_plain(word) && word.find('.') != word.npos && word.find_first_of("<>$") == word.npos;
      });
      manifest.entry_points.push_back(source == call.words.end() ? first : first + ": " + *source);
    } else if (call.name == "add_library") {
      manifest.scripts.push_back({first, "library"});
    } else if (call.name == "add_custom_target") {
      manifest.scripts.push_back({first, ""});
    } else if (call.name == "find_package") {
      const bool versioned = call.words.size() > 1 && is_number(call.words[1]);
      const bool required = std::find(call.words.begin(), call.words.end(), "REQUIRED") != call.words.end();
      manifest.dependencies.push_back({first, versioned ? call.words[1] : std::string{},
                                       required ? DependencyScope::build : DependencyScope::optional});
    }
  }
}

}  // namespace skein::repo
