#include "app/machinery.h"

#include <algorithm>

#include "app/operations.h"
#include "net/asio_loop.h"

namespace skein::app {
namespace {

engine::Profile profile_of(std::optional<Profile> profile) {
  if (!profile) return engine::Profile::automatic;
  switch (*profile) {
    case Profile::small:
      return engine::Profile::small;
    case Profile::medium:
      return engine::Profile::medium;
    case Profile::large:
      return engine::Profile::large;
    case Profile::enterprise:
      return engine::Profile::enterprise;
  }
  return engine::Profile::automatic;
}

/// CPU tokens, and so threads: --serial and --jobs say it, else the profile, else the machine.
int width(const engine::Context& context) {
  const auto& settings = settings_of(context).values().engine;
  if (context.serial || settings.jobs > 0 || !settings.profile) return std::max(context.jobs, 1);
  return engine::profile_resources(profile_of(settings.profile)).cpu;
}

}  // namespace

Machinery::Machinery(const Services& services, const engine::Context& context)
    : services_(services),
      context_(context),
      loop_(net::make_asio_loop()),
      pool_(std::make_unique<ThreadPool>(width(context))) {}

Result<engine::Session*> Machinery::session() {
  if (session_) return session_.get();
  SKEIN_TRY(const StateFolder state, open_state(services_, context_));
  std::vector<std::string> notes;
  const engine::SessionEnvironment environment{.files = services_.files,
                                               .clock = services_.clock,
                                               .random = random_,
                                               .loop = *loop_,
                                               .pool = *pool_,
                                               .disk = disk_};
  auto opened = engine::Session::open(environment, state.path, &notes);
  if (context_.note)
    for (const auto& line : notes) context_.note(line);
  if (!opened) return std::unexpected(std::move(opened).error());
  session_ = std::move(*opened);
  return session_.get();
}

Machinery::~Machinery() {
  if (session_ == nullptr) return;
  [[maybe_unused]] const auto only_statistics =
      cache::add_counts(services_.files, session_->folder(), counts_.counts(), services_.clock.wall());
}

engine::RunRequest Machinery::request(std::string operation, std::string input) {
  engine::RunRequest request;
  request.operation = std::move(operation);
  request.request = std::move(input);
  request.version = skein_version();
  const auto& settings = settings_of(context_).values().engine;
  request.options.capacity = engine::profile_resources(profile_of(settings.profile));
  request.options.capacity.cpu = width(context_);
  request.options.keep_going = settings.keep_going;
  if (settings.time_limit) request.options.run_limit = *settings.time_limit;
  request.options.serial = context_.serial;
  request.options.use_cache = !context_.no_cache;
  request.options.use_cutoff = !context_.no_cutoff;
  request.options.refresh = {context_.refresh.begin(), context_.refresh.end()};
  if (context_.observer != nullptr) request.observers.push_back(context_.observer);
  request.observers.push_back(&counts_);
  request.stop = context_.stop;
  return request;
}

}  // namespace skein::app
