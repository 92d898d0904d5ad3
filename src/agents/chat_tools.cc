#include "agents/chat_tools.h"

#include <algorithm>

#include "agents/json_fit.h"
#include "summary/render.h"
#include "summary/summarizer.h"

namespace skein::agents {
namespace {

using engine::Json;

constexpr std::size_t kMostKept = 4'000'000;  // Of what a program prints.
constexpr std::size_t kMostTold = 40'000;     // Of a file's or a search's text, in one answer.
constexpr Bytes kToldOfACommand{8'000};
constexpr std::int64_t kUsualLines = 1'000;

Json schema(std::initializer_list<std::pair<const char*, Json>> properties,
            std::initializer_list<const char*> required) {
  Json made{{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
  for (const auto& [name, property] : properties) made["properties"][name] = property;
  for (const char* name : required) made["required"].push_back(name);
  made["additionalProperties"] = false;
  return made;
}

Json text_field(const char* what) { return {{"type", "string"}, {"description", what}}; }
Json number_field(const char* what) { return {{"type", "integer"}, {"description", what}}; }

std::string text_of(const Json& arguments, const char* name) { return arguments.value(name, std::string()); }

/// Whole lines, at most `kMostTold` bytes, and what was left out.
std::string told(const std::string& text) {
  if (text.size() <= kMostTold) return text;
  auto end = text.rfind('\n', kMostTold);
  if (end == std::string::npos) end = kMostTold;
  return text.substr(0, end) + fmt::format("\n[{} more bytes are not shown]", text.size() - end);
}

/// A path that a program takes for one, whatever it begins with.
std::string as_path(const std::string& path) { return path.starts_with('/') ? path : "./" + path; }

std::int64_t occurrences(const std::string& text, const std::string& part) {
  std::int64_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

}  // namespace

const std::vector<ToolSpec>& ChatTools::specs() {
  static const std::vector<ToolSpec> kSpecs{
      {"read", "Read a text file. Gives its lines, with their numbers in front.",
       schema({{"path", text_field("The file.")},
               {"first_line", number_field("From this line on; 1 where it is left out.")},
               {"lines", number_field("At most so many; 1000 where it is left out.")}},
              {"path"})},
      {"write", "Write a file: a new one, or the whole of one that is there. Folders are made.",
       schema({{"path", text_field("The file.")}, {"content", text_field("All of its text.")}}, {"path", "content"})},
      {"edit", "Replace a text in a file by another. The old text must stand in the file exactly once.",
       schema({{"path", text_field("The file.")},
               {"old", text_field("What is there, with enough around it to be the only one.")},
               {"new", text_field("What is to be there.")}},
              {"path", "old", "new"})},
      {"search", "Find lines by an extended regular expression (grep -E). Gives path:line:text.",
       schema({{"pattern", text_field("The expression.")},
               {"path", text_field("A file or folder; all files where it is left out.")}},
              {"pattern"})},
      {"run", "Run a command with sh in the repository's root. Gives its exit code and a summary of what it printed.",
       schema({{"command", text_field("The command line.")}}, {"command"})}};
  return kSpecs;
}

Result<ToolAnswer> ChatTools::call(const ToolCall& call, std::stop_token stop) {
  const auto failed = [&](std::string why) { return ToolAnswer{call.id, std::move(why), true}; };
  const auto tool = std::ranges::find(specs(), call.name, &ToolSpec::name);
  if (tool == specs().end()) return failed(fmt::format("there is no tool \"{}\"", call.name));
  const Json arguments = call.arguments.empty() ? Json::object() : Json::parse(call.arguments, nullptr, false);
  if (arguments.is_discarded()) return failed("the arguments are no JSON");
  if (const auto wrong = misfit(tool->parameters, arguments); !wrong.empty()) return failed("the arguments: " + wrong);
  const auto done = [&]() -> Result<std::string> {
    if (call.name == "read") return do_read(arguments, stop);
    if (call.name == "write") return do_write(arguments, stop);
    if (call.name == "edit") return do_edit(arguments, stop);
    if (call.name == "search") return do_search(arguments, stop);
    return do_run(arguments, stop);
  }();
  if (done) return ToolAnswer{call.id, *done, false};
  const Code code = done.error().code();
  if (code == Code::not_found || code == Code::failed_check || code == Code::invalid_argument)
    return failed(done.error().message());
  return std::unexpected(done.error());
}

Result<ChatTools::Ran> ChatTools::run(std::vector<std::string> argv, std::string input, std::stop_token stop) {
  Ran ran;
  Command command;
  command.argv = std::move(argv);
  command.input = std::move(input);
  command.environment = environment_;
  command.time_limit = time_limit_;
  command.on_output = [&](bool, std::string_view bytes) {
    ran.out += bytes.substr(0, kMostKept - std::min(kMostKept, ran.out.size()));
  };
  SKEIN_TRY(ran.outcome, sandbox_.run(std::move(command), std::move(stop)));
  usage_.user += ran.outcome.user;
  usage_.system += ran.outcome.system;
  usage_.peak_memory = std::max(usage_.peak_memory, ran.outcome.peak_memory);
  if (!ran.outcome.limit.empty())
    return std::unexpected(
        Error(Code::resource_exhausted, fmt::format("a command took more {} than it may", ran.outcome.limit))
            .or_do("the agent's manifest has the limits: [limits]"));
  return ran;
}

Result<std::string> ChatTools::read(const std::string& path, std::stop_token stop) {
  SKEIN_TRY(Ran ran, run({"cat", "--", as_path(path)}, {}, std::move(stop)));
  if (ran.outcome.exit_code != 0) return fail(Code::not_found, "{}", ran.out);
  return std::move(ran.out);
}

Result<std::string> ChatTools::do_read(const Json& arguments, std::stop_token stop) {
  SKEIN_TRY(const std::string text, read(text_of(arguments, "path"), std::move(stop)));
  if (text.find('\0') != std::string::npos) return fail(Code::failed_check, "this is no text file");
  const std::int64_t first = std::max<std::int64_t>(1, arguments.value("first_line", std::int64_t{1}));
  const std::int64_t most = std::max<std::int64_t>(1, arguments.value("lines", kUsualLines));
  std::string shown;
  std::int64_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (++number < first) continue;
    if (number - first >= most) {
      shown += "[there are more lines]\n";
      break;
    }
    shown += fmt::format("{}\t{}\n", number, line);
  }
  return told(shown);
}

Status ChatTools::write(const std::string& path, std::string text, std::stop_token stop) {
  SKEIN_TRY(const Ran ran,
            run({"sh", "-c", "mkdir -p -- \"$(dirname -- \"$1\")\" && cat > \"$1\"", "sh", as_path(path)},
                std::move(text), std::move(stop)));
  if (ran.outcome.exit_code != 0) return fail(Code::failed_check, "{}", ran.out);
  return {};
}

Result<std::string> ChatTools::do_write(const Json& arguments, std::stop_token stop) {
  const std::string path = text_of(arguments, "path");
  SKEIN_DO(write(path, text_of(arguments, "content"), std::move(stop)));
  return "wrote " + path;
}

Result<std::string> ChatTools::do_edit(const Json& arguments, std::stop_token stop) {
  const std::string path = text_of(arguments, "path"), old = text_of(arguments, "old");
  if (old.empty()) return fail(Code::invalid_argument, "\"old\" is empty");
  SKEIN_TRY(std::string text, read(path, stop));
  const std::int64_t count = occurrences(text, old);
  if (count != 1)
    return fail(Code::failed_check, "\"old\" stands {} times in {}; it must stand there once", count, path);
  text.replace(text.find(old), old.size(), text_of(arguments, "new"));
  SKEIN_DO(write(path, std::move(text), std::move(stop)));
  return "edited " + path;
}

Result<std::string> ChatTools::do_search(const Json& arguments, std::stop_token stop) {
  const std::string path = text_of(arguments, "path");
  SKEIN_TRY(const Ran ran, run({"grep", "-rnIE", "--exclude-dir=.git", "-e", text_of(arguments, "pattern"), "--",
                                path.empty() ? "." : as_path(path)},
                               {}, std::move(stop)));
  if (ran.outcome.exit_code == 1) return std::string("nothing is found");
  if (ran.outcome.exit_code != 0) return fail(Code::failed_check, "{}", told(ran.out));
  return told(ran.out);
}

Result<std::string> ChatTools::do_run(const Json& arguments, std::stop_token stop) {
  const std::string line = text_of(arguments, "command");
  SKEIN_TRY(const Ran ran, run({"sh", "-c", line}, {}, std::move(stop)));
  summary::RunFacts facts;
  facts.argv = {"sh", "-c", line};
  facts.exit_code = ran.outcome.exit_code;
  summary::RenderOptions shown;
  shown.format = summary::Format::agent;
  shown.limit = kToldOfACommand;
  std::string text = ran.out;
  if (text.size() > static_cast<std::size_t>(kToldOfACommand.value)) {
    SKEIN_TRY(const auto rendering, summary::render(summary::summarize(ran.out, facts, {}), shown));
    text = rendering.text;
  }
  const std::string verdict =
      ran.outcome.timed_out ? "it took too long and was ended" : fmt::format("exit code {}", ran.outcome.exit_code);
  if (ran.outcome.exit_code != 0) return fail(Code::failed_check, "{}\n{}", verdict, text);
  return verdict + "\n" + text;
}

}  // namespace skein::agents
