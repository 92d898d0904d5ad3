#include "agents/sandbox.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "agents/ignored_paths.h"
#include "base/file_system.h"
#include "base/platform/process_tree.h"
#include "base/random.h"

namespace skein::agents {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostChangedBytes = 256'000'000;
constexpr int kMostObjectFolders = 40;  // Each is a mount.
constexpr int kPortBlocks = 500;        // Below the ports that systems give by themselves (32768).
constexpr std::string_view kStateFolder = ".skein";

Status make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail(Code::io, "cannot make the folder {}: {}", path, error.message());
  return {};
}

/// Overlayfs leaves folders that nobody may enter, and an agent can.
void remove_tree(const std::string& folder) {
  std::error_code ignored;
  if (fs::remove_all(folder, ignored); !ignored) return;
  for (fs::recursive_directory_iterator entry(folder, ignored), end; !ignored && entry != end;) {
    struct stat info{};
    if (::lstat(entry->path().c_str(), &info) == 0 && S_ISDIR(info.st_mode) && (info.st_mode & 0700) != 0700)
      ::chmod(entry->path().c_str(), 0700);
    entry.increment(ignored);
  }
  fs::remove_all(folder, ignored);
}

bool is_below(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

/// One of these folders, sorted, holds it.
bool is_below_one(const std::string& path, const std::vector<std::string>& folders) {
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (std::ranges::binary_search(folders, path.substr(0, slash))) return true;
  return false;
}

std::string lock_of(const std::string& folder) { return folder + ".lock"; }

/// Sandboxes whose process is gone.
void remove_left_ones(const std::string& folder) {
  std::error_code ignored;
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    const std::string path = entry->path().string();
    if (path.ends_with(".lock")) continue;
    const auto lock = FileLock::try_acquire(lock_of(path));
    if (!lock) continue;
    remove_tree(path);
    ::unlink(lock_of(path).c_str());
  }
}

}  // namespace

Sandbox::Sandbox(const repo::Snapshot& base, std::string folder, FileLock lock, ChangeSet given)
    : base_(base), folder_(std::move(folder)), lock_(std::move(lock)), given_(std::move(given)) {}

Sandbox::~Sandbox() {
  auto remove = [folder = folder_, lock = std::move(lock_)] {
    remove_tree(folder);
    ::unlink(lock_of(folder).c_str());
  };
  if (sweeper_ != nullptr)
    sweeper_->submit(std::move(remove));
  else
    remove();
}

Result<std::unique_ptr<Sandbox>> Sandbox::make(const repo::Snapshot& base, const SandboxOptions& options) {
  if (is_below(options.folder, base.root))
    return fail(Code::invalid_argument, "sandboxes cannot lie in {}, which is in the workspace", options.folder);
  SKEIN_DO(make_folder(options.folder));
  ::chmod(options.folder.c_str(), 0700);
  remove_left_ones(options.folder);
  SystemRandom random;
  const std::string folder = join_path(options.folder, fmt::format("{:016x}", random.next()));
  SKEIN_TRY(FileLock lock, FileLock::try_acquire(lock_of(folder)));
  std::unique_ptr<Sandbox> made(new Sandbox(base, folder, std::move(lock), options.given));
  made->executor_ = options.executor;
  made->sweeper_ = options.sweeper;
  SKEIN_DO(made->lay_out(options));
  if (options.network) SKEIN_DO(made->take_ports(options.folder));
  return made;
}

std::string Sandbox::name() const { return "skein-" + folder_.substr(folder_.rfind('/') + 1); }

Status Sandbox::take_ports(const std::string& sandboxes) {
  const std::string folder = join_path(parent_path(sandboxes), "ports");
  SKEIN_DO(make_folder(folder));
  // Held while the sandbox lives; the files stay, since one that is taken away could be locked twice.
  for (int block = 0; block < kPortBlocks; ++block) {
    auto lock = FileLock::try_acquire(join_path(folder, fmt::format("{}", block)));
    if (!lock) continue;
    ports_lock_.emplace(std::move(*lock));
    first_port_ += block * kPorts;
    return {};
  }
  return fail(Code::unavailable, "all {} blocks of ports are taken by other sandboxes ({})", kPortBlocks, folder);
}

Status Sandbox::lay_out(const SandboxOptions& options) {
  scratch_ = join_path(folder_, "scratch");
  for (const std::string& one : {scratch_ + "/home", scratch_ + "/tmp"}) SKEIN_DO(make_folder(one));
  hidden_ = options.hidden != nullptr ? options.hidden->of(options.hide) : hidden_files(base_, options.hide);
  const std::string& root = base_.root;
  walls_.network = options.network;
  walls_.limits = options.limits;
  walls_.shown.push_back({scratch_, scratch_});
  if (options.isolation == IsolationPath::overlay)
    SKEIN_DO(lay_over(root));
  else
    SKEIN_DO(copy(options));
  // What programs talk to each other by, and other people's files. Not where the workspace itself lies.
  for (const char* folder : {"/tmp", "/run", "/var/tmp", "/dev/shm"})
    if (!is_below(root, folder) && !is_below(folder_, folder)) walls_.hidden.emplace_back(folder);
  for (const std::string& place : options.secret_places)
    if (!is_below(root, place) && !is_below(folder_, place)) walls_.hidden.push_back(place);
  walls_.hidden.push_back(options.folder);  // Others' sandboxes; what is shown of this one is shown all the same.
  reachable_ = options.reachable;
  walls_.limits.disk_folders = {written_, scratch_};
  return {};
}

Status Sandbox::lay_over(const std::string& root) {
  root_ = root;
  written_ = join_path(folder_, "upper");
  const std::string work = join_path(folder_, "work"), masks = join_path(folder_, "mask");
  for (const std::string& one : {written_, work, masks}) SKEIN_DO(make_folder(one));
  SKEIN_DO(mask());
  walls_.layers.push_back({root, {masks, root}, written_, work});
  if (!given_.empty()) {
    const std::string layer = join_path(folder_, "given");
    SKEIN_DO(make_folder(layer));
    SKEIN_DO(write_layer(given_, layer, root));
    walls_.layers.back().lower = {masks, layer, root};
  }
  int number = 0;
  for (const std::string& one : git_folders()) {
    const std::string beside = join_path(folder_, fmt::format("git-{}", number++));
    SKEIN_DO(make_folder(beside + "/upper"));
    SKEIN_DO(make_folder(beside + "/work"));
    walls_.layers.push_back({one, {one}, beside + "/upper", beside + "/work"});
  }
  return {};
}

/// Git's own files elsewhere (a linked work tree, a submodule): changes to them nobody reads.
std::vector<std::string> Sandbox::git_folders() const {
  std::set<std::string> all;
  for (const std::string& one : {base_.git.git_directory, base_.git.common_directory})
    if (!one.empty() && !is_below(one, base_.root) && is_folder(one)) all.insert(one);
  std::vector<std::string> outer;
  for (const std::string& one : all)
    if (std::ranges::none_of(all, [&](const std::string& other) { return one != other && is_below(one, other); }))
      outer.push_back(one);
  return outer;
}

Status Sandbox::copy(const SandboxOptions& options) {
  const bool has_view = options.isolation == IsolationPath::copy;
  walls_.kind = has_view                                       ? WallKind::namespaces
                : options.isolation == IsolationPath::landlock ? WallKind::landlock
                                                               : WallKind::filter;
  written_ = join_path(folder_, "copy");
  root_ = has_view ? base_.root : written_;
  SKEIN_DO(make_folder(written_));
  // Where the copy takes the place of the original, the original's objects are seen elsewhere.
  int objects = 0;
  const auto seen_at = [&](const std::string& original) {
    if (!has_view) return original;
    if (objects == kMostObjectFolders) return std::string();
    std::string at = join_path(folder_, fmt::format("objects-{}", objects++));
    walls_.shown.push_back({original, at, false});
    return at;
  };
  CopyOptions copying{.left_out = hidden_, .seen_at = seen_at, .executor = executor_, .stop = options.stop};
  SKEIN_DO(copy_tree(base_.root, written_, copying));
  copying.left_out.clear();
  SKEIN_DO(change_copy(given_, written_));
  int number = 0;
  std::vector<ShownFolder> in_place{{written_, root_}};
  for (const std::string& one : git_folders()) {
    const std::string beside = join_path(folder_, fmt::format("git-{}", number++));
    SKEIN_DO(copy_tree(one, beside, copying));
    in_place.push_back({beside, has_view ? one : beside});
    if (!has_view) SKEIN_DO(lead_git(one, beside));
  }
  walls_.shown.insert(walls_.shown.end(), in_place.begin(), in_place.end());
  if (!has_view)
    for (const std::string& one : hidden_) walls_.hidden.push_back(join_path(base_.root, one));
  stamps_ = CopyStamps::of(written_, executor_);
  if (walls_.limits.disk.value > 0) walls_.limits.disk += stamps_->disk();  // The copy is none of the agent's.
  return {};
}

/// Makes the copy of a linked work tree or a submodule find the copy of its git directory, and that the work tree.
Status Sandbox::lead_git(const std::string& original, const std::string& copied) const {
  // Of a folder in a work tree git would miss all that lies beside it: such a copy is in no repository.
  if (!base_.git.prefix.empty()) return {};
  const std::string own = copied + base_.git.git_directory.substr(original.size());
  std::ofstream(join_path(written_, ".git")) << "gitdir: " << own << "\n";
  if (base_.git.git_directory != base_.git.common_directory) {
    std::ofstream(join_path(own, "gitdir")) << join_path(written_, ".git") << "\n";
    return {};
  }
  std::ofstream config(join_path(own, "config"), std::ios::app);
  if (!(config << "\n[core]\n\tworktree = \"" << written_ << "\"\n" << std::flush))
    return fail(Code::io, "cannot write to {}", own);
  return {};
}

Status Sandbox::mask() {
  for (const std::string& path : hidden_) {
    if (is_below_one(path, hidden_)) continue;
    const std::string mark = join_path(join_path(folder_, "mask"), path);
    SKEIN_DO(make_folder(parent_path(mark)));
    SKEIN_DO(make_whiteout(mark));
  }
  return {};
}

Result<ProcessOutcome> Sandbox::run(Command command, std::stop_token stop,
                                    std::function<void(int descriptor)> take_socket) {
  // Each program has a network of its own, and so a listener of its own.
  Confinement walls = walls_;
  std::optional<std::uint64_t> listener;
  if (reachable_ != nullptr && !walls.network) {
    walls.listener_port = reachable_->port();
    // Called where the network is its own.
    walls.take_listener = [&](int descriptor) { listener = reachable_->add_listener(descriptor); };
    if (take_socket) {
      walls.sockets = kSockets;
      walls.take_socket = std::move(take_socket);
    }
  }
  command.confinement = &walls;
  if (command.directory.empty()) command.directory = root_;
  auto outcome = runner_->run(command, std::move(stop));
  if (listener) reachable_->remove_listener(*listener);
  return outcome;
}

Result<LayerReading> Sandbox::changes() const {
  const auto is_hidden = [this](std::string_view path) {
    if (path == kStateFolder || path.starts_with(".skein/")) return true;
    return std::ranges::any_of(hidden_, [&](const std::string& hidden) {
      return path == hidden || (path.size() > hidden.size() && path.starts_with(hidden) && path[hidden.size()] == '/');
    });
  };
  SKEIN_TRY(LayerReading reading, stamps_ ? stamps_->changes(written_, below_, is_hidden, kMostChangedBytes, executor_)
                                          : read_upper_layer(written_, below_, is_hidden, kMostChangedBytes));
  // What git leaves out is no work of the agent's: dependencies that it installed, what a build made.
  IgnoredPaths ignored(base_.git, below_, written_);
  std::erase_if(reading.set.changes, [&](const Change& change) {
    if (base_.find(change.path) != nullptr || below_.is_given(change.path) || base_.git.is_tracked(change.path) ||
        !ignored.contains(change.path))
      return false;
    reading.ignored.push_back(change.path);
    return true;
  });
  std::string moved;
  for (const Change& change : reading.set.changes) {
    if (below_.is_given(change.path)) continue;  // An earlier step's; applying compares with the workspace.
    const auto* file = base_.find(change.path);
    const bool was_there = file != nullptr && !file->digest.is_none();
    // What was not among the files (it is ignored, or new) has no digest to compare with.
    const bool same =
        was_there ? change.before.kind != EntryKind::none && sha256(change.before.bytes) == file->digest : true;
    if (!same) moved += (moved.empty() ? "" : ", ") + change.path;
  }
  if (!moved.empty())
    return std::unexpected(Error(Code::unavailable, fmt::format("changed while the agent worked on it, too: {}", moved))
                               .or_do("nothing was applied: run it again on the files as they are now"));
  return reading;
}

}  // namespace skein::agents
