#include "app/change_view.h"

#include <algorithm>

#include "agents/patch.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {

using agents::EntryKind;

Result<ChangeView> view_of(const agents::ChangeSet& set) {
  ChangeView view;
  for (const agents::Change& change : set.changes) {
    SKEIN_TRY(const agents::Patch patch, agents::patch_of(change));
    const char* what = change.before.kind == EntryKind::none  ? "added"
                       : change.after.kind == EntryKind::none ? "removed"
                                                              : "changed";
    view.files.push_back({change.path, what, patch.added, patch.removed});
    view.patch += patch.text;
    if (!view.patch.ends_with('\n')) view.patch += '\n';
  }
  return view;
}

std::string file_table(const std::vector<ChangedFile>& files) {
  std::string text;
  std::int64_t added = 0, removed = 0;
  for (const ChangedFile& file : files) {
    const std::string lines =
        file.added == 0 && file.removed == 0 ? "" : fmt::format("  +{} -{}", file.added, file.removed);
    text += fmt::format("  {:<8} {}{}\n", file.change, text::printable(file.path), lines);
    added += file.added;
    removed += file.removed;
  }
  return text + fmt::format("{} {}, {} {} added, {} removed\n",
                            text::format_count(static_cast<std::int64_t>(files.size())),
                            files.size() == 1 ? "file" : "files", text::format_count(added),
                            added == 1 ? "line" : "lines", text::format_count(removed));
}

std::string shown_patch(std::string_view patch, const engine::Style& style, std::size_t most_lines,
                        std::string_view rest) {
  std::string text;
  std::size_t lines = 0;
  while (!patch.empty()) {
    if (most_lines > 0 && lines == most_lines) {
      const auto left = std::ranges::count(patch, '\n');
      return text + fmt::format("… {} more {}: {}\n", text::format_count(left), left == 1 ? "line" : "lines", rest);
    }
    const auto end = patch.find('\n');
    const std::string_view line = patch.substr(0, end);
    patch.remove_prefix(end == std::string_view::npos ? patch.size() : end + 1);
    const char* color = !style.color || line.empty()                          ? ""
                        : line.starts_with("diff ") || line.starts_with("@@") ? "\x1b[36m"
                        : line.front() == '+'                                 ? "\x1b[32m"
                        : line.front() == '-'                                 ? "\x1b[31m"
                                                                              : "";
    text += color + text::printable(line) + (*color == '\0' ? "\n" : "\x1b[0m\n");
    ++lines;
  }
  return text;
}

}  // namespace skein::app
