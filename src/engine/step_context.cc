#include "engine/step_context.h"

#include "base/check.h"

namespace skein::engine {

Status Agent::run(StepContext& context) const {
  return fail(Code::internal, "agent {} does not compute, but step '{}' was given to it", name(), context.step().name);
}

Task<Status> Agent::wait(StepContext& context, EventLoop&) const {
  co_return fail(Code::internal, "agent {} does not wait, but step '{}' was given to it", name(), context.step().name);
}

StepContext::StepContext(const Step& step, std::vector<Digest> inputs, ResultStore& results, const World* world,
                         std::stop_token stop)
    : step_(step),
      inputs_(std::move(inputs)),
      results_(results),
      world_(world),
      stop_(std::move(stop)),
      outputs_(step.outputs.size()) {}

std::string_view StepContext::part(std::string_view name) const {
  for (const auto& part : step_.parts)
    if (part.name == name) return part.value;
  return {};
}

void StepContext::while_waiting(const PersonNeed& need, const std::function<void()>& body) {
  const auto begun = std::chrono::steady_clock::now();
  if (parking_) parking_(&need);
  body();
  if (parking_) parking_(nullptr);
  waited_ += std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now() - begun);
}

Result<std::string> StepContext::input(std::size_t i) {
  SKEIN_CHECK(i < inputs_.size());
  auto bytes = results_.get_blob(inputs_[i]);
  if (!bytes) {
    if (bytes.error().code() == Code::data_corrupt || bytes.error().code() == Code::not_found) lost_input_ = i;
    return pass(std::move(bytes).error(), fmt::format("while reading an input of step '{}'", step_.name));
  }
  usage_.bytes_read += {static_cast<std::int64_t>(bytes->size())};
  ++usage_.reads;
  return bytes;
}

Result<std::string> StepContext::read_file(const std::string& path) {
  if (world_ == nullptr) return fail(Code::internal, "step '{}' reads {}, but the run has no world", step_.name, path);
  auto bytes = world_->read(path);
  if (bytes) {
    reads_.push_back({ReadKind::file, path, sha256(*bytes)});
    usage_.bytes_read += {static_cast<std::int64_t>(bytes->size())};
    ++usage_.reads;
  } else if (bytes.error().code() == Code::not_found) {
    reads_.push_back({ReadKind::absence, path, {}});
  }
  return bytes;
}

Digest StepContext::read_listing(const std::string& path) {
  SKEIN_CHECK(world_ != nullptr);
  const Digest digest = world_->state(ReadKind::listing, path);
  reads_.push_back({ReadKind::listing, path, digest});
  return digest;
}

Status StepContext::output(std::size_t i, std::string_view bytes) {
  SKEIN_CHECK(i < outputs_.size() && outputs_[i].is_none());
  SKEIN_TRY(outputs_[i], results_.put_output(step_.agent->name(), bytes));
  usage_.bytes_written += {static_cast<std::int64_t>(bytes.size())};
  ++usage_.writes;
  return {};
}

Result<Digest> StepContext::attach(std::string_view bytes) {
  SKEIN_TRY(const auto digest, results_.put_output(step_.agent->name(), bytes));
  attachments_.push_back(digest);
  usage_.bytes_written += {static_cast<std::int64_t>(bytes.size())};
  ++usage_.writes;
  return digest;
}

Status StepContext::record(JournalRecord record) {
  SKEIN_CHECK(step_.purity == Purity::effectful);
  if (!recorder_) return {};
  return recorder_(std::move(record), true);
}

Status StepContext::note(JournalRecord record) {
  SKEIN_CHECK(step_.purity == Purity::effectful);
  if (!recorder_) return {};
  return recorder_(std::move(record), false);
}

}  // namespace skein::engine
