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

}  // namespace skein::app
