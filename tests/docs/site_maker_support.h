// Documents a folder as `skein docs` does, through the library, with a state folder of its own.
#pragma once

#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "base/random.h"
#include "docs/site.h"
#include "docs/site_faults_support.h"
#include "docs/stale.h"
#include "net/asio_loop.h"
#include "support/scratch_tree.h"

namespace skein::docs {

/// How a site is made: all of these must give the same bytes.
struct Making {
  bool serial = false;
  bool use_cache = true;
  bool use_cutoff = true;
};

/// State and target of one site.
class SiteMaker {
 public:
  explicit SiteMaker(std::string root) : root_(std::move(root)) {}

  /// Opens the state, documents, closes it: as one command does.
  [[nodiscard]] Result<SiteReport> make(Making how = {});
  /// The no-op's question.
  [[nodiscard]] bool is_unchanged() const { return docs::is_unchanged(request({})); }
  [[nodiscard]] std::string site() const { return place_.path("site"); }
  [[nodiscard]] std::string state() const { return place_.path("state"); }
  /// The files of the site with their bytes.
  [[nodiscard]] std::map<std::string, std::string> pages() const;
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  /// What --check asks.
  [[nodiscard]] Result<SiteDifference> compare();
  /// Pages whose code changed.
  [[nodiscard]] Result<std::vector<StalePage>> stale() { return stale_pages(request({}), *files_, pool_); }
  bool stop_after_first_overview = false;  ///< As Ctrl-C between the two stages.
  std::string name;                        ///< As a setting says it; or empty.
  /// Graphviz, where this machine has it: all must hold with pictures and without.
  std::string graphviz = ::access("/usr/bin/dot", X_OK) == 0 ? "/usr/bin/dot" : "";

 private:
  [[nodiscard]] SiteRequest request(Making how) const;

  std::string root_;
  test::ScratchTree place_;
  std::unique_ptr<EventLoop> loop_ = net::make_asio_loop();
  ThreadPool pool_{2};
  ThreadPool disk_{1};
  SystemRandom random_;
  SystemClock clock_;
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
  std::vector<std::string> notes_;
};

}  // namespace skein::docs
