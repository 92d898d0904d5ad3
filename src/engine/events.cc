#include "engine/events.h"

#include "text/json_string.h"

#include <fmt/format.h>

namespace skein::engine {
namespace {

/// Writes the fields of one event.
class Fields {
 public:
  explicit Fields(std::string_view name) : out_("{\"schema\":\"skein.event/1\",\"event\":\"") {
    out_.append(name).append("\"");
  }
  Fields& text(std::string_view key, std::string_view value) {
    begin(key);
    text::append_json_string(out_, value);
    return *this;
  }
  Fields& number(std::string_view key, std::int64_t value) {
    begin(key);
    out_ += std::to_string(value);
    return *this;
  }
  Fields& flag(std::string_view key, bool value) {
    begin(key);
    out_ += value ? "true" : "false";
    return *this;
  }
  [[nodiscard]] std::string take() { return out_ + "}"; }

 private:
  void begin(std::string_view key) { out_.append(",\"").append(key).append("\":"); }
  std::string out_;
};

struct Name {
  std::string_view operator()(const RunStarted&) const { return "run_started"; }
  std::string_view operator()(const StepStarted&) const { return "step_started"; }
  std::string_view operator()(const StepFinished&) const { return "step_finished"; }
  std::string_view operator()(const StepFailed&) const { return "step_failed"; }
  std::string_view operator()(const StepSkipped&) const { return "step_skipped"; }
  std::string_view operator()(const CacheHit&) const { return "cache_hit"; }
  std::string_view operator()(const CacheMiss&) const { return "cache_miss"; }
  std::string_view operator()(const OutputGenerated&) const { return "output_generated"; }
  std::string_view operator()(const Spent&) const { return "spent"; }
  std::string_view operator()(const ModelAnswered&) const { return "model_answered"; }
  std::string_view operator()(const PersonNeeded&) const { return "person_needed"; }
  std::string_view operator()(const FileChanged&) const { return "file_changed"; }
  std::string_view operator()(const Published&) const { return "published"; }
  std::string_view operator()(const Progress&) const { return "progress"; }
  std::string_view operator()(const RunFinished&) const { return "run_finished"; }
};

struct Write {
  Fields& out;
  void operator()(const RunStarted& e) const { out.text("run", e.run).number("steps", signed_of(e.steps)); }
  void operator()(const StepStarted& e) const {
    out.text("step", e.step).text("agent", e.agent).number("attempt", e.attempt);
  }
  void operator()(const StepFinished& e) const {
    out.text("step", e.step).text("agent", e.agent);
    if (e.usage != nullptr) out.number("wall_us", e.usage->wall.count()).number("queued_us", e.usage->queued.count());
  }
  void operator()(const StepFailed& e) const {
    out.text("step", e.step).text("agent", e.agent).text("code", e.code).text("message", e.message);
    out.number("attempt", e.attempt).flag("will_retry", e.will_retry);
  }
  void operator()(const StepSkipped& e) const { out.text("step", e.step).text("because", e.because); }
  void operator()(const CacheHit& e) const { out.text("step", e.step).text("agent", e.agent); }
  void operator()(const CacheMiss& e) const { out.text("step", e.step).text("agent", e.agent); }
  void operator()(const OutputGenerated& e) const { out.text("step", e.step).text("text", e.text); }
  void operator()(const Spent& e) const {
    out.text("step", e.step).number("tokens", e.tokens.value).number("micro_dollars", e.money.value);
  }
  void operator()(const ModelAnswered& e) const {
    out.text("step", e.step).text("model", e.model);
    out.number("tokens", e.tokens.value).number("micro_dollars", e.money.value);
  }
  void operator()(const PersonNeeded& e) const {
    out.text("step", e.step).text("id", e.id).text("kind", e.kind).text("what", e.what);
  }
  void operator()(const FileChanged& e) const { out.text("path", e.path).text("change", e.change); }
  void operator()(const Published& e) const {
    out.text("target", e.target).text("stage", e.stage);
    out.number("written", signed_of(e.written)).number("removed", signed_of(e.removed));
  }
  void operator()(const Progress& e) const {
    out.number("done", signed_of(e.done)).number("total", signed_of(e.total)).number("running", signed_of(e.running));
    out.number("hits", signed_of(e.hits)).number("failed", signed_of(e.failed));
  }
  void operator()(const RunFinished& e) const { out.text("run", e.run).text("status", e.status); }

  static std::int64_t signed_of(std::size_t value) { return static_cast<std::int64_t>(value); }
};

}  // namespace

std::string_view event_name(const Event& event) { return std::visit(Name{}, event); }

std::string to_json(const Event& event) {
  Fields fields(event_name(event));
  std::visit(Write{fields}, event);
  return fields.take();
}

}  // namespace skein::engine
