#include "cli/progress.h"

#include <algorithm>

#include "text/printable.h"
#include "text/quantity.h"

namespace skein::cli {
namespace {

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};

constexpr Nanos kTerminalPeriod = std::chrono::milliseconds(100);
constexpr Nanos kPlainPeriod = std::chrono::seconds(5);

}  // namespace

ProgressLine::ProgressLine(Console& console, const Clock& clock, ProgressOptions options)
    : console_(console), clock_(clock), options_(options), started_(clock.now()) {}

ProgressLine::~ProgressLine() { finish(); }

std::string ProgressLine::status(const engine::Progress& progress, Nanos elapsed) {
  if (progress.total == 0) return {};  // Nothing is planned yet.
  const auto count = [](std::size_t n) { return text::format_count(static_cast<std::int64_t>(n)); };
  std::string text =
      fmt::format("{} of {} {}", count(progress.done), count(progress.total), progress.total == 1 ? "step" : "steps");
  const double seconds = std::chrono::duration<double>(elapsed).count();
  // A rate from a handful of steps, or of a moment, says nothing.
  if (progress.done >= 10 && seconds >= 0.2) {
    const double rate = static_cast<double>(progress.done) / seconds;
    text += rate >= 10 ? fmt::format(", {}/s", count(static_cast<std::size_t>(rate))) : fmt::format(", {:.1f}/s", rate);
    if (progress.total > progress.done) {
      const double left_us = static_cast<double>(progress.total - progress.done) / rate * 1e6;
      text += fmt::format(", {} left", text::format_duration(Micros(static_cast<std::int64_t>(left_us))));
    }
  }
  if (progress.hits > 0) text += fmt::format(", {} cached", count(progress.hits));
  if (progress.failed > 0) text += fmt::format(", {} failed", count(progress.failed));
  return text;
}

void ProgressLine::clear() {
  if (!line_is_shown_) return;
  console_.err("\r\x1b[K");
  line_is_shown_ = false;
}

void ProgressLine::say(const std::string& line) {
  say_held();
  clear();
  console_.err(line + "\n");
}

void ProgressLine::say_held() {
  if (!held_) return;
  const std::string line = std::move(held_->line);
  held_.reset();
  say(line);
}

void ProgressLine::finish(const Error* failure) {
  if (held_ && failure != nullptr && failure->message() == held_->message) held_.reset();
  say_held();
  clear();
}

void ProgressLine::show(const engine::Progress& progress) {
  const Instant now = clock_.now();
  const Nanos period = options_.terminal ? kTerminalPeriod : kPlainPeriod;
  // Away from a terminal a run that is over soon says nothing at all.
  if (now - last_shown_.value_or(options_.terminal ? now - period : started_) < period) return;
  last_shown_ = now;
  std::string text = status(progress, now - started_);
  if (calls_ > 0)
    text += fmt::format("{}{} tokens, {}", text.empty() ? "" : ", ", text::format_count(tokens_.value),
                        text::format_money(money_));
  if (text.empty()) return;
  if (!options_.terminal) {
    console_.err(text + "\n");
    return;
  }
  text.resize(std::min(text.size(), static_cast<std::size_t>(std::max(20, options_.width - 1))));
  console_.err("\r\x1b[K" + text);
  line_is_shown_ = true;
}

void ProgressLine::on(const engine::Event& event) {
  std::visit(Match{
                 [&](const engine::RunStarted& started) {
                   // An agent may say nothing for minutes.
                   last_ = {.total = started.steps};
                   show(last_);
                 },
                 [&](const engine::Progress& progress) {
                   if (progress.running > 0) say_held();
                   last_ = progress;
                   show(progress);
                 },
                 [&](const engine::ModelAnswered& answered) {
                   ++calls_;
                   tokens_ += answered.tokens;
                   money_ += answered.money;
                   show(last_);
                 },
                 [&](const engine::StepFailed& failed) {
                   say_held();
                   std::string line =
                       fmt::format("{} {}: {}", failed.will_retry ? "failed, trying again:" : "failed:", failed.step,
                                   text::printable(failed.message));
                   if (failed.will_retry) return say(line);
                   held_ = {std::move(line), std::string(failed.message)};
                 },
                 [&](const engine::PersonNeeded& needed) {
                   say(fmt::format("{} waits for you ({}): {}\n  `skein answer {} TEXT` answers it", needed.step,
                                   needed.kind, text::printable(needed.what), needed.id));
                 },
                 [&](const engine::StepFinished& finished) {
                   if (options_.verbose) say(fmt::format("done: {}", finished.step));
                 },
                 [&](const engine::CacheHit& hit) {
                   if (options_.verbose) say(fmt::format("cached: {}", hit.step));
                 },
                 [&](const engine::StepSkipped& skipped) {
                   if (options_.verbose) say(fmt::format("not run: {} ({})", skipped.step, skipped.because));
                 },
                 [&](const engine::Published& published) {
                   if (options_.verbose)
                     say(fmt::format("published {} ({}): {} written, {} removed", published.target, published.stage,
                                     published.written, published.removed));
                 },
                 [&](const engine::RunFinished&) { clear(); },
                 [](const auto&) {},
             },
             event);
}

}  // namespace skein::cli
