// `skein agents …`.
#include <algorithm>

#include "app/agent_registry.h"
#include "app/operations.h"
#include "app/program_path.h"
#include "text/printable.h"

namespace skein::app {
namespace {

using engine::Context;

struct ShownAgent {
  std::string id;
  std::string version;
  std::string description;
  std::vector<std::string> capabilities;
  std::vector<std::string> technologies;
  std::vector<std::string> specialisations;
  std::string level;
  std::string backend;
  std::string place;
  bool installed = false;
  std::vector<std::string> command;
  std::vector<std::string> setup;
  std::vector<std::string> verify;
  std::vector<std::string> hide;
  std::vector<std::string> environment;
  bool network = false;
  std::string model;
  std::vector<std::string> providers;
  std::int64_t time_limit_s = 0;
  int tries = 1;
  bool tested = true;
  std::string source;
  std::string origin;

  template <class V>
  static void describe(V& v) {
    v.field("id", &ShownAgent::id, "Its name.");
    v.field("version", &ShownAgent::version, "Of its manifest; the first two numbers are part of every key.");
    v.field("description", &ShownAgent::description, "A sentence.");
    v.field("capabilities", &ShownAgent::capabilities, "What it can do.");
    v.field("technologies", &ShownAgent::technologies, "What it knows.");
    v.field("specialisations", &ShownAgent::specialisations, "What it is best at.");
    v.field("level", &ShownAgent::level, "How hard its tasks may be.");
    v.field("backend", &ShownAgent::backend, "How it works.");
    v.field("place", &ShownAgent::place, "\"shipped\" with skein, or the \"user\"'s or the \"workspace\"'s own.");
    v.field("installed", &ShownAgent::installed, "True if its program is there.");
    v.field("command", &ShownAgent::command, "Program and arguments.");
    v.field("setup", &ShownAgent::setup, "Commands that are run before it in its sandbox.");
    v.field("verify", &ShownAgent::verify, "Checks that its work must pass.");
    v.field("hide", &ShownAgent::hide, "Files that it does not see, as lines of .gitignore.");
    v.field("environment", &ShownAgent::environment, "Variables that it gets.");
    v.field("network", &ShownAgent::network, "True if it needs more than its own loopback.");
    v.field("model", &ShownAgent::model, "The model that it asks; may be empty.");
    v.field("providers", &ShownAgent::providers, "Who answers for models through the relay; empty: it has no relay.");
    v.field("time_limit_s", &ShownAgent::time_limit_s, "Seconds that it may take.");
    v.field("tries", &ShownAgent::tries, "How often it may try to pass its checks.");
    v.field("tested", &ShownAgent::tested, "False: written after its documentation, and never run by skein's tests.");
    v.field("source", &ShownAgent::source, "Where its command line is documented.");
    v.field("origin", &ShownAgent::origin, "The file that describes it.");
  }
};

ShownAgent shown(const Services& services, const agents::AgentManifest& agent) {
  ShownAgent one;
  one.id = agent.id;
  one.version = agent.version;
  one.description = agent.description;
  one.capabilities = agent.capabilities;
  one.technologies = agent.technologies;
  one.specialisations = agent.specialisations;
  one.level = agent.level;
  one.backend = to_string(agent.backend);
  one.place = to_string(agent.place);
  one.installed = agent.command.empty() || !program_path(services, agent.command.front()).empty();
  one.command = agent.command;
  one.setup = agent.setup;
  one.verify = agent.verify;
  one.hide = agent.hide;
  // A value that stands in the manifest may be a secret.
  for (const std::string& variable : agent.environment)
    one.environment.push_back(variable.substr(0, variable.find('=')));
  one.network = agent.network;
  one.model = agent.model;
  one.providers = agent.providers;
  one.time_limit_s = std::chrono::duration_cast<std::chrono::seconds>(agent.time_limit).count();
  one.tries = agent.tries;
  one.tested = agent.tested;
  one.source = agent.source;
  one.origin = agent.origin;
  return one;
}

struct NoInput {
  template <class V>
  static void describe(V&) {}
};

struct AgentsListOutput {
  std::vector<ShownAgent> agents;

  template <class V>
  static void describe(V& v) {
    v.field("agents", &AgentsListOutput::agents, "By id.");
  }
};

std::string render_list(const AgentsListOutput& output, const engine::Style&) {
  std::string text;
  std::size_t own = 0;
  for (const ShownAgent& agent : output.agents) {
    if (agent.place != "shipped") ++own;
    text += fmt::format("{:<20} {:<9} {:<13} {}\n", agent.id, agent.place,
                        agent.installed ? "installed" : "not installed", text::printable(agent.description));
  }
  if (own == 0)
    text += "No agents of your own yet: write one to .skein/agents, and say `skein trust` (docs/agents.md).\n";
  return text;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(separator)) + text::printable(word);
  return text;
}

std::string render_one(const ShownAgent& agent, const engine::Style&) {
  std::string text = fmt::format("{} {}\n{}\n\n", agent.id, agent.version, text::printable(agent.description));
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:<16} {}\n", name, value);
  };
  line("from", fmt::format("{} ({})", text::printable(agent.origin), agent.place));
  line("program", agent.installed ? "installed" : "not installed");
  line("command", joined(agent.command, " "));
  line("set up by", joined(agent.setup, "; "));
  line("checks", joined(agent.verify, "; "));
  line("hidden files", joined(agent.hide, " "));
  line("variables", joined(agent.environment, " "));
  line("network", agent.network ? "yes, in burst mode" : "none but its own loopback");
  line("model", text::printable(agent.model));
  line("relay", joined(agent.providers, ", "));
  line("time limit", fmt::format("{} s", agent.time_limit_s));
  line("capabilities", joined(agent.capabilities, ", "));
  line("technologies", joined(agent.technologies, ", "));
  line("best at", joined(agent.specialisations, ", "));
  line("level", text::printable(agent.level));
  line("documented at", text::printable(agent.source));
  if (!agent.tested) text += "Written after its documentation, and not run by skein's tests.\n";
  return text;
}

struct AgentsShowInput {
  std::string id;

  template <class V>
  static void describe(V& v) {
    v.field("id", &AgentsShowInput::id, "The agent.", {.required = true, .positional = true, .value_name = "ID"});
  }
};

struct BadAgent {
  std::string file;
  std::string problem;

  template <class V>
  static void describe(V& v) {
    v.field("file", &BadAgent::file, "The manifest.");
    v.field("problem", &BadAgent::problem, "What is wrong with it, and where.");
  }
};

struct AgentsCheckOutput {
  std::int64_t good = 0;
  std::vector<BadAgent> bad;

  template <class V>
  static void describe(V& v) {
    v.field("good", &AgentsCheckOutput::good, "Manifests that can be used.");
    v.field("bad", &AgentsCheckOutput::bad, "Those that cannot.");
  }
  [[nodiscard]] bool succeeded() const { return bad.empty(); }
};

std::string render_check(const AgentsCheckOutput& output, const engine::Style&) {
  std::string text;
  for (const BadAgent& one : output.bad) text += text::printable(one.problem) + "\n";
  return text + fmt::format("{} good, {} bad\n", output.good, output.bad.size());
}

Result<AgentsListOutput> list(const Services& services, const Context& context) {
  SKEIN_TRY(const agents::Registry registry, load_agents(services, context));
  AgentsListOutput output;
  for (const auto& agent : registry.all()) output.agents.push_back(shown(services, agent));
  if (context.note && !registry.bad().empty())
    context.note(fmt::format("{} manifests cannot be used: `skein agents check` says why", registry.bad().size()));
  return output;
}

/// Also of agents that are not trusted yet: only read, never run.
Result<AgentsCheckOutput> check(const Services& services, const Context& context) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const agents::Registry registry,
            agents::Registry::load(
                services.files, {join_path(folders.config, "agents"), join_path(context.workspace, ".skein/agents")}));
  AgentsCheckOutput output;
  output.good = static_cast<std::int64_t>(std::ranges::count_if(
      registry.all(), [](const auto& agent) { return agent.place != agents::AgentPlace::shipped; }));
  for (const auto& bad : registry.bad()) output.bad.push_back({bad.path, bad.error.to_string()});
  return output;
}

}  // namespace

void register_agents(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<NoInput, AgentsListOutput>(
      {.name = "agents list",
       .summary = "List the agents that can do tasks",
       .description =
           "Those that ship with skein for known tools, those of your configuration and, once you trust them, "
           "of the workspace's .skein/agents; whose each is, and whether its program is installed. A manifest "
           "of your own with the same id takes the place of a shipped one.",
       .examples = {{"skein agents list", "all of them"}}},
      [&services](const Context& context, const NoInput&) { return list(services, context); }, render_list));
  table.add(engine::Operation::make<AgentsShowInput, ShownAgent>(
      {.name = "agents show",
       .summary = "Show an agent: its command, limits and checks",
       .description = "All that its manifest says.",
       .examples = {{"skein agents show mine", "one agent"}}},
      [&services](const Context& context, const AgentsShowInput& input) -> Result<ShownAgent> {
        SKEIN_TRY(const agents::Registry registry, load_agents(services, context));
        SKEIN_TRY(const auto agent, registry.find(input.id));
        return shown(services, agent);
      },
      render_one));
  table.add(engine::Operation::make<NoInput, AgentsCheckOutput>(
      {.name = "agents check",
       .summary = "Check the manifests of all agents",
       .description = "Reads them, also those that you do not trust yet, and names what is wrong and where. Runs "
                      "nothing. Exit code 1 where one cannot be used.",
       .examples = {{"skein agents check", "after writing one"}}},
      [&services](const Context& context, const NoInput&) { return check(services, context); }, render_check));
}

}  // namespace skein::app
