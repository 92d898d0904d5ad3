// The one place that knows the logging library.
#include "app/own_log.h"

#include <mutex>

#include <fmt/chrono.h>
#define SPDLOG_FMT_EXTERNAL
#include <spdlog/sinks/rotating_file_sink.h>

#include "base/file_system.h"
#include "base/platform/surroundings.h"
#include "text/redact.h"

namespace skein::app {
namespace {

constexpr std::int64_t kMostPerFile = 10'000'000;
constexpr std::int64_t kMostFiles = 100;

}  // namespace

struct OwnLog::File {
  std::mutex mutex;  // Guards all below.
  bool tried = false;
  std::unique_ptr<spdlog::sinks::rotating_file_sink_st> sink;  // Null: not opened yet, or it cannot be.
};

OwnLog::OwnLog(OwnLogOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(&clock), file_(std::make_unique<File>()) {}
OwnLog::~OwnLog() = default;
OwnLog::OwnLog(OwnLog&&) noexcept = default;
OwnLog& OwnLog::operator=(OwnLog&&) noexcept = default;

void OwnLog::write(LogLevel level, std::string_view message, const LogFields& fields) {
  if (!lets_through(level)) return;
  const auto wall = clock_->wall().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wall);
  const auto shown = [&](std::string_view text) {
    return options_.keep_secrets ? std::string(text) : text::redact(text);
  };
  engine::Json line = {
      {"schema", "skein.log/1"},
      {"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(seconds.count()), (wall - seconds).count())},
      {"level", engine::name_of(level)},
      {"message", shown(message)}};
  if (!fields.run.empty()) line["run"] = fields.run;
  if (!fields.step.empty()) line["step"] = shown(fields.step);
  if (!fields.key.empty()) line["key"] = fields.key;
  const std::string text = line.dump(-1, ' ', false, engine::Json::error_handler_t::replace);

  const std::lock_guard lock(file_->mutex);
  try {
    // A log alone makes no state folder: that is the business of the command that needs one.
    if (!file_->tried && is_file(join_path(options_.folder, "format"))) {
      file_->tried = true;
      // All files together stay below the limit: one being written, the others full.
      const std::int64_t per_file = std::clamp<std::int64_t>(options_.most.value / 4, 10'000, kMostPerFile);
      const std::int64_t files = std::clamp<std::int64_t>(options_.most.value / per_file - 1, 1, kMostFiles);
      file_->sink = std::make_unique<spdlog::sinks::rotating_file_sink_st>(
          join_path(join_path(options_.folder, "log"), "skein.jsonl"), static_cast<std::size_t>(per_file),
          static_cast<std::size_t>(files));
      file_->sink->set_pattern("%v");
    }
    if (!file_->sink) return;
    file_->sink->log(
        spdlog::details::log_msg("", spdlog::level::info, spdlog::string_view_t(text.data(), text.size())));
    file_->sink->flush();
  } catch (const std::exception&) {
    file_->sink.reset();  // A full disk or a lost folder: the work goes on without its log.
  }
}

}  // namespace skein::app
