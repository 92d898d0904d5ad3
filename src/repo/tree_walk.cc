#include "repo/tree_walk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "repo/small_file.h"

namespace skein::repo {
namespace {

using store::EntryKind;
using store::FileStamp;
using store::FolderDescent;
using store::ListedName;

constexpr std::size_t kRulesLimit = 8u << 20;
constexpr std::string_view kGitRules = ".gitignore";
constexpr std::string_view kSkeinRules = ".skeinignore";

class TreeWalk {
 public:
  TreeWalk(const std::string& root, const ScanOptions& options, GitInfo& git, const store::StatTable* remembered,
           store::StatTableBuilder& table)
      : root_(root), options_(options), git_(git), remembered_(remembered), table_(table) {
    // Tags of other rules say nothing; everything is read again then.
    if (remembered_ != nullptr && remembered_->tag_scheme() != classification_digest()) remembered_ = nullptr;
    for (const std::string& path : options.never_enter) never_.insert(path);
    never_.insert(".skein");
    std::vector<std::string> unlisted(never_.begin(), never_.end());
    std::sort(unlisted.begin(), unlisted.end());
    table_.leave_out(std::move(unlisted));
    table_.set_tag_scheme(classification_digest());
  }

  Result<Walk> run() {
    SKEIN_TRY(FolderDescent descent, FolderDescent::open(root_, FolderDescent::Access::list));
    descent_ = &descent;
    const bool root_ignored = options_.use_ignore_rules && push_outer_rules();
    std::string excluded;
    for (const std::string& line : options_.exclude) excluded.append(line).append("\n");
    rules_.push_skein(IgnoreRules::parse(excluded), git_.prefix.size());
    Frame top;
    top.git_ignored = root_ignored;
    if (remembered_ != nullptr) top.remembered = store::StatTable::kRoot;
    if (const int error = take_folder("", std::move(top)); error != 0)
      return std::unexpected(system_error(error, "cannot list the folder " + root_));
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.below.empty()) {
        SKEIN_DO(leave_folder());
        continue;
      }
      const Below next = std::move(frame.below.back());
      frame.below.pop_back();
      SKEIN_DO(enter_folder(next));
    }
    return std::move(walk_);
  }

 private:
  struct Below {
    std::string name;
    bool git_ignored = false;
  };
  struct Frame {
    std::uint32_t folder = 0;
    std::optional<std::uint32_t> remembered;  // Its number in the remembered table.
    IgnoreStack::Mark mark;                   // Of the rules above it.
    std::size_t path_length = 0;              // Of path_ without it.
    bool git_ignored = false;                 // It or a folder above it is: only tracked files in it count.
    std::vector<Below> below;                 // Folders still to enter, the last one first.
  };
  enum class Choice { keep, keep_in_ignored, drop };

  // Rules from outside the root. True when the root itself lies in an ignored folder that holds tracked files.
  bool push_outer_rules() {
    push_rules_of(git_.excludes_file, 0);
    if (!git_.present || git_.bare) return false;
    push_rules_of(join_path(git_.common_directory, "info/exclude"), 0);
    bool ignored = false;
    for (std::size_t end = 0; end < git_.prefix.size();) {
      const std::string folder = git_.prefix.substr(0, end);
      for (const std::string_view name : {kGitRules, kSkeinRules}) {
        const std::string path = join_path(git_.work_root, folder + std::string(name));
        table_.watch(root_, path);
        const auto text = read_small_file(path, kRulesLimit);
        if (!text) continue;
        if (name == kGitRules)
          rules_.push_git(IgnoreRules::parse(*text), end);
        else
          rules_.push_skein(IgnoreRules::parse(*text), end);
      }
      end = git_.prefix.find('/', end) + 1;
      ignored = ignored || rules_.git(git_.prefix.substr(0, end - 1), true) == Verdict::ignored;
    }
    prefix_length_ = git_.prefix.size();
    path_ = git_.prefix;
    if (!ignored || !git_.tracked.empty()) return ignored;
    git_.notes.push_back("This folder is ignored by the git repository around it: it is read as a plain folder.");
    git_.present = false;
    git_.index_read = false;
    git_.prefix.clear();
    prefix_length_ = 0;
    path_.clear();
    rules_.pop_to({});
    return false;
  }

  void push_rules_of(const std::string& file, std::size_t base_length) {
    if (file.empty()) return;
    if (const auto text = read_small_file(file, kRulesLimit)) rules_.push_git(IgnoreRules::parse(*text), base_length);
  }

  // Below the root; a view into path_.
  [[nodiscard]] std::string_view relative() const { return std::string_view(path_).substr(prefix_length_); }

  void append_name(std::string_view name) {
    if (path_.size() > prefix_length_) path_ += '/';
    path_ += name;
  }

  // Takes the folder in which the descent stands: its listing, its files, the folders to enter. 0, or errno.
  int take_folder(std::string_view name, Frame frame) {
    FileStamp stamp;
    std::vector<ListedName> entries;
    if (const int error = store::stamp_of(descent_->current(), stamp); error != 0) return error;
    if (const int error = store::list_folder(descent_->current(), entries); error != 0) return error;
    std::erase_if(entries, [this](const ListedName& entry) { return never_.contains(path_of(entry.name)); });
    const Digest listing = store::listing_digest(entries);
    const bool is_root = walk_.folders.empty();
    const std::uint32_t parent = is_root ? 0 : frames_.back().folder;
    frame.folder = is_root ? table_.add_root(stamp, listing) : table_.add_folder(parent, name, stamp, listing);
    frame.mark = rules_.mark();
    walk_.folders.push_back({parent, is_root ? 0 : walk_.folders[parent].depth + 1, std::string(name)});
    if (is_root) frame.path_length = path_.size();
    if (!is_root && is_nested_repository(entries)) {
      walk_.left_out.push_back({std::string(relative()), LeftOutReason::nested_repository, ""});
    } else {
      if (options_.use_ignore_rules) push_rules_here(entries);
      for (const ListedName& entry : entries) take_entry(frame, entry);
      std::reverse(frame.below.begin(), frame.below.end());
    }
    frames_.push_back(std::move(frame));
    return 0;
  }

  [[nodiscard]] std::string path_of(std::string_view name) const {
    std::string path(relative());
    if (!path.empty()) path += '/';
    return path.append(name);
  }

  [[nodiscard]] bool is_nested_repository(const std::vector<ListedName>& entries) const {
    const auto has_git = [](const ListedName& entry) { return entry.name == ".git"; };
    const auto found = std::find_if(entries.begin(), entries.end(), has_git);
    if (found == entries.end() || git_.has_tracked_below(relative())) return false;
    FileStamp head;
    if (found->kind == EntryKind::folder)
      return store::stamp_at(descent_->current(), ".git/HEAD", head) == 0 && head.kind != EntryKind::missing;
    const auto text = read_small_file_at(descent_->current(), ".git", 64 << 10);
    return text && text->starts_with("gitdir: ");
  }

  void push_rules_here(const std::vector<ListedName>& entries) {
    const std::size_t base_length = path_.empty() || path_.ends_with('/') ? path_.size() : path_.size() + 1;
    for (const ListedName& entry : entries) {
      const bool is_git = entry.name == kGitRules;
      if (entry.kind != EntryKind::file || (!is_git && entry.name != kSkeinRules)) continue;
      const auto text = read_small_file_at(descent_->current(), entry.name.c_str(), kRulesLimit);
      if (!text) {
        walk_.notes.push_back(path_of(entry.name) + " cannot be read and does not count: " + text.error().message());
      } else if (is_git) {
        rules_.push_git(IgnoreRules::parse(*text), base_length);
      } else {
        rules_.push_skein(IgnoreRules::parse(*text), base_length);
      }
    }
  }

  // What the rules say of path_, which was just completed by an entry of a folder.
  Choice choose(bool is_folder, bool in_ignored) const {
    if (!options_.use_ignore_rules) return Choice::keep;
    const Verdict skein = rules_.skein(path_, is_folder);
    if (skein == Verdict::ignored) return Choice::drop;
    if (skein == Verdict::included) return Choice::keep;
    if (!in_ignored && rules_.git(path_, is_folder) != Verdict::ignored) return Choice::keep;
    const bool tracked = git_.is_tracked(relative()) || (is_folder && git_.has_tracked_below(relative()));
    return tracked ? Choice::keep_in_ignored : Choice::drop;
  }

  void take_entry(Frame& frame, const ListedName& entry) {
    if (entry.name == ".git" || entry.name == ".skein") return;
    const std::size_t length = path_.size();
    append_name(entry.name);
    const bool is_folder = entry.kind == EntryKind::folder;
    const Choice choice = choose(is_folder, frame.git_ignored);
    if (choice == Choice::drop) {
      ++walk_.ignored;
      remember_ignored_rules(frame, entry);
    } else if (is_folder && git_.is_submodule(relative())) {
      WalkedFile file = file_here(frame);
      file.kind = FileKind::submodule;
      walk_.files.push_back(std::move(file));
    } else if (is_folder) {
      frame.below.push_back({entry.name, choice == Choice::keep_in_ignored});
    } else {
      take_file(frame, entry.name);
    }
    path_.resize(length);
  }

  // A rules file that ignores itself is no file of the snapshot, but its change matters.
  void remember_ignored_rules(const Frame& frame, const ListedName& entry) {
    if (entry.kind != EntryKind::file || (entry.name != kGitRules && entry.name != kSkeinRules)) return;
    FileStamp stamp;
    if (store::stamp_at(descent_->current(), entry.name.c_str(), stamp) != 0) return;
    const auto digest = store::hash_at(descent_->current(), entry.name.c_str(), EntryKind::file);
    table_.add_file(frame.folder, entry.name, stamp, digest.value_or(Digest{}), kOutside);
  }

  [[nodiscard]] WalkedFile file_here(const Frame& frame) const {
    WalkedFile file;
    file.folder = frame.folder;
    file.path = relative();
    return file;
  }

  void take_file(const Frame& frame, const std::string& name) {
    WalkedFile file = file_here(frame);
    if (const int error = store::stamp_at(descent_->current(), name.c_str(), file.stamp); error != 0) {
      walk_.left_out.push_back({file.path, LeftOutReason::unreadable, std::strerror(error)});
      return;
    }
    switch (file.stamp.kind) {
      case EntryKind::missing:  // Gone since it was listed: the folder's time tells the next check.
      case EntryKind::folder:   // Became one meanwhile; likewise.
        return;
      case EntryKind::special:
        walk_.left_out.push_back({file.path, LeftOutReason::special, ""});
        return;
      case EntryKind::symlink: {
        const auto target = store::link_target_at(descent_->current(), name.c_str());
        if (!target) return;  // Likewise.
        file.kind = FileKind::symlink;
        file.digest = sha256(*target);
        file.traits = traits_of_path(file.path);
        break;
      }
      case EntryKind::file:
        file.to_read = !take_over(frame, name, file);
        break;
    }
    walk_.files.push_back(std::move(file));
  }

  bool take_over(const Frame& frame, const std::string& name, WalkedFile& file) const {
    if (!frame.remembered) return false;
    const auto known = remembered_->find_file(*frame.remembered, name);
    if (!known || known->racy || known->stamp != file.stamp || known->digest.is_none()) return false;
    file.digest = known->digest;
    apply_tag(known->tag, file.kind, file.traits);
    return true;
  }

  Status enter_folder(const Below& next) {
    Frame frame;
    frame.git_ignored = next.git_ignored;
    frame.path_length = path_.size();
    const Frame& above = frames_.back();
    if (above.remembered) frame.remembered = remembered_->find_folder(*above.remembered, next.name);
    if (const int error = descent_->enter(next.name.c_str()); error != 0) {
      leave_out_folder(above, next.name, error);
      return {};
    }
    append_name(next.name);
    const int error = take_folder(next.name, std::move(frame));
    if (error == 0) return {};
    path_.resize(frame.path_length);
    leave_out_folder(above, next.name, error);
    if (descent_->leave() != 0) return moved();
    return {};
  }

  void leave_out_folder(const Frame& above, const std::string& name, int error) {
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) return;  // Replaced since it was listed.
    walk_.left_out.push_back({path_of(name), LeftOutReason::unreadable, std::strerror(error)});
    FileStamp stamp;  // Kept as a file, so that a change of its rights ends the no-op.
    if (store::stamp_at(descent_->current(), name.c_str(), stamp) == 0)
      table_.add_file(above.folder, name, stamp, {}, kOutside);
  }

  Status leave_folder() {
    rules_.pop_to(frames_.back().mark);
    path_.resize(frames_.back().path_length);
    frames_.pop_back();
    if (!frames_.empty() && descent_->leave() != 0) return moved();
    return {};
  }

  static std::unexpected<Error> moved() {
    return fail(Code::unavailable, "a folder was moved while it was read; try again");
  }

  const std::string& root_;
  const ScanOptions& options_;
  GitInfo& git_;
  const store::StatTable* remembered_;
  store::StatTableBuilder& table_;
  std::unordered_set<std::string> never_;
  FolderDescent* descent_ = nullptr;  // Of the running `run`.
  IgnoreStack rules_;
  std::string path_;               // Where the walk stands, below git's work root.
  std::size_t prefix_length_ = 0;  // Of the root below git's work root, with the final "/".
  std::vector<Frame> frames_;
  Walk walk_;
};

}  // namespace

Result<Walk> walk_tree(const std::string& root, const ScanOptions& options, GitInfo& git,
                       const store::StatTable* remembered, store::StatTableBuilder& table) {
  return TreeWalk(root, options, git, remembered, table).run();
}

bool is_rules_file(std::string_view name) { return name == kGitRules || name == kSkeinRules; }

std::uint32_t tag_of(FileKind kind, const FileTraits& traits) {
  return (kind == FileKind::binary ? 1u : 0u) | (traits.generated ? 2u : 0u) | (traits.vendored ? 4u : 0u) |
         (traits.minified ? 8u : 0u) | (traits.documentation ? 16u : 0u) | (traits.test ? 32u : 0u);
}

void apply_tag(std::uint32_t tag, FileKind& kind, FileTraits& traits) {
  kind = (tag & 1u) != 0 ? FileKind::binary : FileKind::text;
  traits.generated = (tag & 2u) != 0;
  traits.vendored = (tag & 4u) != 0;
  traits.minified = (tag & 8u) != 0;
  traits.documentation = (tag & 16u) != 0;
  traits.test = (tag & 32u) != 0;
}

}  // namespace skein::repo
