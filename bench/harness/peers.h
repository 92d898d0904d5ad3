// Other programs on the same work, for the figures that name them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/harness/processes.h"

namespace skein::bench {

/// A figure of somebody else's.
struct Peer {
  double ms = 0;
  std::string who;  ///< With the version.
};

/// One node of a build graph: a file made of others.
struct Rule {
  std::string output;
  std::vector<std::string> inputs;  ///< Outputs of other rules, or files that are just there ("in_17").
};

/// `width` outputs of one input file each, and one output of them all.
[[nodiscard]] std::vector<Rule> fan_of(int width);
/// `layers` of `width` outputs, each made of two of the layer before; the first of two input files.
[[nodiscard]] std::vector<Rule> layers_of(int layers, int width);

/// GNU make and ninja on the rules with nothing to do, each in its own process, `runs` times; the median. The folder
/// trees_folder()/`name` holds the files, built once.
[[nodiscard]] std::vector<Peer> noop_peers(const std::string& name, const std::vector<Rule>& rules, int runs);

/// LangGraph on a chain of `nodes` that do nothing, with its in-memory checkpointer; none where its packages are not
/// installed (scripts/bench.sh does that).
[[nodiscard]] std::optional<Peer> langgraph_chain(int nodes);

}  // namespace skein::bench
