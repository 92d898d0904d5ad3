#include "repo/history.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "repo/author_name.h"

namespace skein::repo {
namespace {

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view{} : path.substr(0, slash);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Numbers people: `person[a]` is that of log.authors[a]; the newest name of an address comes first in the log.
std::vector<std::uint32_t> people_of(const HistoryLog& log, std::vector<HistoryAuthor>& people) {
  std::vector<std::uint32_t> person(log.authors.size(), 0);
  std::unordered_map<std::string, std::uint32_t> by_email;
  std::unordered_map<std::string, std::uint32_t> by_name;
  for (std::size_t i = 0; i < log.authors.size(); ++i) {
    const std::string name = clean_author_name(log.authors[i].name);
    const std::string email = lower(log.authors[i].email);
    const auto same_email = email.empty() ? by_email.end() : by_email.find(email);
    const auto same_name = by_name.find(name);
    if (same_email != by_email.end()) {
      person[i] = same_email->second;
    } else if (same_name != by_name.end()) {
      person[i] = same_name->second;
    } else {
      person[i] = static_cast<std::uint32_t>(people.size());
      people.push_back({.name = name});
    }
    by_email.emplace(email, person[i]);
    by_name.emplace(name, person[i]);
  }
  return person;
}

/// Adds up what happened to one path.
class Sum {
 public:
  /// `commit`: its place in the log, newest first.
  void add(std::uint32_t commit, std::int64_t time, std::uint32_t author, const FileChange& change) {
    auto& share = shares_[author];
    if (commits_ == 0 || commit != last_commit_) {
      ++commits_;
      ++share.commits;
      last_commit_ = commit;
      time_ = std::max(time_, time);
    }
    added_ += change.added;
    removed_ += change.removed;
    share.lines += std::uint64_t{change.added} + change.removed;
  }

  [[nodiscard]] PathHistory finish(std::string path) const {
    PathHistory out{.path = std::move(path),
                    .commits = commits_,
                    .lines_added = added_,
                    .lines_removed = removed_,
                    .last_time = time_,
                    .authors = static_cast<std::uint32_t>(shares_.size())};
    for (const auto& [author, share] : shares_) out.shares.push_back({author, share.commits, share.lines});
    std::ranges::stable_sort(out.shares, [](const AuthorShare& a, const AuthorShare& b) {
      return a.commits != b.commits ? a.commits > b.commits : a.lines > b.lines;
    });
    if (out.shares.size() > PathHistory::kShares) out.shares.resize(PathHistory::kShares);
    return out;
  }

 private:
  struct Part {
    std::uint32_t commits = 0;
    std::uint64_t lines = 0;
  };
  std::map<std::uint32_t, Part> shares_;
  std::uint32_t commits_ = 0, last_commit_ = 0;
  std::uint64_t added_ = 0, removed_ = 0;
  std::int64_t time_ = 0;
};

const PathHistory* find(const std::vector<PathHistory>& sorted, std::string_view path) {
  const auto at = std::ranges::lower_bound(sorted, path, {},
                                           [](const PathHistory& entry) -> std::string_view { return entry.path; });
  return at == sorted.end() || at->path != path ? nullptr : &*at;
}

/// People in the order in which they are shown; gives each its new number.
std::vector<std::uint32_t> sort_people(std::vector<HistoryAuthor>& people) {
  std::vector<std::uint32_t> order(people.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return people[a].commits != people[b].commits ? people[a].commits > people[b].commits
           : people[a].name != people[b].name     ? people[a].name < people[b].name
                                                  : a < b;
  });
  std::vector<HistoryAuthor> sorted;
  std::vector<std::uint32_t> number(people.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    number[order[i]] = i;
    sorted.push_back(std::move(people[order[i]]));
  }
  people = std::move(sorted);
  return number;
}

}  // namespace

const PathHistory* History::file(std::string_view path) const { return find(files, path); }
const PathHistory* History::folder(std::string_view path) const { return find(folders, path); }

History summarize_history(const HistoryLog& log, std::span<const std::string_view> present) {
  History history;
  history.complete = log.complete;
  history.shallow = log.shallow;
  history.notes = log.notes;
  history.commits = static_cast<std::uint32_t>(log.commits.size());
  auto person = people_of(log, history.authors);
  for (const auto& commit : log.commits) {
    history.merges += commit.merge ? 1 : 0;
    if (commit.merge) continue;
    auto& author = history.authors[person[commit.author]];
    ++author.commits;
    for (const auto& file : commit.files) author.lines += std::uint64_t{file.added} + file.removed;
  }
  const auto number = sort_people(history.authors);
  for (auto& p : person) p = number[p];
  if (!log.commits.empty()) {
    history.newest = log.commits.front().time;
    history.oldest = std::ranges::min(log.commits, {}, &CommitChanges::time).time;
  }
  // From the newest commit on, so a rename tells what the older path is called today.
  std::vector<std::uint32_t> today(log.paths.size());
  for (std::uint32_t i = 0; i < today.size(); ++i) today[i] = i;
  std::vector<Sum> files(log.paths.size());
  std::vector<bool> touched(log.paths.size());
  std::map<std::string_view, Sum> folders;
  for (std::uint32_t c = 0; c < log.commits.size(); ++c) {
    const auto& commit = log.commits[c];
    const std::uint32_t author = person.empty() ? 0 : person[commit.author];
    for (const auto& change : commit.files) {
      const std::uint32_t now = today[change.path];
      if (change.from != FileChange::kNone && change.from != now) today[change.from] = now;
      files[now].add(c, commit.time, author, change);
      touched[now] = true;
      for (std::string_view folder = folder_of(log.paths[now]);; folder = folder_of(folder)) {
        folders[folder].add(c, commit.time, author, change);
        if (folder.empty()) break;
      }
    }
  }
  std::unordered_set<std::string_view> live;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!touched[i] || !std::ranges::binary_search(present, std::string_view(log.paths[i]))) continue;
    history.files.push_back(files[i].finish(log.paths[i]));
    for (std::string_view folder = folder_of(log.paths[i]); live.insert(folder).second && !folder.empty();)
      folder = folder_of(folder);
  }
  std::ranges::sort(history.files, {}, &PathHistory::path);
  for (const auto& [path, sum] : folders)
    if (live.contains(path)) history.folders.push_back(sum.finish(std::string(path)));
  return history;
}

std::vector<HotSpot> hot_spots(const History& history, std::span<const FileComplexity> files, std::size_t most) {
  std::vector<HotSpot> spots;
  for (const auto& file : files) {
    const PathHistory* past = history.file(file.path);
    if (past == nullptr || past->commits < 2 || file.complexity == 0) continue;
    spots.push_back({std::string(file.path), past->commits, file.complexity, past->commits * file.complexity});
  }
  std::ranges::sort(spots, [](const HotSpot& a, const HotSpot& b) {
    return a.score != b.score ? a.score > b.score : a.path < b.path;
  });
  if (spots.size() > most) spots.resize(most);
  return spots;
}

}  // namespace skein::repo
