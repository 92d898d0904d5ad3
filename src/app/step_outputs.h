// The log store as the engine's output sink: what a step prints is a log like a command's, secrets replaced.
#pragma once

#include <mutex>
#include <string>

#include "app/services.h"
#include "engine/output_sink.h"

namespace skein::app {

/// Names are ids of logs. Thread-safe.
class StepOutputs final : public engine::OutputSink {
 public:
  StepOutputs(const Services& services, bool keep_secrets) : services_(services), keep_secrets_(keep_secrets) {}
  /// Where the logs go; before the first run.
  void set_folder(std::string folder) { folder_ = std::move(folder); }
  [[nodiscard]] Result<std::string> keep(const engine::StepOutput& output) override;

 private:
  const Services& services_;
  const bool keep_secrets_;
  std::string folder_;
  std::mutex naming_;  // A name is taken when its file is there.
};

}  // namespace skein::app
