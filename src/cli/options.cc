#include "cli/options.h"

#include <algorithm>
#include <array>

namespace skein::cli {

std::span<const engine::Choice<Color>> choices_of(Color) {
  static constexpr std::array<engine::Choice<Color>, 3> kChoices{
      {{Color::automatic, "auto"}, {Color::always, "always"}, {Color::never, "never"}}};
  return kChoices;
}

std::string flag_of(std::string_view field) {
  std::string flag(field);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

}  // namespace skein::cli
