#include "app/machinery.h"

#include <algorithm>

#include "app/operations.h"
#include "net/asio_loop.h"

namespace skein::app {

Machinery::Machinery(const Services& services, const engine::Context& context)
    : services_(services),
      context_(context),
      loop_(net::make_asio_loop()),
      pool_(std::make_unique<ThreadPool>(std::max(context.jobs, 1))) {}

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

engine::RunRequest Machinery::request(std::string operation, std::string input) const {
  engine::RunRequest request;
  request.operation = std::move(operation);
  request.request = std::move(input);
  request.version = skein_version();
  request.options.capacity = engine::profile_resources(engine::Profile::automatic);
  request.options.capacity.cpu = std::max(context_.jobs, 1);
  request.options.serial = context_.serial;
  request.options.use_cache = !context_.no_cache;
  request.options.use_cutoff = !context_.no_cutoff;
  request.options.refresh = {context_.refresh.begin(), context_.refresh.end()};
  if (context_.observer != nullptr) request.observers.push_back(context_.observer);
  request.stop = context_.stop;
  return request;
}

}  // namespace skein::app
