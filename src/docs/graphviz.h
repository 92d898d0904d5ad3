// Graphviz' `dot` as a worker process: started when the first picture is laid out, one for each thread that needs one,
// and asked again and again. A layout then takes some milliseconds instead of a program's start.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/platform/worker.h"
#include "docs/picture.h"

namespace skein::docs {

class Graphviz final : public PictureLayouter {
 public:
  /// `program`: the path of `dot`. Null where it cannot be read. Nothing is started.
  static std::unique_ptr<Graphviz> find(FileSystem& files, const std::string& program);

  [[nodiscard]] std::string_view version() const override { return version_; }
  [[nodiscard]] Result<std::string> lay_out(std::string_view dot, std::stop_token stop) const override;

 private:
  Graphviz(std::string program, std::string version) : program_(std::move(program)), version_(std::move(version)) {}
  [[nodiscard]] Result<std::unique_ptr<Worker>> take_worker() const;

  std::string program_;
  std::string version_;  // Digest of the program: its own answer would cost its start.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Worker>> idle_;  // Guarded by mutex_.
};

}  // namespace skein::docs
