#include "docs/page_set.h"

#include "base/bytes.h"

namespace skein::docs {

std::string page_set(std::string_view stem) { return std::string(stem).append("*"); }

bool is_page_set(std::string_view page) { return page.ends_with('*'); }

std::pair<std::string, std::string> range_of(std::string_view set) {
  static_assert('-' + 1 == '.' && '.' + 1 == '/');
  const std::string stem(set.substr(0, set.size() - 1));
  return {stem + '-', stem + '/'};
}

std::string encode_page_set(const std::vector<SiteFile>& pages) {
  ByteWriter out;
  out.varint(pages.size());
  for (const auto& page : pages) out.text(page.path).digest(page.digest);
  return out.take();
}

Result<std::vector<SiteFile>> decode_page_set(std::string_view set, std::string_view bytes) {
  const auto [first, end] = range_of(set);
  ByteReader in(bytes);
  std::vector<SiteFile> pages(in.count(1 + sizeof(Digest)));
  std::string_view before;
  for (auto& page : pages) {
    page.path = in.text();
    page.digest = in.digest();
    if (!in.ok()) break;
    if (page.path < first || page.path >= end || page.path <= before || page.path.contains('\n'))
      return fail(Code::data_corrupt, "a set of pages holds one that is none of its own");
    before = page.path;
  }
  SKEIN_DO(in.finish("a set of pages"));
  return pages;
}

}  // namespace skein::docs
