// What the store knows of a step: its results, the newest first, and what made them different.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/result_store.h"
#include "store/store.h"

namespace skein::app {

/// Which results somebody asks for.
struct ResultQuery {
  std::string step;        ///< A step's whole name,
  std::string path;        ///< or the file or folder that a step is about: "page src/a.py" is about "src/a.py";
  std::string key_prefix;  ///< or the beginning of a key in hexadecimal digits. Empty: not asked for.
};

/// All that fit, the newest first. A step's name wins over a path, a path over a key. Reads every record of a result.
[[nodiscard]] Result<std::vector<engine::StoredResult>> find_known_results(store::Store& store,
                                                                           const ResultQuery& query);

/// The first part in which the keys of two results of a step differ, in the order in which keys are made: agent, parts,
/// inputs, reads. Empty where there is none.
[[nodiscard]] std::string first_difference(const engine::StoredResult& before, const engine::StoredResult& after);

}  // namespace skein::app
