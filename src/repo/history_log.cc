#include "repo/history_log.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/file_system.h"
#include "repo/commit_compare.h"
#include "repo/git_objects.h"

namespace skein::repo {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kMaxName = 1'000;
constexpr std::int64_t kMonthSeconds = 2'629'800;  // 1/12 of 365.25 days.

/// Gives each text a number.
class Names {
 public:
  explicit Names(std::vector<std::string>& texts) : texts_(texts) {}
  std::uint32_t of(const std::string& text) {
    const auto [at, added] = numbers_.emplace(text, static_cast<std::uint32_t>(texts_.size()));
    if (added) texts_.push_back(text);
    return at->second;
  }

 private:
  std::vector<std::string>& texts_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

std::string hex_of(const git_oid& id) {
  std::string out;
  for (const unsigned char byte : id.id) out += fmt::format("{:02x}", byte);
  return out;
}

class LogReader {
 public:
  LogReader(const GitObjects& objects, const GitInfo& info, const HistoryWindow& window, const HistoryLog* remembered,
            const HistoryLimits& limits)
      : git_(objects.library()),
        repository_(objects.repository()),
        info_(info),
        window_(window),
        limits_(limits),
        paths_(log_.paths) {
    if (remembered == nullptr) return;
    remembered_ = remembered;
    for (const auto& commit : remembered->commits) known_.emplace(commit.id, &commit);
  }
  ~LogReader() {
    if (mailmap_ != nullptr) git_.mailmap_free(mailmap_);
  }
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  HistoryLog read() {
    git_oid newest{};
    if (git_.oid_fromstr(&newest, info_.commit.c_str()) != 0) {
      note("The newest commit cannot be read: history, owners and hot spots are not known.");
      return std::move(log_);
    }
    CommitCompare compare(git_, repository_, info_.prefix, limits_);
    compare_ = &compare;
    if (!push(newest)) note("The newest commit cannot be read: history, owners and hot spots are not known.");
    walk();
    say_what_is_missing();
    return std::move(log_);
  }

 private:
  struct Waiting {
    std::int64_t time;
    std::string id;
    git_oid oid;
    /// The newest first; the id decides between equals so that the order is the same everywhere.
    bool operator<(const Waiting& other) const { return time != other.time ? time < other.time : id > other.id; }
  };
  using Commit = std::unique_ptr<git_commit, void (*)(git_commit*)>;

  void note(std::string text) { log_.notes.push_back(std::move(text)); }

  Commit look_up(const git_oid& id) const {
    git_commit* raw = nullptr;
    if (git_.commit_lookup(&raw, repository_, &id) != 0) raw = nullptr;
    return {raw, git_.commit_free};
  }

  /// False where the commit is not here.
  bool push(const git_oid& oid) {
    std::string id = hex_of(oid);
    if (const auto seen = seen_.find(id); seen != seen_.end()) return seen->second;
    const Commit commit = look_up(oid);
    seen_.emplace(id, commit != nullptr);
    if (commit == nullptr) return false;
    const git_signature* committer = git_.commit_committer(commit.get());
    queue_.push({committer == nullptr ? 0 : committer->when.time, std::move(id), oid});
    return true;
  }

  void walk() {
    const bool by_months = window_.by == HistoryWindow::By::months;
    const std::size_t most = by_months ? HistoryWindow::kMaxCommits : window_.commits;
    std::int64_t oldest = std::numeric_limits<std::int64_t>::min();
    if (by_months && !queue_.empty())
      oldest = queue_.top().time - static_cast<std::int64_t>(window_.months) * kMonthSeconds;
    bool all = true;
    while (!queue_.empty()) {
      const Waiting next = queue_.top();
      queue_.pop();
      if (next.time < oldest || log_.commits.size() >= most) {
        all = false;
        if (log_.commits.size() >= most) break;
        continue;
      }
      take(next);
    }
    log_.complete = all && !log_.shallow && !log_.commits.empty();
    if (by_months && log_.commits.size() >= most)
      note(fmt::format("More than {} commits lie in the months asked for: the newest {} count.", most, most));
  }

  void take(const Waiting& next) {
    const Commit commit = look_up(next.oid);
    if (commit == nullptr) return;
    if (log_.commits.empty()) read_mailmap(*git_.commit_tree_id(commit.get()));
    CommitChanges changes;
    changes.id = next.id;
    changes.time = next.time;
    changes.author = author_of(git_.commit_author(commit.get()));
    const unsigned parents = git_.commit_parentcount(commit.get());
    changes.merge = parents > 1;
    const git_oid* first = nullptr;
    for (unsigned i = 0; i < parents; ++i) {
      const git_oid* parent = git_.commit_parent_id(commit.get(), i);
      if (i == 0) first = parent;
      if (push(*parent)) continue;
      changes.boundary = log_.shallow = true;
    }
    if (!changes.merge && !changes.boundary && !take_over(changes)) compare(first, *commit, changes);
    log_.commits.push_back(std::move(changes));
  }

  bool take_over(CommitChanges& changes) {
    const auto known = known_.find(changes.id);
    if (known == known_.end() || known->second->merge || known->second->boundary) return false;
    const CommitChanges& old = *known->second;
    changes.bulk = old.bulk;
    changes.lines_known = old.lines_known;
    for (FileChange file : old.files) {
      file.path = paths_.of(remembered_->paths[file.path]);
      if (file.from != FileChange::kNone) file.from = paths_.of(remembered_->paths[file.from]);
      changes.files.push_back(file);
    }
    ++log_.taken_over;
    return true;
  }

  void compare(const git_oid* parent, const git_commit& commit, CommitChanges& changes) {
    git_oid before{};
    if (parent != nullptr) {
      const Commit from = look_up(*parent);
      if (from == nullptr) return;
      before = *git_.commit_tree_id(from.get());
    }
    const Comparison found = compare_->compare(parent == nullptr ? nullptr : &before, git_.commit_tree_id(&commit));
    if (!found.readable) {
      ++unreadable_;
      changes.lines_known = false;
      return;
    }
    changes.bulk = found.bulk;
    changes.lines_known = found.lines_known;
    for (const auto& file : found.files) {
      changes.files.push_back({.path = paths_.of(file.path),
                               .from = file.from.empty() ? FileChange::kNone : paths_.of(file.from),
                               .added = file.lines_added,
                               .removed = file.lines_removed,
                               .deleted = file.deleted});
    }
  }

  void read_mailmap(const git_oid& tree) {
    git_tree* raw = nullptr;
    if (git_.tree_lookup(&raw, repository_, &tree) != 0) return;
    const std::unique_ptr<git_tree, void (*)(git_tree*)> holder(raw, git_.tree_free);
    const git_tree_entry* entry = git_.tree_entry_byname(raw, ".mailmap");
    git_blob* blob = nullptr;
    if (entry == nullptr || git_.blob_lookup(&blob, repository_, git_.tree_entry_id(entry)) != 0) return;
    const std::unique_ptr<git_blob, void (*)(git_blob*)> bytes(blob, git_.blob_free);
    const auto size = static_cast<std::uint64_t>(git_.blob_rawsize(blob));
    if (size > limits_.file_bytes) return;
    if (git_.mailmap_from_buffer(&mailmap_, static_cast<const char*>(git_.blob_rawcontent(blob)), size) != 0)
      mailmap_ = nullptr;
  }

  std::uint32_t author_of(const git_signature* signature) {
    const char* name = signature == nullptr || signature->name == nullptr ? "" : signature->name;
    const char* email = signature == nullptr || signature->email == nullptr ? "" : signature->email;
    if (mailmap_ != nullptr) {
      const char* real_name = nullptr;
      const char* real_email = nullptr;
      if (git_.mailmap_resolve(&real_name, &real_email, mailmap_, name, email) == 0) {
        name = real_name;
        email = real_email;
      }
    }
    RawAuthor author{std::string(std::string_view(name).substr(0, kMaxName)),
                     std::string(std::string_view(email).substr(0, kMaxName))};
    const auto [at, added] =
        authors_.emplace(std::pair(author.name, author.email), static_cast<std::uint32_t>(log_.authors.size()));
    if (added) log_.authors.push_back(std::move(author));
    return at->second;
  }

  void say_what_is_missing() {
    std::size_t bulk = 0;
    std::size_t without_lines = 0;
    for (const auto& commit : log_.commits) {
      bulk += commit.bulk ? 1 : 0;
      without_lines += !commit.bulk && !commit.lines_known ? 1 : 0;
    }
    if (log_.shallow)
      note("This is a shallow clone: what came before, and what its oldest commits changed, is not known.");
    if (bulk > 0)
      note(fmt::format("{} {} more than {} files: counted for these files, without lines.", bulk,
                       bulk == 1 ? "commit changed" : "commits changed", limits_.bulk_files));
    if (without_lines > 0)
      note(
          fmt::format("In {} {} some lines are not counted: files over {} KiB, objects that are missing, or more than "
                      "{} MiB to compare in all.",
                      without_lines, without_lines == 1 ? "commit" : "commits", limits_.file_bytes >> 10,
                      limits_.compared_bytes >> 20));
    if (unreadable_ > 0)
      note(fmt::format("The changes of {} {} cannot be read: objects are missing or damaged.", unreadable_,
                       unreadable_ == 1 ? "commit" : "commits"));
  }

  const GitLibrary& git_;
  git_repository* repository_;
  const GitInfo& info_;
  const HistoryWindow& window_;
  const HistoryLimits& limits_;
  HistoryLog log_;
  Names paths_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> authors_;
  const HistoryLog* remembered_ = nullptr;
  std::unordered_map<std::string_view, const CommitChanges*> known_;
  std::unordered_map<std::string, bool> seen_;  // Whether the commit is here.
  std::priority_queue<Waiting> queue_;
  git_mailmap* mailmap_ = nullptr;
  CommitCompare* compare_ = nullptr;
  std::size_t unreadable_ = 0;
};

enum Flag : std::uint8_t { kMerge = 1, kBoundary = 2, kBulk = 4, kLinesKnown = 8, kAllFlags = 15 };

}  // namespace

HistoryLog read_history_log(const GitInfo& git, const HistoryWindow& window, const HistoryLog* remembered,
                            const HistoryLimits& limits) {
  HistoryLog log;
  if (!git.present) {
    log.notes.emplace_back("This is no git repository: history, owners and hot spots are not known.");
    return log;
  }
  if (git.commit.empty()) {
    log.notes.emplace_back("There is no commit yet: history, owners and hot spots are not known.");
    return log;
  }
  if (git.commit.size() != GIT_OID_HEXSZ) {
    log.notes.emplace_back(
        "This repository names its objects by SHA-256, which libgit2 1.5 cannot read: history, owners "
        "and hot spots are not known.");
    return log;
  }
  if (GitLibrary::get() == nullptr) {
    log.notes.emplace_back("libgit2 (libgit2.so.1.5) is not installed: history, owners and hot spots are not known.");
    return log;
  }
  const auto objects = GitObjects::open(git);
  if (!objects) {
    log.notes.emplace_back("git's objects cannot be read: history, owners and hot spots are not known.");
    return log;
  }
  return LogReader(*objects, git, window, remembered, limits).read();
}

std::string encode(const HistoryLog& log, std::string_view prefix) {
  ByteWriter out;
  out.u8(kFormat).text(prefix).varint(log.paths.size());
  for (const auto& path : log.paths) out.text(path);
  out.varint(log.authors.size());
  for (const auto& author : log.authors) out.text(author.name).text(author.email);
  out.u8(static_cast<std::uint8_t>((log.complete ? 1 : 0) | (log.shallow ? 2 : 0))).varint(log.commits.size());
  for (const auto& commit : log.commits) {
    out.text(commit.id).i64(commit.time).varint(commit.author);
    out.u8(static_cast<std::uint8_t>((commit.merge ? kMerge : 0) | (commit.boundary ? kBoundary : 0) |
                                     (commit.bulk ? kBulk : 0) | (commit.lines_known ? kLinesKnown : 0)));
    out.varint(commit.files.size());
    for (const auto& file : commit.files) {
      out.varint(file.path).varint(file.from == FileChange::kNone ? 0 : std::uint64_t{file.from} + 1);
      out.varint(file.added).varint(file.removed).u8(file.deleted ? 1 : 0);
    }
  }
  return out.take();
}

Result<HistoryLog> decode_history_log(std::string_view bytes, std::string_view prefix) {
  ByteReader in(bytes);
  const std::uint8_t format = in.u8();
  if (in.ok() && format > kFormat)
    return fail(Code::unsupported_version, "a history of format {}; this skein knows up to {}", format, kFormat);
  bool good = format == kFormat;
  if (in.text() != prefix && in.ok() && good) return fail(Code::not_found, "the history of another folder");
  const auto number = [&](std::uint64_t bound) {
    const std::uint64_t value = in.varint();
    if (value >= bound) good = false;
    return static_cast<std::uint32_t>(value);
  };
  constexpr std::uint64_t kAny = std::uint64_t{1} << 32;
  HistoryLog log;
  log.paths.resize(good ? in.count() : 0);
  for (auto& path : log.paths) path = in.text();
  log.authors.resize(good ? in.count(2) : 0);
  for (auto& author : log.authors) {
    author.name = in.text();
    author.email = in.text();
  }
  const std::uint8_t state = in.u8();
  good = good && state <= 3;
  log.complete = (state & 1) != 0;
  log.shallow = (state & 2) != 0;
  const std::size_t commits = good ? in.count(12) : 0;
  for (std::size_t i = 0; i < commits && good && in.ok(); ++i) {
    CommitChanges commit;
    commit.id = in.text();
    commit.time = in.i64();
    commit.author = number(log.authors.size());
    const std::uint8_t flags = in.u8();
    good = good && flags <= kAllFlags;
    commit.merge = (flags & kMerge) != 0;
    commit.boundary = (flags & kBoundary) != 0;
    commit.bulk = (flags & kBulk) != 0;
    commit.lines_known = (flags & kLinesKnown) != 0;
    const std::size_t files = in.count(5);
    for (std::size_t k = 0; k < files && good && in.ok(); ++k) {
      FileChange file;
      file.path = number(log.paths.size());
      const std::uint32_t from = number(log.paths.size() + 1);
      file.from = from == 0 ? FileChange::kNone : from - 1;
      file.added = number(kAny);
      file.removed = number(kAny);
      const std::uint8_t deleted = in.u8();
      good = good && deleted <= 1;
      file.deleted = deleted == 1;
      commit.files.push_back(file);
    }
    log.commits.push_back(std::move(commit));
  }
  if (!good || !in.ok() || !in.at_end()) return fail(Code::data_corrupt, "the stored history is damaged");
  return log;
}

}  // namespace skein::repo
