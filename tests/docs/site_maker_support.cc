#include "docs/site_maker_support.h"

#include <stop_token>
#include <variant>

namespace skein::docs {

Result<SiteReport> SiteMaker::make(Making how) {
  notes_.clear();
  const engine::SessionEnvironment environment{
      .files = *files_, .clock = clock_, .random = random_, .loop = *loop_, .pool = pool_, .disk = disk_};
  SKEIN_TRY(auto session, engine::Session::open(environment, state(), &notes_));
  SKEIN_DO(files_->make_directories(state() + "/tables"));
  engine::RunRequest run;
  run.operation = "docs";
  run.request = "{}";
  run.options.capacity = {.cpu = 2, .providers = 1, .memory = {1 << 30}};
  run.options.serial = how.serial;
  run.options.use_cache = how.use_cache;
  run.options.use_cutoff = how.use_cutoff;
  /// Asks the run to stop when the first stage is published.
  class Stopper final : public engine::Observer {
   public:
    void on(const engine::Event& event) override {
      if (const auto* step = std::get_if<engine::StepFinished>(&event);
          step != nullptr && step->agent == "docs.publish")
        source.request_stop();
    }
    bool wants_every_step() const override { return true; }
    std::stop_source source;
  } stopper;
  if (stop_after_first_overview) {
    run.observers.push_back(&stopper);
    run.stop = stopper.source.get_token();
  }
  const auto look = look_at(request(how));
  return document(request(how), *files_, pool_, *session, run, &look);
}

Result<SiteDifference> SiteMaker::compare() {
  engine::RunOptions options;
  options.id = "compare";
  options.capacity = {.cpu = 2, .providers = 1, .memory = {1 << 30}};
  return docs::compare(request({}), *files_, pool_, *loop_, options, {});
}

SiteRequest SiteMaker::request(Making how) const {
  SiteRequest request;
  request.root = root_;
  request.target = site();
  request.table = state() + "/tables/docs";
  request.lock = state() + "/target.lock";
  request.name = name;
  request.graphviz = graphviz;
  request.use_cache = how.use_cache;
  return request;
}

std::map<std::string, std::string> SiteMaker::pages() const { return read_folder(site()); }

}  // namespace skein::docs
