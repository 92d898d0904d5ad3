#include "agents/process_step.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "agents/acp_talk.h"
#include "agents/chat_attempt.h"
#include "agents/checks.h"
#include "agents/merged_sets.h"
#include "engine/step_context.h"

namespace skein::agents {
namespace {

void add_usage(engine::StepContext& context, const AgentUsage& used) {
  context.usage().input_tokens += used.input;
  context.usage().cached_tokens += used.cached;
  context.usage().output_tokens += used.output;
  context.usage().reasoning_tokens += used.reasoning;
  context.usage().money += used.money;
}

}  // namespace

ProcessStepAgent::ProcessStepAgent(AgentManifest manifest, const repo::Snapshot& base, ProcessStepOptions options)
    : manifest_(std::move(manifest)),
      base_(base),
      options_(std::move(options)),
      name_("agent." + manifest_.id),
      version_(manifest_.result_version()) {
  manifest_.verify.insert(manifest_.verify.end(), options_.verify.begin(), options_.verify.end());
}

std::vector<engine::KeyPart> ProcessStepAgent::parts(const std::string& prompt) const {
  const Digest workspace = options_.workspace.is_none() ? base_.digest() : options_.workspace;
  std::vector<engine::KeyPart> made{
      {"manifest", manifest_.digest.hex()}, {"prompt", prompt}, {"workspace", workspace.hex()}};
  std::string checks;
  for (const std::string& check : options_.verify) checks += check + "\n";
  if (!checks.empty()) made.push_back({"checks", checks});
  if (manifest_.backend == Backend::chat) std::ranges::move(chat_parts(), std::back_inserter(made));
  return made;
}

std::string ProcessStepAgent::filled(std::string word, const RelayAccess* access) const {
  const auto fill = [&](std::string_view place, const std::string& value) {
    for (std::size_t at = 0; (at = word.find(place, at)) != std::string::npos; at += value.size())
      word.replace(at, place.size(), value);
  };
  fill("{model}", manifest_.model);
  if (access == nullptr) return word;
  const std::string url = options_.relay->url();
  fill("{relay_url}", url);
  fill("{relay_openai_url}", url + "/v1");
  fill("{relay_anthropic_url}", url);
  fill("{relay_key}", access->key());
  return word;
}

std::vector<std::string> ProcessStepAgent::environment(const Sandbox& sandbox, const RelayAccess* access) const {
  std::vector<std::string> own;
  for (const std::string& one : manifest_.environment) {
    if (one.find('=') == std::string::npos)
      own.push_back(one);
    else if (access != nullptr || one.find("{relay_") == std::string::npos)  // Checks ask no model.
      own.push_back(filled(one, access));
  }
  return sandbox_environment(sandbox, options_.environment, own);
}

Command ProcessStepAgent::command(const Sandbox& sandbox, const RelayAccess* access) const {
  Command made;
  for (const std::string& word : manifest_.command) made.argv.push_back(filled(word, access));
  made.environment = environment(sandbox, access);
  made.time_limit = manifest_.time_limit;
  return made;
}

Status ProcessStepAgent::converse(engine::StepContext& context, Sandbox& sandbox, const RelayAccess* access,
                                  const std::string& prompt) const {
  Command program = command(sandbox, access);
  AcpTalk talk({.folder = sandbox.root(), .prompt = prompt, .allow = manifest_.allow});
  program.input = talk.begin();
  program.on_output = [&](bool, std::string_view bytes) { context.print(bytes); };
  program.converse = [&](std::string_view bytes) {
    ProcessReply reply;
    reply.more = talk.heard(bytes);
    reply.over = talk.is_over();
    return reply;
  };
  SKEIN_TRY(const ProcessOutcome outcome, sandbox.run(std::move(program), context.stop()));
  add_usage(context, outcome);
  if (access == nullptr) add_usage(context, talk.usage());
  if (options_.on_said) options_.on_said(talk.said());
  SKEIN_DO(limit_error(manifest_.id, outcome, manifest_.time_limit));
  if (talk.error())
    return fail(Code::failed_check, "{} says: {}; nothing of what it did is used", manifest_.id, *talk.error());
  if (!talk.is_over())
    return fail(Code::failed_check,
                "{} ended with exit code {} in the middle of its session: nothing of what it did is used", manifest_.id,
                outcome.exit_code);
  return {};
}

Status ProcessStepAgent::attempt(engine::StepContext& context, Sandbox& sandbox, const RelayAccess* access,
                                 const std::string& prompt) const {
  if (manifest_.backend == Backend::session) return converse(context, sandbox, access, prompt);
  Command command = this->command(sandbox, access);
  switch (manifest_.prompt) {
    case PromptBy::input:
      command.input = prompt;
      break;
    case PromptBy::argument:
      command.argv.push_back(prompt);
      break;
    case PromptBy::file: {
      const std::string path = join_path(sandbox.scratch(), "prompt.md");
      if (!(std::ofstream(path, std::ios::binary) << prompt << std::flush))
        return fail(Code::io, "cannot write the prompt to {}", path);
      constexpr std::string_view kPlace = "{prompt_file}";
      for (std::string& word : command.argv)
        if (const auto at = word.find(kPlace); at != std::string::npos) word.replace(at, kPlace.size(), path);
      break;
    }
  }
  std::size_t said = 0;
  AgentOutput output(manifest_.output);
  command.on_output = [&](bool is_error, std::string_view bytes) {
    said += bytes.size();
    if (!is_error) output.add(bytes);
    context.print(bytes);
  };
  SKEIN_TRY(const ProcessOutcome outcome, sandbox.run(std::move(command), context.stop()));
  output.finish();
  add_usage(context, outcome);
  if (access == nullptr) add_usage(context, output.usage());
  if (options_.on_said) options_.on_said(output.said());
  SKEIN_DO(limit_error(manifest_.id, outcome, manifest_.time_limit));
  if (output.error())
    return fail(Code::failed_check, "{} says: {}; nothing of what it did is used", manifest_.id, *output.error());
  if (outcome.exit_code != 0)
    return fail(Code::failed_check, "{} ended with exit code {}: nothing of what it did is used", manifest_.id,
                outcome.exit_code);
  if (!output.is_done())
    return fail(Code::failed_check, "{} ended without saying that it is done: nothing of what it did is used",
                manifest_.id);
  if (said == 0) {
    SKEIN_TRY(const LayerReading reading, sandbox.changes());
    if (reading.set.empty())
      return fail(Code::failed_check, "{} ended without a word and without a change", manifest_.id);
  }
  return {};
}

Status ProcessStepAgent::chat_attempt(engine::StepContext& context, Sandbox& sandbox, const RelayAccess& access,
                                      const std::string& prompt) const {
  ChatModel model(*options_.relay, access, manifest_.chat.silence);
  ChatTools tools(sandbox, environment(sandbox, nullptr), manifest_.time_limit);
  const auto done =
      run_chat(manifest_, model, tools, prompt, [&](std::string_view text) { context.print(text); }, context.stop());
  add_usage(context, tools.usage());
  return done;
}

Status ProcessStepAgent::set_up(engine::StepContext& context, Sandbox& sandbox) const {
  SKEIN_TRY(const std::string failure,
            unpassed_check(context, sandbox, manifest_.setup, environment(sandbox, nullptr), manifest_.time_limit));
  if (failure.empty()) return {};
  return fail(Code::failed_check, "the sandbox of {} could not be set up: {}", manifest_.id,
              failure.substr(0, failure.find('\n')));
}

Result<ChangeSet> ProcessStepAgent::changes_before(engine::StepContext& context) const {
  MergedSets merged;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    SKEIN_TRY(const std::string bytes, context.input(i));
    SKEIN_TRY(const ChangeSet set, decode_change_set(bytes));
    SKEIN_DO(merged.add(options_.earlier[i], set));
  }
  if (!merged.conflicts().empty()) return std::unexpected(conflict_error(merged.conflicts()));
  return merged.set();
}

Result<LayerReading> ProcessStepAgent::work(engine::StepContext& context, Sandbox& sandbox,
                                            const RelayAccess* access) const {
  std::string prompt(context.part("prompt"));
  for (int turn = 1;; ++turn) {
    if (manifest_.backend == Backend::chat)
      SKEIN_DO(chat_attempt(context, sandbox, *access, prompt));
    else
      SKEIN_DO(attempt(context, sandbox, access, prompt));
    SKEIN_TRY(LayerReading reading, sandbox.changes());  // What checks make is no part of it.
    SKEIN_TRY(const std::string failure,
              unpassed_check(context, sandbox, manifest_.verify, environment(sandbox, nullptr), manifest_.time_limit));
    if (failure.empty()) return reading;
    if (turn >= manifest_.tries)
      return fail(Code::failed_check, "what {} made does not pass after {} {}: {}", manifest_.id, turn,
                  turn == 1 ? "try" : "tries", failure.substr(0, failure.find('\n')));
    prompt = fmt::format("{}\n\nYour work so far is in the files. It does not pass this check; mend it.\n{}",
                         context.part("prompt"), failure);
    context.print(fmt::format("\nskein: try {} of {}\n", turn + 1, manifest_.tries));
  }
}

Result<std::vector<Provider>> named_providers(const AgentManifest& manifest, const std::vector<Provider>& all) {
  std::vector<Provider> named;
  for (const std::string& id : manifest.providers) {
    const auto found = std::ranges::find(all, id, &Provider::id);
    if (found == all.end()) {
      std::string there;
      for (const Provider& one : all) there += (there.empty() ? "" : ", ") + one.id;
      return fail(Code::not_found, "{} names the provider {}; there are: {}", manifest.id, id, there);
    }
    named.push_back(*found);
  }
  return named;
}

Status ProcessStepAgent::run(engine::StepContext& context) const {
  if (manifest_.network && !options_.may_use_network)
    return std::unexpected(
        Error(Code::permission_denied,
              fmt::format("the agent {} needs the network, which this mode does not give", manifest_.id))
            .or_do("run it with --mode burst, or take `network` out of its manifest's [permissions]"));
  SandboxOptions options;
  options.folder = options_.sandboxes;
  options.hide = manifest_.hide;
  options.hidden = options_.hidden;
  options.secret_places = options_.secret_places;
  options.network = manifest_.network;
  options.isolation = options_.isolation;
  options.limits = manifest_.limits;
  SKEIN_TRY(options.given, changes_before(context));
  std::optional<RelayAccess> access;
  if (!manifest_.providers.empty()) {
    if (options_.relay == nullptr) return fail(Code::unavailable, "{} needs the relay to its models", manifest_.id);
    SKEIN_TRY(const auto providers, named_providers(manifest_, options_.providers));
    SKEIN_TRY(RelayAccess admitted,
              options_.relay->admit(context.step().name, manifest_.id, providers, options_.environment));
    access.emplace(std::move(admitted));
    options.reachable = &options_.relay->proxy();
  }
  SKEIN_TRY(const auto sandbox, Sandbox::make(base_, options));
  SKEIN_DO(set_up(context, *sandbox));
  auto worked = work(context, *sandbox, access ? &*access : nullptr);
  if (access) {
    const RelayAccess::Sum sum = access->sum();
    context.usage().input_tokens += sum.usage.all_input();
    context.usage().cached_tokens += sum.usage.cached;
    context.usage().output_tokens += sum.usage.output;
    context.usage().reasoning_tokens += sum.usage.reasoning;
    context.usage().money += sum.money;
    if (sum.refused > 0) {
      context.print(fmt::format("\nskein: the relay refused {} {}, the last one: {}\n", sum.refused,
                                sum.refused == 1 ? "request" : "requests", sum.last_refusal));
      if (!worked) return pass(std::move(worked).error(), "the relay refused it a request: " + sum.last_refusal);
    }
  }
  SKEIN_TRY(const LayerReading reading, std::move(worked));
  for (const std::string& path : reading.left_out)
    context.print(fmt::format("\nskein: {} is neither file nor link and was left out\n", path));
  if (!reading.ignored.empty())
    context.print(fmt::format("\nskein: {} ignored by git {} left out, such as {}\n", reading.ignored.size(),
                              reading.ignored.size() == 1 ? "file was" : "files were", reading.ignored.front()));
  return context.output(0, encode(reading.set));
}

}  // namespace skein::agents
