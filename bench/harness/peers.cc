#include "bench/harness/peers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "bench/harness/bench.h"

namespace skein::bench {

namespace fs = std::filesystem;

std::vector<Rule> fan_of(int width) {
  std::vector<Rule> rules;
  Rule join{"all_out", {}};
  for (int i = 0; i < width; ++i) {
    rules.push_back({fmt::format("out_{}", i), {fmt::format("in_{}", i)}});
    join.inputs.push_back(rules.back().output);
  }
  rules.push_back(std::move(join));
  return rules;
}

std::vector<Rule> layers_of(int layers, int width) {
  std::vector<Rule> rules;
  for (int layer = 0; layer < layers; ++layer) {
    for (int i = 0; i < width; ++i) {
      const int other = (i + 1) % width;
      const auto below = [&](int at) {
        return layer == 0 ? fmt::format("in_{}", at) : fmt::format("out_{}_{}", layer - 1, at);
      };
      rules.push_back({fmt::format("out_{}_{}", layer, i), {below(i), below(other)}});
    }
  }
  return rules;
}

namespace {

// Outputs that no rule takes: what is asked for.
std::vector<std::string> goals_of(const std::vector<Rule>& rules) {
  std::set<std::string> taken;
  for (const auto& rule : rules) taken.insert(rule.inputs.begin(), rule.inputs.end());
  std::vector<std::string> goals;
  for (const auto& rule : rules)
    if (!taken.contains(rule.output)) goals.push_back(rule.output);
  return goals;
}

bool write_project(const std::string& folder, const std::vector<Rule>& rules) {
  std::error_code error;
  fs::create_directories(folder, error);
  const auto goals = fmt::format("{}", fmt::join(goals_of(rules), " "));
  std::set<std::string> outputs;
  std::ofstream make(folder + "/Makefile");
  std::ofstream ninja(folder + "/build.ninja");
  make << "all: " << goals << "\n";
  ninja << "rule touch\n  command = touch $out\n";
  for (const auto& rule : rules) {
    const auto inputs = fmt::format("{}", fmt::join(rule.inputs, " "));
    make << rule.output << ": " << inputs << "\n\ttouch $@\n";
    ninja << "build " << rule.output << ": touch " << inputs << "\n";
    outputs.insert(rule.output);
  }
  ninja << "default " << goals << "\n";
  for (const auto& rule : rules)
    for (const auto& input : rule.inputs)
      if (!outputs.contains(input) && !fs::exists(folder + "/" + input, error))
        std::ofstream(folder + "/" + input) << "x";
  return make.good() && ninja.good();
}

std::string first_line(const std::optional<std::string>& text) {
  return text ? text->substr(0, text->find('\n')) : std::string{};
}

}  // namespace

std::vector<Peer> noop_peers(const std::string& name, const std::vector<Rule>& rules, int runs) {
  const std::string folder = trees_folder() + "/" + name;
  std::error_code error;
  // ninja trusts its own log only, so the files are made by ninja; make then sees them newer than their inputs.
  if (!fs::exists(folder + "/.built", error)) {
    if (!write_project(folder, rules) || process_ms({"ninja"}, folder) < 0) return {};
    std::ofstream(folder + "/.built") << "\n";
  }
  const auto turns = take_turns(runs, {"make", "-r"}, {"ninja"}, folder);
  if (turns.first_ms.empty()) return {};
  return {{median(turns.first_ms), first_line(output_of({"make", "--version"}))},
          {median(turns.second_ms), "ninja " + first_line(output_of({"ninja", "--version"}))}};
}

std::optional<Peer> langgraph_chain(int nodes) {
  const char* source = std::getenv("SKEIN_BENCH_SOURCE");
  const std::string script = std::string(source != nullptr ? source : ".") + "/bench/peers/langgraph/null_nodes.mjs";
  const auto output = output_of({"node", script, std::to_string(nodes), "1"});
  if (!output) return std::nullopt;
  Peer peer;
  std::string version;
  std::istringstream(*output) >> peer.ms >> version;
  peer.who = "LangGraph " + version + ", MemorySaver";
  return peer.ms > 0 ? std::optional(peer) : std::nullopt;
}

}  // namespace skein::bench
