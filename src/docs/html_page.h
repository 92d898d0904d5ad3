// Writes one HTML page: content and side navigation grow side by side and are put into the frame at the end. All text
// from the repository goes through `text`; `raw` takes only what this program wrote.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "docs/model.h"

namespace skein::docs {

class HtmlPage {
 public:
  /// `page`: the page's path in the site; `markdown`: that of its Markdown form. Both outlive this.
  HtmlPage(const SiteContext& site, std::string_view page, std::string_view markdown, std::size_t expected_bytes);

  HtmlPage& raw(std::string_view html) {
    content_ += html;
    return *this;
  }
  HtmlPage& text(std::string_view untrusted);
  /// Text in which a part between backticks is code.
  HtmlPage& prose(std::string_view untrusted);
  /// A path as people read it.
  HtmlPage& path(std::string_view path);
  HtmlPage& number(std::uint64_t value);
  /// "1 file", "2,000 files".
  HtmlPage& count(std::uint64_t value, std::string_view one, std::string_view many);
  HtmlPage& size(std::uint64_t bytes);

  /// A link to the page of `target` with its path as the text, or `label`; the text alone where it has no page.
  HtmlPage& link(const PathRef& target, std::string_view label = {});
  /// " (from README.md)" or " (inferred from names)"; nothing for an empty statement.
  HtmlPage& source(const Statement& statement);
  /// An <h2> with its entry in the side navigation. `title` is ours.
  HtmlPage& section(std::string_view id, std::string_view title);
  /// A doc text as blocks in a <div class="doc">.
  HtmlPage& doc(std::string_view doc);
  /// The README, under headings from <h3>.
  HtmlPage& readme(const Readme& readme);
  HtmlPage& notes(const std::vector<std::string>& notes);
  /// At the end of a page: what on it was counted or read, and what was concluded ("": nothing). Ours.
  HtmlPage& basis(std::string_view measured, std::string_view inferred);
  /// Rows of folders and of files, names only from `folder` down.
  HtmlPage& module_rows(const std::vector<ModuleEntry>& modules);
  HtmlPage& file_rows(const std::vector<FileEntry>& files);

  /// False: no page but this one is there yet, and paths are shown as text.
  HtmlPage& linking(bool on) {
    linking_ = on;
    return *this;
  }
  /// Side navigation: `<li><a>` entries below the last section's.
  [[nodiscard]] std::string& side() { return side_; }
  [[nodiscard]] std::string& content() { return content_; }

  /// The whole page; once. `title` is escaped here; `here`: what the page is about, for the breadcrumb.
  /// Without `here` the breadcrumb is `crumb`.
  [[nodiscard]] std::string finish(std::string_view title, const PathRef* here, std::string_view crumb = "Overview");

 private:
  void append_crumbs(std::string& out, const PathRef* here, std::string_view crumb) const;
  void append_link(std::string& out, const PathRef& target, std::string_view label) const;

  const SiteContext& site_;
  std::string_view page_;
  std::string_view markdown_;
  std::string content_;
  std::string side_;
  bool linking_ = true;
};

/// Rows of one list shown before "and N more".
inline constexpr std::size_t kMaxRows = 2'000;

}  // namespace skein::docs
