#include "text/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace skein::text {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 12> kByteUnits{{{"", 1},
                                           {"B", 1},
                                           {"KB", 1e3},
                                           {"kB", 1e3},
                                           {"MB", 1e6},
                                           {"GB", 1e9},
                                           {"TB", 1e12},
                                           {"KiB", 1024.0},
                                           {"MiB", 1048576.0},
                                           {"GiB", 1073741824.0},
                                           {"TiB", 1099511627776.0},
                                           {"kiB", 1024.0}}};
constexpr std::array<Unit, 7> kTimeUnits{
    {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"min", 60e6}, {"h", 3600e6}, {"d", 86400e6}}};

struct Split {
  double number;
  std::string_view unit;
};

/// A number and the rest without spaces between; nothing where there is no number.
Result<Split> split(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number)) return fail(Code::invalid_argument, "not a number");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return Split{number, text};
}

template <std::size_t N>
const Unit* find(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return &unit;
  return nullptr;
}

constexpr double kMost = 9.0e18;

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
  const auto parts = split(text);
  const Unit* unit = parts ? find(kByteUnits, parts->unit) : nullptr;
  if (unit == nullptr || parts->number < 0 || parts->number * unit->factor > kMost)
    return fail(Code::invalid_argument, "\"{}\" is not a size such as 200MB, 10KiB or 4096", text);
  return Bytes{std::llround(parts->number * unit->factor)};
}

Result<Micros> parse_duration(std::string_view text) {
  const auto parts = split(text);
  const Unit* unit = parts ? find(kTimeUnits, parts->unit) : nullptr;
  if (parts && parts->unit.empty() && parts->number == 0) return Micros{0};
  if (unit == nullptr || parts->number < 0 || parts->number * unit->factor > kMost)
    return fail(Code::invalid_argument, "\"{}\" is not a duration such as 30s, 5m or 250ms", text);
  return Micros{std::llround(parts->number * unit->factor)};
}

std::string format_bytes(Bytes bytes) {
  if (bytes.value < 1000) return fmt::format("{} B", bytes.value);
  double amount = static_cast<double>(bytes.value);
  for (const std::string_view unit : {"KB", "MB", "GB", "TB", "PB"}) {
    amount /= 1000;
    // 999.5 and more would print as 1000 of this unit.
    if (amount < 9.995) return fmt::format("{:.2f} {}", amount, unit);
    if (amount < 99.95) return fmt::format("{:.1f} {}", amount, unit);
    if (amount < 999.5) return fmt::format("{:.0f} {}", amount, unit);
  }
  return fmt::format("{:.0f} EB", amount / 1000);
}

std::string format_duration(Micros duration) {
  const double us = static_cast<double>(duration.count());
  if (us < 1e3) return fmt::format("{} us", duration.count());
  if (us < 999.5e3) return fmt::format("{:.0f} ms", us / 1e3);
  if (us < 59.95e6) return fmt::format("{:.{}f} s", us / 1e6, us < 9.995e6 ? 2 : 1);
  const std::int64_t seconds = std::llround(us / 1e6);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string format_count(std::int64_t count) {
  const std::string digits = fmt::format("{}", count);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string format_money(MicroDollars money) {
  constexpr std::int64_t kDollar = 1'000'000;
  const bool negative = money.value < 0;
  const std::int64_t micros = negative ? -money.value : money.value;
  std::string places = fmt::format("{:06}", micros % kDollar);
  const auto first = places.find_first_not_of('0');
  std::size_t shown = 2;
  if (micros < kDollar && first != std::string::npos)
    shown = std::min<std::size_t>(std::max<std::size_t>(first + 2, 2), 6);
  return fmt::format("{}${}.{}", negative ? "-" : "", format_count(micros / kDollar), places.substr(0, shown));
}

}  // namespace skein::text
