#include "agents/folder_walk.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>

namespace skein::agents {
namespace {

/// The folders that are left. Shared with helpers, which may begin after all is done: then they find nothing.
class Folders {
 public:
  explicit Folders(const VisitFolder& visit) : visit_(visit) {}

  /// Does folders until none is left and none is under way.
  void work() {
    std::vector<std::string> inner;
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return !open_.empty() || under_way_ == 0; });
      if (open_.empty()) return;
      // The last one found: what lies deep is done before what lies beside it, so that few are open.
      const std::string path = std::move(open_.back());
      open_.pop_back();
      ++under_way_;
      lock.unlock();
      inner.clear();
      Status done = visit_(path, inner);
      lock.lock();
      --under_way_;
      if (!done && result_) result_ = std::move(done);
      if (result_)
        std::ranges::move(inner, std::back_inserter(open_));
      else
        open_.clear();
      changed_.notify_all();
    }
  }
  Status result() {
    const std::scoped_lock lock(mutex_);
    return std::move(result_);
  }

 private:
  const VisitFolder& visit_;  // Of the caller, who waits until no folder is left.
  std::mutex mutex_;          // Guards what follows.
  std::condition_variable changed_;
  std::vector<std::string> open_{std::string()};
  std::size_t under_way_ = 0;
  Status result_;
};

}  // namespace

Status over_folders(Executor* executor, const VisitFolder& visit) {
  const auto folders = std::make_shared<Folders>(visit);
  for (int i = 1; executor != nullptr && i < executor->width(); ++i) executor->submit([folders] { folders->work(); });
  folders->work();
  return folders->result();
}

std::string below_folder(const std::string& folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  std::string path;
  path.reserve(folder.size() + 1 + name.size());
  return path.append(folder).append("/").append(name);
}

}  // namespace skein::agents
