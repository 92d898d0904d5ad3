#include "app/step_outputs.h"

#include "base/random.h"
#include "summary/log_store.h"

namespace skein::app {

Result<std::string> StepOutputs::keep(const engine::StepOutput& output) {
  if (folder_.empty()) return fail(Code::unavailable, "there is no folder for outputs yet");
  const WallTime now = services_.clock.wall();
  summary::LogStart start;
  start.command = {std::string(output.agent), std::string(output.step)};
  start.run = output.run;
  start.step = output.step;
  start.started_us = std::chrono::duration_cast<Micros>(now.time_since_epoch()).count() - output.wall.count();
  start.keep_secrets = keep_secrets_;
  SystemRandom random;
  std::optional<summary::LogWriter> writer;
  {
    const std::scoped_lock lock(naming_);
    SKEIN_TRY(start.id, summary::new_log_id(services_.files, folder_, random.next()));
    SKEIN_TRY(auto made, summary::LogWriter::create(services_.files, folder_, start, summary::log_time_name(now)));
    writer.emplace(std::move(made));
  }
  SKEIN_DO(writer->add(summary::LogStream::out, output.wall.count(), output.bytes));
  summary::LogEnd end;
  end.exit_code = output.exit_code;
  end.timed_out = output.timed_out;
  end.wall_us = output.wall.count();
  SKEIN_TRY(end, writer->finish(end));
  return start.id;
}

}  // namespace skein::app
