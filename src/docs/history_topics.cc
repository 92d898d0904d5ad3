// What the pages of owners and hot spots say.
#include <algorithm>

#include "docs/records.h"
#include "docs/topic.h"

namespace skein::docs {
namespace {

constexpr std::size_t kFolders = 400;
constexpr std::size_t kPeople = 50;

PathRef file_ref(const SiteTree& tree, const std::string& path) {
  auto ref = tree.page_of(path);
  return ref.path.empty() ? PathRef{path, false, false} : ref;
}

TopicCell number(std::uint64_t value) { return {fmt::format("{}", value), {}}; }

std::string window_of(const repo::History& history) {
  return fmt::format("{} {} of git's history{}", history.commits, history.commits == 1 ? "commit" : "commits",
                     history.complete  ? ", which is all of it"
                     : history.shallow ? ", cut short by a shallow clone"
                                       : "");
}

std::string share(std::uint64_t part, std::uint64_t of) {
  return fmt::format("{} %", of == 0 ? 0 : (part * 100 + of / 2) / of);
}

}  // namespace

std::vector<TopicPage> history_topics(const SiteTree& tree, const repo::History& history,
                                      const std::vector<repo::HotSpot>& hot_spots) {
  const bool none = history.commits == 0;
  const std::string nothing = "There is no history to read: the folder is no git checkout, or has no commit.";
  TopicPage spots{"hot-spots", "Hot spots", "", "", "", {}};
  spots.lead = none ? nothing
               : hot_spots.empty()
                   ? "There are none: no file with decisions was changed by two commits or more."
                   : "Files that are changed often and hold many decisions: where work comes back to, and where a "
                     "change is hardest to foresee.";
  spots.measured = fmt::format(
      "commits of the last {}, merges left out; decisions: words and operators such as `if`, `case` and `&&`, in the "
      "{} "
      "files that have most. Tests are left out.",
      window_of(history), Tally::kComplex);
  spots.inferred = "that commits times decisions tells where trouble is.";
  TopicSection rows{"files", "Files", "", {{"File"}, {"Commits", true}, {"Decisions", true}, {"Product", true}}, {}, 0};
  for (const auto& spot : hot_spots)
    rows.rows.push_back(
        {{"", {file_ref(tree, spot.path)}}, number(spot.commits), number(spot.complexity), number(spot.score)});
  if (!rows.rows.empty()) spots.sections.push_back(std::move(rows));

  TopicPage owners{"owners", "Owners", "", "", "", {}};
  owners.lead = none ? nothing : "Who changed what: the people with most commits in each folder.";
  owners.measured = fmt::format(
      "authors of the last {}, merges left out; one e-mail address or one name is one person.", window_of(history));
  owners.inferred = "that who changed it most knows it best.";
  TopicSection folders{"folders",
                       "Folders",
                       "Of each with all below it.",
                       {{"Folder"}, {"Commits", true}, {"People", true}, {"Most commits"}},
                       {},
                       0};
  const auto depth = [](const auto* folder) {
    return folder->path.empty() ? -1 : std::ranges::count(folder->path, '/');
  };
  std::vector<const repo::PathHistory*> order;
  for (const auto& folder : history.folders)
    if (const auto* found = tree.folder(folder.path); found != nullptr) order.push_back(&folder);
  std::ranges::stable_sort(order, {}, depth);
  folders.total = order.size();
  order.resize(std::min(order.size(), kFolders));
  std::ranges::sort(order, {}, &repo::PathHistory::path);
  for (const auto* folder : order) {
    std::string people;
    for (std::size_t i = 0; i < std::min<std::size_t>(folder->shares.size(), 3); ++i)
      if (const auto& part = folder->shares[i]; part.author < history.authors.size())
        people += fmt::format("{}{} ({})", i == 0 ? "" : ", ", history.authors[part.author].name,
                              share(part.commits, folder->commits));
    const auto* found = tree.folder(folder->path);
    folders.rows.push_back({{"", {{folder->path, true, found->documented}}},
                            number(folder->commits),
                            number(folder->authors),
                            {people, {}}});
  }
  if (!folders.rows.empty()) owners.sections.push_back(std::move(folders));
  TopicSection people{
      "people", "People", "", {{"Name"}, {"Commits", true}, {"Lines", true}}, {}, history.authors.size()};
  for (std::size_t i = 0; i < std::min(history.authors.size(), kPeople); ++i)
    people.rows.push_back(
        {{history.authors[i].name, {}}, number(history.authors[i].commits), number(history.authors[i].lines)});
  if (!people.rows.empty()) owners.sections.push_back(std::move(people));
  std::vector<TopicPage> pages;
  pages.push_back(std::move(spots));
  pages.push_back(std::move(owners));
  return pages;
}

}  // namespace skein::docs
