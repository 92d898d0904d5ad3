#include "prose/markdown_spans.h"

#include <md4c.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "prose/anchors.h"

namespace skein::prose {
namespace {

constexpr std::string_view kIgnore = "<!-- skein-lint-ignore -->";
constexpr std::string_view kOff = "<!-- skein-lint-off -->";
constexpr std::string_view kOn = "<!-- skein-lint-on -->";

/// A session has its commands behind "$ ".
enum class Shell : std::uint8_t { none, session, script };

/// md4c hands out pointers into the source wherever it need not change the text; their places are ours to use.
class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source) {}

  std::vector<Span> read() {
    MD_PARSER parser{};
    parser.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
      if (type == MD_BLOCK_CODE)
        static_cast<Reader*>(self)->shell_ = shell_of(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
      return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
      if (type == MD_BLOCK_CODE) static_cast<Reader*>(self)->shell_ = Shell::none;
      return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* self) {
      static_cast<Reader*>(self)->enter(type, detail);
      return 0;
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* self) {
      static_cast<Reader*>(self)->leave(type);
      return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
      auto& reader = *static_cast<Reader*>(self);
      if (type == MD_TEXT_HTML) {
        reader.add_html({text, size});
      } else if (reader.shell_ != Shell::none) {
        reader.add_commands({text, size});
      } else {
        reader.add({text, size});
      }
      return 0;
    };
    md_parse(source_.data(), static_cast<MD_SIZE>(source_.size()), &parser, this);
    std::stable_sort(spans_.begin(), spans_.end(), [](const Span& a, const Span& b) { return a.offset < b.offset; });
    // A reference definition is met at each of its uses.
    spans_.erase(std::unique(spans_.begin(), spans_.end(),
                             [](const Span& a, const Span& b) { return a.offset == b.offset && a.kind == b.kind; }),
                 spans_.end());
    return std::move(spans_);
  }

 private:
  /// A piece of the source that is being read: known while its chunks follow each other there.
  struct Piece {
    std::optional<std::size_t> begin;
    std::size_t end = 0;
    bool whole = true;
    std::string text;

    void add(const Reader& reader, std::string_view chunk) {
      text += chunk;
      const auto at = reader.offset_of(chunk);
      if (!at || (begin && *at != end)) whole = false;
      if (!begin) begin = at;
      if (at) end = *at + chunk.size();
    }
    [[nodiscard]] bool verbatim() const { return whole && begin && end > *begin; }
  };
  struct Link {
    std::size_t at;  ///< In spans_; npos where the target has no place in the source.
    Piece label;
    int codes = 0;
    bool only_code = true;
  };

  [[nodiscard]] std::optional<std::size_t> offset_of(std::string_view chunk) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(source_.data());
    const auto at = reinterpret_cast<std::uintptr_t>(chunk.data());
    if (at < begin || at + chunk.size() > begin + source_.size()) return {};
    return at - begin;
  }

  void enter(MD_SPANTYPE type, void* detail) {
    if (type == MD_SPAN_CODE) {
      code_ = Piece{};
      for (auto& link : links_) ++link.codes;
    }
    if (type != MD_SPAN_A && type != MD_SPAN_IMG) return;
    const MD_ATTRIBUTE& href = type == MD_SPAN_A ? static_cast<MD_SPAN_A_DETAIL*>(detail)->href
                                                 : static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src;
    const std::string_view target(href.text != nullptr ? href.text : "", href.size);
    Link link{std::string::npos, {}};
    if (const auto at = offset_of(target); at && !target.empty()) {
      link.at = spans_.size();
      spans_.push_back({.kind = SpanKind::link, .offset = *at, .size = target.size(), .text = std::string(target)});
    }
    links_.push_back(std::move(link));
  }

  void leave(MD_SPANTYPE type) {
    if (type == MD_SPAN_CODE && code_) {
      if (code_->verbatim())
        spans_.push_back(
            {.kind = SpanKind::code, .offset = *code_->begin, .size = code_->end - *code_->begin, .text = code_->text});
      code_.reset();
    }
    if ((type == MD_SPAN_A || type == MD_SPAN_IMG) && !links_.empty()) {
      const Link& link = links_.back();
      if (link.at != std::string::npos) {
        Span& span = spans_[link.at];
        span.label = link.label.text;
        span.code_label = link.codes == 1 && link.only_code;
        span.label_verbatim = link.label.verbatim();
        if (span.label_verbatim) span.label_offset = *link.label.begin;
      }
      links_.pop_back();
    }
  }

  static Shell shell_of(const MD_ATTRIBUTE& language) {
    const std::string_view name(language.text != nullptr ? language.text : "", language.size);
    if (name == "console" || name == "shell-session") return Shell::session;
    return name == "sh" || name == "bash" || name == "shell" || name == "zsh" ? Shell::script : Shell::none;
  }

  /// Where links of raw HTML lead. What stands in a comment is none.
  void add_html(std::string_view chunk) {
    if (chunk.contains("<!--")) in_comment_ = true;
    if (!in_comment_) {
      each_attribute(chunk, [&](std::string_view name, std::string_view value) {
        const auto at = offset_of(value);
        if ((name == "href" || name == "src") && at && !value.empty() && !value.contains('&'))
          spans_.push_back({.kind = SpanKind::link, .offset = *at, .size = value.size(), .text = std::string(value)});
      });
    }
    if (chunk.contains("-->")) in_comment_ = false;
  }

  /// The words of a line, or of some, of a shell.
  void add_commands(std::string_view text) {
    constexpr std::string_view kBetween = " \t\r;|&()<>'\"";
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (shell_ == Shell::session ? !line.starts_with("$ ") : line.starts_with('#')) continue;
      while (!line.empty()) {
        line.remove_prefix(std::min(line.find_first_not_of(kBetween), line.size()));
        const auto word = line.substr(0, line.find_first_of(kBetween));
        line.remove_prefix(word.size());
        if (const auto at = offset_of(word); at && !word.empty())
          spans_.push_back({.kind = SpanKind::command, .offset = *at, .size = word.size(), .text = std::string(word)});
      }
    }
  }

  void add(std::string_view chunk) {
    if (code_) code_->add(*this, chunk);
    for (auto& link : links_) {
      link.label.add(*this, chunk);
      if (!code_) link.only_code = false;
    }
  }

  std::string_view source_;
  std::vector<Span> spans_;
  std::vector<Link> links_;
  std::optional<Piece> code_;
  Shell shell_ = Shell::none;  // Of the code block that is being read.
  bool in_comment_ = false;
};

/// The parts of the text that are switched off, as sorted ranges.
std::vector<std::pair<std::size_t, std::size_t>> silenced(std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  if (text.find("<!-- skein-lint-") == std::string_view::npos) return ranges;
  std::optional<std::size_t> off;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const auto line = text.substr(begin, end - begin);
    if (line.find(kOff) != std::string_view::npos && !off) off = begin;
    if (off && line.find(kOn) != std::string_view::npos) {
      ranges.emplace_back(*off, end);
      off.reset();
    } else if (!off && line.find(kIgnore) != std::string_view::npos) {
      ranges.emplace_back(begin, end);
    }
    begin = end;
  }
  if (off) ranges.emplace_back(*off, text.size());
  return ranges;
}

}  // namespace

std::vector<Span> read_spans(std::string_view markdown) {
  auto spans = Reader(markdown).read();
  if (const auto ranges = silenced(markdown); !ranges.empty())
    std::erase_if(spans, [&](const Span& span) {
      return std::ranges::any_of(ranges,
                                 [&](const auto& r) { return span.offset >= r.first && span.offset < r.second; });
    });
  return spans;
}

Place place_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto newline = before.rfind('\n');
  return {static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
          before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1};
}

}  // namespace skein::prose
