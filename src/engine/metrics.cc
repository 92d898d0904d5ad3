#include "engine/metrics.h"

#include <fmt/format.h>

namespace skein::engine {

std::string MemoryMetrics::series_name(std::string_view name, std::initializer_list<Label> labels) {
  std::string series(name);
  if (labels.size() == 0) return series;
  char separator = '{';
  for (const auto& [key, value] : labels) {
    series += fmt::format("{}{}=\"{}\"", separator, key, value);
    separator = ',';
  }
  return series + "}";
}

void MemoryMetrics::count(std::string_view name, std::initializer_list<Label> labels, double by) {
  const std::scoped_lock lock(mutex_);
  series_[series_name(name, labels)].value += by;
}

void MemoryMetrics::gauge(std::string_view name, std::initializer_list<Label> labels, double value) {
  const std::scoped_lock lock(mutex_);
  series_[series_name(name, labels)].value = value;
}

void MemoryMetrics::observe(std::string_view name, std::initializer_list<Label> labels, double value) {
  const std::scoped_lock lock(mutex_);
  auto& series = series_[series_name(name, labels)];
  series.value += value;
  ++series.observations;
}

double MemoryMetrics::value(std::string_view series) const {
  const std::scoped_lock lock(mutex_);
  const auto found = series_.find(series);
  return found == series_.end() ? 0 : found->second.value;
}

std::uint64_t MemoryMetrics::observations(std::string_view series) const {
  const std::scoped_lock lock(mutex_);
  const auto found = series_.find(series);
  return found == series_.end() ? 0 : found->second.observations;
}

}  // namespace skein::engine
