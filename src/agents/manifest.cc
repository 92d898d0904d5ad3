#include "agents/manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/platform/machine.h"
#include "text/nearest.h"
#include "text/toml.h"

namespace skein::agents {
namespace {

const std::array<std::string, 25> kKeys{
    "id",      "version",     "description", "capabilities", "technologies", "specialisations", "level",
    "backend", "command",     "prompt",      "environment",  "hide",         "setup",           "verify",
    "tries",   "permissions", "limits",      "output",       "session",      "tested",          "source",
    "model",   "relay",       "chat",        "stronger"};
const std::array<std::string, 11> kOutput{
    "format",           "said",     "error", "done", "login", "input_tokens", "cached_tokens", "output_tokens",
    "reasoning_tokens", "cost_usd", "sum"};
const std::array<std::string, 1> kRelay{"providers"};
const std::array<std::string, 5> kChat{"turns", "output_tokens", "silence_s", "files", "answer"};
const std::array<std::string, 2> kPermissions{"network", "untrusted"};
const std::array<std::string, 4> kSession{"allow", "ask", "protocol", "provider"};
const std::array<std::string, 6> kLimits{"time_s", "cpu_s", "memory_mb", "processes", "disk_mb", "least_free_mb"};
constexpr std::int64_t kMegabyte = 1'000'000;

}  // namespace

ProcessLimits usual_limits() {
  ProcessLimits limits;
  limits.memory = {physical_memory().value / 4 * 3};
  limits.processes = 1'000;
  limits.disk = {10'000 * kMegabyte};
  limits.least_free = {1'074 * kMegabyte};  // 1 GiB.
  return limits;
}

bool is_agent_id(std::string_view id) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !id.empty() && id.size() <= 128 && is_plain(id.front()) &&
         std::ranges::all_of(id, [&](char c) { return is_plain(c) || c == '.' || c == '_' || c == '-'; });
}

namespace {

/// MAJOR.MINOR.PATCH, and what semantic versions may have behind it.
bool is_version(std::string_view version) {
  for (int part = 0; part < 3; ++part) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), number);
    if (error != std::errc() || (version.front() == '0' && end - version.data() > 1)) return false;
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (part < 2) {
      if (!version.starts_with('.')) return false;
      version.remove_prefix(1);
    }
  }
  return version.empty() || version.front() == '-' || version.front() == '+';
}

/// Takes typed values out of a table and keeps the first thing that is wrong.
class Reader {
 public:
  explicit Reader(const std::string& origin) : origin_(origin) {}

  void only(const toml::table& table, std::span<const std::string> known, std::string_view where) {
    for (const auto& [key, value] : table)
      if (std::ranges::find(known, key.str()) == known.end())
        wrong(value, fmt::format("unknown key \"{}{}\"{}", where, key.str(), text::did_you_mean(key.str(), known)));
  }
  void take(const toml::table& table, const char* key, std::string& into) {
    if (const toml::node* node = table.get(key)) {
      if (const auto* text = node->as_string())
        into = text->get();
      else
        wrong(*node, fmt::format("\"{}\" is a text", key));
    }
  }
  void take(const toml::table& table, const char* key, bool& into) {
    if (const toml::node* node = table.get(key)) {
      if (const auto* truth = node->as_boolean())
        into = truth->get();
      else
        wrong(*node, fmt::format("\"{}\" is true or false", key));
    }
  }
  void take(const toml::table& table, const char* key, std::int64_t least, std::int64_t& into) {
    if (const toml::node* node = table.get(key)) {
      const auto* number = node->as_integer();
      if (number == nullptr || number->get() < least || number->get() > 1'000'000'000)
        return wrong(*node, fmt::format("\"{}\" is a whole number of at least {}", key, least));
      into = number->get();
    }
  }
  void take(const toml::table& table, const char* key, std::vector<std::string>& into) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const auto* list = node->as_array();
    if (list == nullptr) return wrong(*node, fmt::format("\"{}\" is a list of texts", key));
    for (const toml::node& item : *list) {
      const auto* text = item.as_string();
      if (text == nullptr) return wrong(item, fmt::format("\"{}\" is a list of texts", key));
      if (text->get().find('\0') != std::string::npos) return wrong(item, fmt::format("\"{}\" holds a zero byte", key));
      into.push_back(text->get());
    }
  }
  void wrong(const toml::node& node, const std::string& what) {
    if (error_.empty()) error_ = fmt::format("{}:{}: {}", origin_, node.source().begin.line, what);
  }
  void wrong(const std::string& what) {
    if (error_.empty()) error_ = fmt::format("{}: {}", origin_, what);
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  const std::string& origin_;
  std::string error_;
};

void read_limits(Reader& reader, const toml::table& table, AgentManifest& agent) {
  ProcessLimits& limits = agent.limits;
  const auto take = [&](const char* key, std::int64_t least, Bytes& into) {
    std::int64_t megabytes = 0;
    reader.take(table, key, least, megabytes);
    if (table.contains(key)) into = {megabytes * kMegabyte};
  };
  std::int64_t time = agent.time_limit.count() / 1000, cpu = 0;
  reader.take(table, "time_s", 1, time);
  reader.take(table, "cpu_s", 1, cpu);
  reader.take(table, "processes", 1, limits.processes);
  take("memory_mb", 1, limits.memory);
  take("disk_mb", 1, limits.disk);
  take("least_free_mb", 0, limits.least_free);
  agent.time_limit = std::chrono::seconds(time);
  limits.cpu = std::chrono::seconds(cpu);
}

void read_output(Reader& reader, const toml::table& table, OutputSpec& output) {
  reader.only(table, kOutput, "output.");
  std::string format = "text";
  reader.take(table, "format", format);
  bool known = false;
  for (const auto& choice : choices_of(output.format)) {
    if (choice.name != format) continue;
    output.format = choice.value;
    known = true;
  }
  if (!known) reader.wrong("\"output.format\" is \"text\", \"json\" or \"json_lines\"");
  reader.take(table, "said", output.said);
  reader.take(table, "error", output.error);
  reader.take(table, "done", output.done);
  reader.take(table, "login", output.login);
  reader.take(table, "input_tokens", output.input_tokens);
  reader.take(table, "cached_tokens", output.cached_tokens);
  reader.take(table, "output_tokens", output.output_tokens);
  reader.take(table, "reasoning_tokens", output.reasoning_tokens);
  reader.take(table, "cost_usd", output.cost_usd);
  reader.take(table, "sum", output.sum);
  if (const auto checked = check(output); !checked) reader.wrong("[output]: " + checked.error().message());
}

void read_chat(Reader& reader, const toml::table& table, ChatSettings& chat) {
  std::int64_t turns = chat.turns, silence = chat.silence.count() / 1000;
  reader.only(table, kChat, "chat.");
  reader.take(table, "turns", 1, turns);
  reader.take(table, "output_tokens", 16, chat.output.value);
  reader.take(table, "silence_s", 1, silence);
  reader.take(table, "files", chat.files);
  reader.take(table, "answer", chat.answer);
  chat.turns = static_cast<int>(std::min<std::int64_t>(turns, 10'000));
  chat.silence = std::chrono::seconds(silence);
}

/// What stands in braces must be known, so that a slip is not handed to a program.
void check_places(Reader& reader, const AgentManifest& agent) {
  const auto holds = [&](std::string_view place) {
    const auto has = [&](const std::string& word) { return word.find(place) != std::string::npos; };
    return std::ranges::any_of(agent.command, has) || std::ranges::any_of(agent.environment, has);
  };
  if (holds("{relay_") && agent.providers.empty())
    reader.wrong("\"{relay_…}\" stands for a part of the relay: name who answers, [relay] providers = [\"openai\"]");
  if (holds("{session_password}") && agent.protocol != SessionProtocol::opencode)
    reader.wrong("\"{session_password}\" is of session.protocol = \"opencode\"");
  if (holds("{model}") && agent.model.empty()) reader.wrong("\"{model}\" stands for \"model\", which is not there");
}

void read_backend(Reader& reader, const toml::table& table, const std::string& name, AgentManifest& agent) {
  const toml::node* chat = table.get("chat");
  if (name == "chat") {
    agent.backend = Backend::chat;
    if (!agent.command.empty()) reader.wrong(*table.get("command"), "a model has no \"command\"");
    if (const toml::node* prompt = table.get("prompt")) reader.wrong(*prompt, "a model has no \"prompt\"");
    if (agent.model.empty()) reader.wrong("\"model\" is needed: its provider's name of it");
    if (agent.providers.empty()) reader.wrong("[relay] providers = [\"openai\"] is needed: who answers for the model");
    if (chat != nullptr && !chat->is_table()) return reader.wrong(*chat, "\"chat\" is a table");
    if (chat != nullptr) read_chat(reader, *chat->as_table(), agent.chat);
    return;
  }
  if (name == "session")
    agent.backend = Backend::session;
  else if (name != "process")
    reader.wrong("\"backend\" is needed: \"process\", \"session\" or \"chat\"");
  if (chat != nullptr) reader.wrong(*chat, "\"chat\" belongs to backend = \"chat\"");
  if (agent.command.empty() || agent.command.front().empty())
    reader.wrong("\"command\" is needed: [\"program\", \"argument\", …]");
}

void read(Reader& reader, const toml::table& table, AgentManifest& agent) {
  reader.only(table, kKeys, "");
  reader.take(table, "id", agent.id);
  reader.take(table, "version", agent.version);
  reader.take(table, "description", agent.description);
  reader.take(table, "capabilities", agent.capabilities);
  reader.take(table, "technologies", agent.technologies);
  reader.take(table, "specialisations", agent.specialisations);
  reader.take(table, "level", agent.level);
  reader.take(table, "command", agent.command);
  reader.take(table, "environment", agent.environment);
  reader.take(table, "hide", agent.hide);
  reader.take(table, "setup", agent.setup);
  reader.take(table, "verify", agent.verify);
  reader.take(table, "tested", agent.tested);
  reader.take(table, "source", agent.source);
  std::int64_t tries = agent.tries;
  reader.take(table, "tries", 1, tries);
  agent.tries = static_cast<int>(std::min<std::int64_t>(tries, 20));
  reader.take(table, "stronger", agent.stronger);
  if (!agent.stronger.empty() && (!is_agent_id(agent.stronger) || agent.stronger == agent.id))
    reader.wrong(*table.get("stronger"), "\"stronger\" is the id of another agent");
  reader.take(table, "model", agent.model);
  if (const toml::node* node = table.get("relay")) {
    if (const auto* relay = node->as_table()) {
      reader.only(*relay, kRelay, "relay.");
      reader.take(*relay, "providers", agent.providers);
      if (agent.providers.empty()) reader.wrong(*node, "\"relay.providers\" is needed: [\"openai\"]");
    } else {
      reader.wrong(*node, "\"relay\" is a table");
    }
  }
  std::string backend, prompt = "input";
  reader.take(table, "backend", backend);
  reader.take(table, "prompt", prompt);
  if (!is_agent_id(agent.id)) reader.wrong("\"id\" is needed: letters, digits, \".\", \"_\" and \"-\", at most 128");
  if (!is_version(agent.version)) reader.wrong("\"version\" is needed, as MAJOR.MINOR.PATCH: \"1.0.0\"");
  if (agent.description.empty()) reader.wrong("\"description\" is needed: a sentence");
  read_backend(reader, table, backend, agent);
  if (prompt == "argument")
    agent.prompt = PromptBy::argument;
  else if (prompt == "file")
    agent.prompt = PromptBy::file;
  else if (prompt != "input")
    reader.wrong("\"prompt\" is \"input\", \"argument\" or \"file\"");
  const bool names_file = std::ranges::any_of(
      agent.command, [](const std::string& word) { return word.find("{prompt_file}") != std::string::npos; });
  if (names_file != (agent.prompt == PromptBy::file))
    reader.wrong("prompt = \"file\" and \"{prompt_file}\" in \"command\" belong together");
  if (const toml::node* node = table.get("permissions")) {
    if (const auto* permissions = node->as_table()) {
      reader.only(*permissions, kPermissions, "permissions.");
      reader.take(*permissions, "network", agent.network);
      reader.take(*permissions, "untrusted", agent.untrusted);
    } else {
      reader.wrong(*node, "\"permissions\" is a table");
    }
  }
  if (agent.backend == Backend::session)
    for (const char* other : {"output", "prompt"})
      if (const toml::node* node = table.get(other))
        reader.wrong(*node,
                     fmt::format("\"{}\" is of backend = \"process\"; a session says these things itself", other));
  if (const toml::node* node = table.get("session")) {
    const auto* session = node->as_table();
    if (session == nullptr || agent.backend != Backend::session) {
      reader.wrong(*node, "\"session\" is a table of backend = \"session\"");
    } else {
      reader.only(*session, kSession, "session.");
      if (session->contains("allow")) agent.allow.clear();
      reader.take(*session, "allow", agent.allow);
      reader.take(*session, "ask", agent.ask);
      reader.take(*session, "provider", agent.session_provider);
      std::string protocol = "acp";
      reader.take(*session, "protocol", protocol);
      if (protocol == "opencode")
        agent.protocol = SessionProtocol::opencode;
      else if (protocol != "acp")
        reader.wrong("\"session.protocol\" is \"acp\" or \"opencode\"");
    }
  }
  if (agent.protocol == SessionProtocol::opencode && agent.providers.empty() && !agent.network)
    reader.wrong("a server is reached beside its relay: [relay] providers = [\"openai\"], or permissions.network");
  check_places(reader, agent);
  if (const toml::node* node = table.get("output")) {
    if (const auto* output = node->as_table())
      read_output(reader, *output, agent.output);
    else
      reader.wrong(*node, "\"output\" is a table");
  }
  agent.limits = usual_limits();
  if (const toml::node* node = table.get("limits")) {
    if (const auto* limits = node->as_table()) {
      reader.only(*limits, kLimits, "limits.");
      read_limits(reader, *limits, agent);
    } else {
      reader.wrong(*node, "\"limits\" is a table");
    }
  }
}

}  // namespace

std::string_view to_string(Backend backend) {
  switch (backend) {
    case Backend::process:
      return "process";
    case Backend::session:
      return "session";
    case Backend::chat:
      return "chat";
  }
  return "unknown";
}

std::string_view to_string(AgentPlace place) {
  switch (place) {
    case AgentPlace::shipped:
      return "shipped";
    case AgentPlace::user:
      return "user";
    case AgentPlace::workspace:
      return "workspace";
  }
  return "unknown";
}

std::string AgentManifest::result_version() const {
  const auto first = version.find('.');
  return version.substr(0, version.find('.', first + 1));
}

std::vector<std::string> default_hidden_files() { return {".env", ".env.*", "!.env.example"}; }

Result<AgentManifest> parse_manifest(std::string_view text, std::string origin) {
  AgentManifest agent;
  agent.hide = default_hidden_files();
  const auto document = text::parse_toml(text);
  if (!document)
    return fail(Code::invalid_argument, "{}:{}: this is not TOML: {}", origin, document.error().line,
                document.error().reason);
  if (document->contains("hide")) agent.hide.clear();
  agent.origin = std::move(origin);
  agent.digest = sha256(text);
  Reader reader(agent.origin);
  read(reader, *document, agent);
  if (!reader.error().empty())
    return std::unexpected(
        Error(Code::invalid_argument, reader.error()).or_do("docs/agents.md shows every key of a manifest"));
  return agent;
}

}  // namespace skein::agents
