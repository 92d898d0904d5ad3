#include "app/needed_results.h"

#include <unordered_map>

#include "engine/result_store.h"

namespace skein::app {

Result<NeededResults> find_needed_results(store::Store& store, const std::string& oldest_run,
                                          const std::vector<Digest>& published) {
  struct Known {
    Digest declared;
    std::vector<Digest> inputs;
    std::string step;
    std::string run;
    WallTime made;
    bool needed = false;
    /// Names of runs that began in one second are in no order.
    [[nodiscard]] bool is_older_than(const Known& other) const {
      return made != other.made ? made < other.made : run < other.run;
    }
  };
  std::vector<Known> all;
  std::unordered_multimap<Digest, std::size_t> makers;  // By output: who made it.
  SKEIN_DO(store.for_each_result([&](const store::ResultRecord& record) {
    auto result = engine::decode_result(record.declared, record.key, record.payload);
    if (!result) return true;  // Of no use to this skein, nor to an older one.
    for (const auto& output : result->outputs) makers.emplace(output, all.size());
    const bool recent = result->run >= oldest_run;
    all.push_back({record.declared, std::move(result->inputs), std::move(result->step), std::move(result->run),
                   result->made, recent});
    return true;
  }));
  std::vector<Digest> open = published;
  for (const auto& one : all)
    if (one.needed) open.insert(open.end(), one.inputs.begin(), one.inputs.end());
  std::unordered_set<Digest> seen;
  while (!open.empty()) {
    const Digest digest = open.back();
    open.pop_back();
    if (!seen.insert(digest).second) continue;
    // Of the results of one step only the newest: after an edit that early cutoff stopped, the step's older results
    // made the same bytes, too, and would stay for ever.
    std::unordered_map<std::string_view, std::size_t> newest;
    const auto [from, to] = makers.equal_range(digest);
    for (auto maker = from; maker != to; ++maker) {
      const auto [best, is_new] = newest.emplace(all[maker->second].step, maker->second);
      if (!is_new && all[best->second].is_older_than(all[maker->second])) best->second = maker->second;
    }
    for (const auto& [step, index] : newest) {
      Known& one = all[index];
      if (one.needed) continue;
      one.needed = true;
      open.insert(open.end(), one.inputs.begin(), one.inputs.end());
    }
  }
  NeededResults needed;
  for (const auto& one : all)
    if (one.needed) needed.declared.insert(one.declared);
  for (const auto& one : all) ++(needed.declared.contains(one.declared) ? needed.kept : needed.dropped);
  return needed;
}

}  // namespace skein::app
