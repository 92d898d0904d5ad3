#include "base/sim_file_system.h"

#include <algorithm>
#include <set>

namespace skein {

class SimFile final : public File {
 public:
  SimFile(SimFileSystem& disk, std::shared_ptr<SimFileSystem::Node> node, std::string path)
      : disk_(disk), node_(std::move(node)), path_(std::move(path)), epoch_(disk.epoch_) {}

  Status append(std::string_view data) override {
    SKEIN_DO(alive());
    if (auto status = disk_.count("write " + path_); !status) {
      // Power went during the write: any part of it may have reached the disk's cache.
      node_->live.append(data.substr(0, disk_.random_.below(data.size() + 1)));
      return status;
    }
    if (disk_.random_.chance(disk_.faults_.append_fails)) {
      ++disk_.faults_met_;
      node_->live.append(data.substr(0, disk_.random_.below(data.size() + 1)));
      return fail(Code::resource_exhausted, "cannot write {}: no space left on device", path_);
    }
    node_->live.append(data);
    return {};
  }

  Result<std::string> read_at(std::uint64_t offset, std::size_t size) const override {
    SKEIN_DO(alive());
    if (offset >= node_->live.size()) return std::string();
    return node_->live.substr(offset, size);
  }

  Status sync() override {
    SKEIN_DO(alive());
    SKEIN_DO(disk_.count("sync " + path_));
    if (disk_.random_.chance(disk_.faults_.sync_fails)) {
      ++disk_.faults_met_;
      return fail(Code::io, "cannot sync {}: I/O error", path_);
    }
    node_->synced = node_->live;
    return {};
  }

  Status truncate(std::uint64_t size) override {
    SKEIN_DO(alive());
    SKEIN_DO(disk_.count("truncate " + path_));
    node_->live.resize(size);
    return {};
  }

  Result<std::uint64_t> size() const override {
    SKEIN_DO(alive());
    return node_->live.size();
  }

 private:
  Status alive() const {
    if (epoch_ != disk_.epoch_ || disk_.down_) return fail(Code::io, "{}: the power is off", path_);
    return {};
  }

  SimFileSystem& disk_;
  std::shared_ptr<SimFileSystem::Node> node_;
  std::string path_;
  std::uint64_t epoch_;
};

Status SimFileSystem::count(std::string_view what) {
  if (down_) return fail(Code::io, "cannot {}: the power is off", what);
  ++operations_;
  if (countdown_ > 0 && --countdown_ == 0) {
    down_ = true;
    return fail(Code::io, "cannot {}: the power is off", what);
  }
  return {};
}

Result<std::unique_ptr<File>> SimFileSystem::open(const std::string& path, OpenMode mode) {
  if (down_) return fail(Code::io, "cannot open {}: the power is off", path);
  auto found = names_.find(path);
  if (found == names_.end()) {
    if (mode == OpenMode::read) return fail(Code::not_found, "cannot open {}: no such file", path);
    if (!folders_.contains(parent_path(path))) return fail(Code::not_found, "cannot open {}: no such folder", path);
    found = names_.emplace(path, std::make_shared<Node>()).first;
  } else if (mode == OpenMode::create) {
    found->second->live.clear();
  }
  return std::make_unique<SimFile>(*this, found->second, path);
}

Status SimFileSystem::rename(const std::string& from, const std::string& to) {
  SKEIN_DO(count("rename " + from));
  const auto found = names_.find(from);
  if (found == names_.end()) return fail(Code::not_found, "cannot rename {}: no such file", from);
  names_[to] = found->second;
  names_.erase(from);
  return {};
}

Status SimFileSystem::remove(const std::string& path) {
  SKEIN_DO(count("remove " + path));
  if (names_.erase(path) == 0 && folders_.erase(path) == 0)
    return fail(Code::not_found, "cannot remove {}: no such file", path);
  return {};
}

Result<std::vector<DirectoryEntry>> SimFileSystem::list(const std::string& path) const {
  if (down_) return fail(Code::io, "cannot list {}: the power is off", path);
  if (!folders_.contains(path)) return fail(Code::not_found, "cannot list {}: no such folder", path);
  const std::string prefix = path + "/";
  std::vector<DirectoryEntry> entries;
  const auto add = [&](const std::string& name, bool is_directory) {
    if (!name.starts_with(prefix) || name.find('/', prefix.size()) != std::string::npos) return;
    entries.push_back({name.substr(prefix.size()), is_directory});
  };
  for (const auto& [name, node] : names_) add(name, false);
  for (const auto& [name, unused] : folders_) add(name, true);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

Status SimFileSystem::set_mode(const std::string& path, unsigned) {
  SKEIN_DO(count("set the mode of " + path));
  if (!names_.contains(path)) return fail(Code::not_found, "cannot set the mode of {}: no such file", path);
  return {};
}

Status SimFileSystem::make_link(const std::string& target, const std::string& path) {
  SKEIN_DO(count("make the link " + path));
  if (names_.contains(path) || folders_.contains(path))
    return fail(Code::already_exists, "cannot make the link {}: it is there", path);
  auto node = std::make_shared<Node>();
  node->live = target;
  names_.emplace(path, std::move(node));
  return {};
}

Status SimFileSystem::make_directories(const std::string& path) {
  if (down_) return fail(Code::io, "cannot make {}: the power is off", path);
  // Folders are durable at once: the product makes them only before anything depends on them.
  for (std::string folder = path; folder != "." && folder != "/"; folder = parent_path(folder)) folders_[folder] = true;
  return {};
}

Status SimFileSystem::sync_directory(const std::string& path) {
  SKEIN_DO(count("sync the folder " + path));
  const auto in_folder = [&](const std::string& name) { return parent_path(name) == path; };
  std::erase_if(durable_names_, [&](const auto& entry) { return in_folder(entry.first); });
  for (const auto& [name, node] : names_)
    if (in_folder(name)) durable_names_[name] = node;
  return {};
}

Status SimFileSystem::sync_all(const std::string& path) {
  SKEIN_DO(count("sync the disk of " + path));
  durable_names_ = names_;
  for (const auto& [name, node] : names_) node->synced = node->live;
  return {};
}

std::string SimFileSystem::durable_bytes(const std::string& path) const {
  const auto found = durable_names_.find(path);
  const auto live = names_.find(path);
  if (found == durable_names_.end() || live == names_.end() || live->second != found->second) return {};
  const Node& node = *found->second;
  // Cut and written again: either form may be there, so only what both begin with is sure.
  const auto differ = std::mismatch(node.live.begin(), node.live.end(), node.synced.begin(), node.synced.end());
  return {node.live.begin(), differ.first};
}

void SimFileSystem::crash() {
  ++epoch_;
  down_ = false;
  countdown_ = 0;
  // Each name that differs from the durable state got to the disk, or not.
  std::set<std::string> changed;
  for (const auto& [name, node] : names_)
    if (const auto old = durable_names_.find(name); old == durable_names_.end() || old->second != node)
      changed.insert(name);
  for (const auto& [name, node] : durable_names_)
    if (!names_.contains(name)) changed.insert(name);
  auto after = durable_names_;
  for (const auto& name : changed) {
    if (random_.chance(0.5)) continue;
    if (const auto live = names_.find(name); live != names_.end())
      after[name] = live->second;
    else
      after.erase(name);
  }
  for (auto& [name, node] : after) {
    std::string bytes = node->synced;
    // Appended bytes may have reached the disk up to any point, by chance with a hole of zeros at the end.
    if (node->live.size() > bytes.size() && node->live.starts_with(bytes)) {
      const std::size_t extra = random_.below(node->live.size() - bytes.size() + 1);
      std::string tail = node->live.substr(bytes.size(), extra);
      if (!tail.empty() && random_.chance(0.2)) tail.back() = static_cast<char>(tail.back() ^ 0x55);
      bytes += tail;
    } else if (node->live != bytes && random_.chance(0.5)) {
      bytes = node->live;  // Cut or emptied: the new length may have reached the disk.
    }
    node = std::make_shared<Node>();
    node->live = bytes;
    node->synced = bytes;
  }
  names_ = after;
  durable_names_ = std::move(after);
}

}  // namespace skein
