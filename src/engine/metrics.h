// Counters, gauges and histograms, behind an interface: whoever serves metrics implements it.
#pragma once

#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::engine {

using Label = std::pair<std::string_view, std::string_view>;

/// Names are Prometheus-like: "skein_steps_total". Thread-safe.
class MetricsSink {
 public:
  virtual ~MetricsSink() = default;
  virtual void count(std::string_view name, std::initializer_list<Label> labels, double by) = 0;
  virtual void gauge(std::string_view name, std::initializer_list<Label> labels, double value) = 0;
  virtual void observe(std::string_view name, std::initializer_list<Label> labels, double value) = 0;
};

/// Keeps the values in memory.
class MemoryMetrics final : public MetricsSink {
 public:
  void count(std::string_view name, std::initializer_list<Label> labels, double by) override;
  void gauge(std::string_view name, std::initializer_list<Label> labels, double value) override;
  void observe(std::string_view name, std::initializer_list<Label> labels, double value) override;

  /// The value of a counter or gauge, or the sum of a histogram; 0 where there is none. `series` is written as
  /// `name{label="value"}`.
  [[nodiscard]] double value(std::string_view series) const;
  /// How many values a histogram got.
  [[nodiscard]] std::uint64_t observations(std::string_view series) const;

 private:
  struct Series {
    double value = 0;
    std::uint64_t observations = 0;
  };
  static std::string series_name(std::string_view name, std::initializer_list<Label> labels);
  mutable std::mutex mutex_;  // Guards series_.
  std::map<std::string, Series, std::less<>> series_;
};

}  // namespace skein::engine
