#include "app/settings_values.h"

#include <array>

namespace skein::app {

std::span<const engine::Choice<Profile>> choices_of(Profile) {
  static constexpr std::array<engine::Choice<Profile>, 4> kChoices{{
      {Profile::small, "small"},
      {Profile::medium, "medium"},
      {Profile::large, "large"},
      {Profile::enterprise, "enterprise"},
  }};
  return kChoices;
}

std::span<const engine::Choice<LogLevel>> choices_of(LogLevel) {
  static constexpr std::array<engine::Choice<LogLevel>, 5> kChoices{{
      {LogLevel::debug, "debug"},
      {LogLevel::info, "info"},
      {LogLevel::warning, "warning"},
      {LogLevel::error, "error"},
      {LogLevel::off, "off"},
  }};
  return kChoices;
}

std::span<const engine::Choice<CachePolicy>> choices_of(CachePolicy) {
  static constexpr std::array<engine::Choice<CachePolicy>, 3> kChoices{{
      {CachePolicy::worth, "worth"},
      {CachePolicy::s3_fifo, "s3-fifo"},
      {CachePolicy::lru, "lru"},
  }};
  return kChoices;
}

std::span<const engine::Choice<CacheWrites>> choices_of(CacheWrites) {
  static constexpr std::array<engine::Choice<CacheWrites>, 3> kChoices{{
      {CacheWrites::back, "back"},
      {CacheWrites::through, "through"},
      {CacheWrites::none, "none"},
  }};
  return kChoices;
}

std::span<const engine::Choice<IsolationLevel>> choices_of(IsolationLevel) {
  static constexpr std::array<engine::Choice<IsolationLevel>, 2> kChoices{{
      {IsolationLevel::full, "full"},
      {IsolationLevel::weak, "weak"},
  }};
  return kChoices;
}

std::span<const engine::Choice<HistoryBy>> choices_of(HistoryBy) {
  static constexpr std::array<engine::Choice<HistoryBy>, 2> kChoices{{
      {HistoryBy::commits, "commits"},
      {HistoryBy::months, "months"},
  }};
  return kChoices;
}

std::span<const engine::Choice<TaskChecks>> choices_of(TaskChecks) {
  static constexpr std::array<engine::Choice<TaskChecks>, 3> kChoices{{
      {TaskChecks::off, "off"},
      {TaskChecks::warn, "warn"},
      {TaskChecks::refuse, "refuse"},
  }};
  return kChoices;
}

}  // namespace skein::app
