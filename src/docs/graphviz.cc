#include "docs/graphviz.h"

#include "base/digest.h"

namespace skein::docs {
namespace {

constexpr AnswerLimits kLimits{.cpu = Millis{1'000}, .wall = Millis{20'000}, .bytes = {1 << 20}};

}  // namespace

std::unique_ptr<Graphviz> Graphviz::find(FileSystem& files, const std::string& program) {
  if (program.empty()) return nullptr;
  const auto bytes = read_file(files, program);
  if (!bytes) return nullptr;
  return std::unique_ptr<Graphviz>(new Graphviz(program, sha256(*bytes).short_hex(16)));
}

Result<std::unique_ptr<Worker>> Graphviz::take_worker() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto worker = std::move(idle_.back());
      idle_.pop_back();
      return worker;
    }
  }
  return start_worker({.argv = {program_, "-Tplain"}, .environment = {"LC_ALL=C"}, .cpu_limit = Millis{60'000}});
}

Result<std::string> Graphviz::lay_out(std::string_view dot, std::stop_token stop) const {
  for (int attempt = 1;; ++attempt) {
    auto worker = take_worker();
    if (!worker) {
      const auto code = worker.error().code();
      if (code == Code::not_found || code == Code::permission_denied)
        return fail(Code::unavailable, "{}", worker.error().message());
      return std::unexpected(std::move(worker).error());
    }
    auto answer = (*worker)->ask(dot, "\nstop\n", kLimits, stop);
    if (answer) {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(*worker));
      return answer;
    }
    // One that has worked for its whole life's limit is replaced.
    if (answer.error().code() != Code::unavailable || attempt == 2) return answer;
  }
}

}  // namespace skein::docs
