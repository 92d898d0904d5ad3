#include "app/known_results.h"

#include <algorithm>

#include "app/past_runs.h"

namespace skein::app {
namespace {

bool is_about(std::string_view step, std::string_view path) {
  return !path.empty() && step.size() > path.size() && step.ends_with(path) &&
         step[step.size() - path.size() - 1] == ' ';
}

std::string shown(const engine::Read& read) {
  switch (read.kind) {
    case engine::ReadKind::file:
      return read.digest.short_hex();
    case engine::ReadKind::absence:
      return "not there";
    case engine::ReadKind::listing:
      return "a folder of " + read.digest.short_hex();
  }
  return {};
}

}  // namespace

Result<std::vector<engine::StoredResult>> find_known_results(store::Store& store, const ResultQuery& query) {
  std::vector<engine::StoredResult> by_step, by_path, by_key;
  SKEIN_DO(store.for_each_result([&](const store::ResultRecord& record) {
    auto result = engine::decode_result(record.declared, record.key, record.payload);
    if (!result) return true;  // Of a newer skein, or damaged: it is made again.
    if (!query.step.empty() && result->step == query.step) {
      by_step.push_back(std::move(*result));
    } else if (is_about(result->step, query.path)) {
      by_path.push_back(std::move(*result));
    } else if (!query.key_prefix.empty() && (record.key.hex().starts_with(query.key_prefix) ||
                                             record.declared.hex().starts_with(query.key_prefix))) {
      by_key.push_back(std::move(*result));
    }
    return true;
  }));
  auto& found = !by_step.empty() ? by_step : !by_path.empty() ? by_path : by_key;
  // Packs of several processes lie side by side; names of runs are times, to the second.
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return time_of_run(a.run) > time_of_run(b.run); });
  return std::move(found);
}

std::string first_difference(const engine::StoredResult& before, const engine::StoredResult& after) {
  if (before.agent != after.agent) return fmt::format("agent: {} -> {}", before.agent, after.agent);
  if (auto part = engine::first_difference(before.parts, after.parts); !part.empty()) return part;
  for (std::size_t i = 0; i < std::min(before.inputs.size(), after.inputs.size()); ++i)
    if (before.inputs[i] != after.inputs[i])
      return fmt::format("input {}: {} -> {}", i + 1, before.inputs[i].short_hex(), after.inputs[i].short_hex());
  if (before.inputs.size() != after.inputs.size())
    return fmt::format("inputs: {} -> {} of them", before.inputs.size(), after.inputs.size());
  const auto same_place = [](const engine::Read& a) {
    return [&a](const engine::Read& b) { return a.path == b.path; };
  };
  for (const auto& read : after.reads) {
    const auto old = std::find_if(before.reads.begin(), before.reads.end(), same_place(read));
    if (old == before.reads.end()) return fmt::format("read {}: (not read) -> {}", read.path, shown(read));
    if (*old != read) return fmt::format("read {}: {} -> {}", read.path, shown(*old), shown(read));
  }
  for (const auto& read : before.reads)
    if (std::none_of(after.reads.begin(), after.reads.end(), same_place(read)))
      return fmt::format("read {}: {} -> (not read)", read.path, shown(read));
  return {};
}

}  // namespace skein::app
