#include "prose/anchors.h"

#include <md4c.h>

#include <map>

namespace skein::prose {
namespace {

class AnchorReader {
 public:
  std::set<std::string, std::less<>> read(std::string_view markdown) {
    MD_PARSER parser{};
    parser.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS;
    parser.enter_block = [](MD_BLOCKTYPE type, void*, void* self) {
      static_cast<AnchorReader*>(self)->in_heading_ = type == MD_BLOCK_H;
      return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
      if (type == MD_BLOCK_H) static_cast<AnchorReader*>(self)->end_heading();
      return 0;
    };
    parser.enter_span = [](MD_SPANTYPE, void*, void*) { return 0; };
    parser.leave_span = [](MD_SPANTYPE, void*, void*) { return 0; };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
      static_cast<AnchorReader*>(self)->add(type, {text, size});
      return 0;
    };
    md_parse(markdown.data(), static_cast<MD_SIZE>(markdown.size()), &parser, this);
    return std::move(anchors_);
  }

 private:
  void add(MD_TEXTTYPE type, std::string_view text) {
    if (type == MD_TEXT_HTML) {
      each_attribute(text, [&](std::string_view name, std::string_view value) {
        if (name == "id" || name == "name") anchors_.emplace(value);
      });
    } else if (in_heading_) {
      words_ += type == MD_TEXT_SOFTBR || type == MD_TEXT_BR ? " " : text;
    }
  }

  void end_heading() {
    const std::string anchor = heading_anchor(words_);
    const int before = times_[anchor]++;
    anchors_.insert(before == 0 ? anchor : anchor + "-" + std::to_string(before));
    words_.clear();
    in_heading_ = false;
  }

  std::set<std::string, std::less<>> anchors_;
  std::map<std::string, int> times_;
  std::string words_;
  bool in_heading_ = false;
};

}  // namespace

std::string heading_anchor(std::string_view words) {
  std::string out;
  for (const char c : words) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (c == ' ') out += '-';
    if (kept) out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::set<std::string, std::less<>> anchors_of(std::string_view markdown) { return AnchorReader().read(markdown); }

}  // namespace skein::prose
