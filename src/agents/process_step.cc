#include "agents/process_step.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "agents/acp_talk.h"
#include "agents/chat_attempt.h"
#include "agents/checks.h"
#include "agents/login_watch.h"
#include "agents/merged_sets.h"
#include "engine/step_context.h"

namespace skein::agents {
namespace {

constexpr int kCheckRounds = 3;

/// Makes `set` hold at these paths what `from` does.
void take_over(const ChangeSet& from, const std::vector<std::string>& paths, ChangeSet& set) {
  for (const std::string& path : paths) {
    const auto there = std::ranges::lower_bound(set.changes, path, {}, &Change::path);
    const bool known = there != set.changes.end() && there->path == path;
    const auto now = std::ranges::lower_bound(from.changes, path, {}, &Change::path);
    if (now == from.changes.end() || now->path != path) {
      if (known) set.changes.erase(there);
    } else if (known) {
      *there = *now;
    } else {
      set.changes.insert(there, *now);
    }
  }
}

RelayAccess::Block login_block(const std::string& agent, const std::string& says) {
  return {"login", fmt::format("{} asks for a login: {}", agent, says), Millis(0)};
}

void add_usage(engine::StepContext& context, const AgentUsage& used) {
  context.usage().input_tokens += used.input;
  context.usage().cached_tokens += used.cached;
  context.usage().output_tokens += used.output;
  context.usage().reasoning_tokens += used.reasoning;
  context.usage().money += used.money;
}

}  // namespace

ProcessStepAgent::ProcessStepAgent(AgentManifest manifest, const repo::Snapshot& base,
                                   const ProcessStepOptions& options, OwnStepOptions own)
    : manifest_(std::move(manifest)),
      base_(base),
      options_(options),
      own_(std::move(own)),
      name_("agent." + manifest_.id),
      version_(manifest_.result_version()) {
  manifest_.verify.insert(manifest_.verify.end(), own_.verify.begin(), own_.verify.end());
  if (own_.stronger == nullptr) return;
  OwnStepOptions theirs = own_;
  theirs.stronger = nullptr;
  stronger_ = std::make_unique<ProcessStepAgent>(*own_.stronger, base_, options_, std::move(theirs));
}

std::vector<engine::KeyPart> ProcessStepAgent::parts(const std::string& prompt) const {
  const Digest workspace = options_.workspace.is_none() ? base_.digest() : options_.workspace;
  std::vector<engine::KeyPart> made{
      {"manifest", manifest_.digest.hex()}, {"prompt", prompt}, {"workspace", workspace.hex()}};
  std::string checks;
  for (const std::string& check : own_.verify) checks += check + "\n";
  if (!checks.empty()) made.push_back({"checks", checks});
  const bool is_model =
      manifest_.backend == Backend::chat || (own_.stronger != nullptr && own_.stronger->backend == Backend::chat);
  if (is_model) std::ranges::move(chat_parts(), std::back_inserter(made));
  if (own_.stronger != nullptr) made.push_back({"stronger", own_.stronger->digest.hex()});
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
    else if (access != nullptr || !is_of_agent_alone(one))  // Checks ask no model.
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
                                  const std::string& prompt, const std::stop_token& stop,
                                  std::optional<Block>& block) const {
  Command program = command(sandbox, access);
  bool asked = false;
  AcpTask task{.folder = sandbox.root(), .prompt = prompt, .allow = manifest_.allow, .ask = manifest_.ask, .may = {}};
  if (options_.people != nullptr)
    task.may = [&](const std::string& kind, const std::string& title) {
      asked = true;
      const auto answer = options_.people->ask(
          context, {"permission", fmt::format("{} would like to {}: {}", manifest_.id, kind, title)});
      return answer && is_yes(*answer);
    };
  AcpTalk talk(std::move(task));
  program.input = talk.begin();
  program.on_output = [&](bool, std::string_view bytes) { context.print(bytes); };
  program.converse = [&](std::string_view bytes) {
    ProcessReply reply;
    reply.more = talk.heard(bytes);
    reply.over = talk.is_over();
    reply.waited = std::exchange(asked, false);
    return reply;
  };
  SKEIN_TRY(const ProcessOutcome outcome, sandbox.run(std::move(program), stop));
  add_usage(context, outcome);
  if (access == nullptr) add_usage(context, talk.usage());
  if (options_.on_said) options_.on_said(talk.said());
  SKEIN_DO(limit_error(manifest_.id, outcome, manifest_.time_limit));
  if (talk.needs_login()) block = login_block(manifest_.id, *talk.error());
  if (talk.error())
    return fail(Code::failed_check, "{} says: {}; nothing of what it did is used", manifest_.id, *talk.error());
  if (!talk.is_over())
    return fail(Code::failed_check,
                "{} ended with exit code {} in the middle of its session: nothing of what it did is used", manifest_.id,
                outcome.exit_code);
  return says_or_changes(sandbox, !talk.said().empty());
}

Status ProcessStepAgent::attempt(engine::StepContext& context, Sandbox& sandbox, const RelayAccess* access,
                                 const std::string& prompt, const std::stop_token& stop,
                                 std::optional<Block>& block) const {
  if (manifest_.backend == Backend::session)
    return manifest_.protocol == SessionProtocol::acp ? converse(context, sandbox, access, prompt, stop, block)
                                                      : serve(context, sandbox, access, prompt, stop);
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
  LoginWatch login(manifest_.output);
  std::stop_source in_vain;
  const std::stop_callback stopped(stop, [&in_vain] { in_vain.request_stop(); });
  command.on_output = [&](bool is_error, std::string_view bytes) {
    said += bytes.size();
    if (!is_error) output.add(bytes);
    login.heard(is_error, bytes);
    context.print(bytes);
    if (login.line()) in_vain.request_stop();  // It waits for a person, or gives up.
  };
  auto ran = sandbox.run(std::move(command), in_vain.get_token());
  if (login.line()) {
    block = login_block(manifest_.id, *login.line());
    return fail(Code::unavailable, "{}: {}", block->kind, block->what);
  }
  if (!ran) return std::unexpected(std::move(ran).error());
  const ProcessOutcome& outcome = *ran;
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
  // Events alone are no word.
  const bool spoke = manifest_.output.format == OutputFormat::text || manifest_.output.said.empty()
                         ? said > 0
                         : !output.said().empty();
  return says_or_changes(sandbox, spoke);
}

Status ProcessStepAgent::says_or_changes(const Sandbox& sandbox, bool spoke) const {
  if (spoke) return {};
  SKEIN_TRY(const LayerReading reading, sandbox.changes());
  if (!reading.set.empty()) return {};
  return fail(Code::failed_check, "{} ended without a word and without a change", manifest_.id);
}

Status ProcessStepAgent::chat_attempt(engine::StepContext& context, Sandbox& sandbox, const RelayAccess& access,
                                      const std::string& prompt, const std::stop_token& stop) const {
  ChatModel model(*options_.relay, access, manifest_.chat.silence);
  ChatTools tools(sandbox, environment(sandbox, nullptr), manifest_.time_limit);
  bool spoke = false;
  const auto print = [&](std::string_view text) {
    spoke = spoke || text.find_first_not_of(" \t\r\n") != std::string_view::npos;
    context.print(text);
  };
  const auto done = run_chat(manifest_, model, tools, prompt, print, stop);
  add_usage(context, tools.usage());
  if (!done) return done;
  return says_or_changes(sandbox, spoke);
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
    SKEIN_DO(merged.add(own_.earlier[i], set));
  }
  if (!merged.conflicts().empty()) return std::unexpected(conflict_error(merged.conflicts()));
  return merged.set();
}

Result<std::string> ProcessStepAgent::check(engine::StepContext& context, Sandbox& sandbox,
                                            const std::vector<std::string>& checks, Worked& worked) const {
  const auto variables = environment(sandbox, nullptr);
  // A check that edits what it checks (a formatter, a lock file) passed on other bytes: what it wrote is taken over,
  // and all of them pass once more on that. Files that they only make are no part of the work.
  for (int round = 1;; ++round) {
    SKEIN_TRY(std::string failure, unpassed_check(context, sandbox, checks, variables, manifest_.time_limit));
    if (!failure.empty() || checks.empty()) return failure;
    SKEIN_TRY(const LayerReading after, sandbox.changes());
    const auto edited = edited_by_checks(worked.reading.set, after.set);
    if (edited.empty()) return failure;
    if (round == kCheckRounds) {
      worked.moving = edited;
      context.print(
          fmt::format("\nskein: the checks change {} each time: they passed on other bytes\n", edited.front()));
      return failure;
    }
    take_over(after.set, edited, worked.reading.set);
    context.print(fmt::format("\nskein: the checks changed {}: once more, on what they made\n", edited.front()));
  }
}

Result<ProcessStepAgent::Worked> ProcessStepAgent::work(engine::StepContext& context, Sandbox& sandbox,
                                                        const std::string& task, std::string prompt,
                                                        const std::vector<std::string>& checks) const {
  NextTries tries(task, manifest_.tries, stronger_ != nullptr);
  const ProcessStepAgent* worker = this;
  while (true) {
    SKEIN_DO(worker->try_once(context, sandbox, prompt));
    Worked worked;
    SKEIN_TRY(worked.reading, sandbox.changes());  // What checks make is no part of it.
    SKEIN_TRY(const std::string failure, check(context, sandbox, checks, worked));
    if (failure.empty()) {
      worked.tries = tries.done() + 1;
      return worked;
    }
    auto next = tries.after(failure, sha256(encode(worked.reading.set)));
    if (!next)
      return fail(Code::failed_check, "what {} made does not pass {}: {}", manifest_.id, tries.why_over(),
                  failure.substr(0, failure.find('\n')));
    prompt = std::move(next->prompt);
    worker = next->stronger ? stronger_.get() : this;
    context.print(
        fmt::format("\nskein: try {} of {}, by {}\n", tries.done() + 1, manifest_.tries, worker->manifest_.id));
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

Status ProcessStepAgent::may_run() const {
  const bool is_server = manifest_.backend == Backend::session && manifest_.protocol == SessionProtocol::opencode;
  const bool has_networks = options_.isolation == IsolationPath::overlay || options_.isolation == IsolationPath::copy;
  if (is_server && !manifest_.network && !has_networks)
    return std::unexpected(
        Error(Code::unavailable,
              fmt::format("{} is an agent server, which is reached in a network of its own, and the isolation path {} "
                          "has none",
                          manifest_.id, to_string(options_.isolation)))
            .or_do("allow user namespaces on this machine, or take an agent that is no server"));
  if (manifest_.network && !options_.may_use_network)
    return std::unexpected(
        Error(Code::permission_denied,
              fmt::format("the agent {} needs the network, which this mode does not give", manifest_.id))
            .or_do("run it with --mode burst, or take `network` out of its manifest's [permissions]"));
  if (stronger_ != nullptr && stronger_->manifest_.network && !manifest_.network)
    return std::unexpected(
        Error(Code::permission_denied, fmt::format("{} stands in for {} and needs the network, which {} "
                                                   "has not",
                                                   stronger_->manifest_.id, manifest_.id, manifest_.id))
            .or_do("name another one as `stronger`"));
  return {};
}

SandboxOptions ProcessStepAgent::sandbox_options(ChangeSet given, std::stop_token stop) const {
  SandboxOptions options;
  options.folder = options_.sandboxes;
  options.hide = manifest_.hide;
  options.hidden = options_.hidden;
  options.executor = options_.executor;
  options.sweeper = options_.sweeper;
  options.secret_places = options_.secret_places;
  options.network = manifest_.network;
  options.isolation = options_.isolation;
  options.limits = manifest_.limits;
  options.given = std::move(given);
  options.stop = std::move(stop);
  const bool asks = !manifest_.providers.empty() || (stronger_ != nullptr && !stronger_->manifest_.providers.empty());
  if (asks && options_.relay != nullptr) options.reachable = &options_.relay->proxy();
  return options;
}

Status ProcessStepAgent::try_once(engine::StepContext& context, Sandbox& sandbox, const std::string& prompt) const {
  std::string asked = prompt;
  while (true) {
    std::optional<Block> block;
    auto tried = manifest_.providers.empty() ? attempt(context, sandbox, nullptr, asked, context.stop(), block)
                                             : try_by_relay(context, sandbox, asked, block);
    if (tried || !block || context.stop().stop_requested()) return tried;
    if (options_.people == nullptr) return fail(Code::unavailable, "{}: {}", block->kind, block->what);
    Question question{block->kind, block->what};
    if (block->wait > Millis(0)) question.settles = block->wait;
    context.print(fmt::format("\nskein: {}; waiting\n", block->what));
    auto answer = options_.people->ask(context, question);
    if (!answer) return pass(std::move(answer).error(), fmt::format("{}: {}", block->kind, block->what));
    if (!is_yes(*answer)) return fail(Code::unavailable, "{}: {}; the answer was to stop", block->kind, block->what);
    asked = prompt + "\n\nYou were stopped in the middle of this. Your work so far is in the files: go on.";
  }
}

Status ProcessStepAgent::try_by_relay(engine::StepContext& context, Sandbox& sandbox, const std::string& prompt,
                                      std::optional<Block>& block) const {
  if (options_.relay == nullptr) return fail(Code::unavailable, "{} needs the relay to its models", manifest_.id);
  SKEIN_TRY(const auto providers, named_providers(manifest_, options_.providers));
  SKEIN_TRY(RelayAccess access,
            options_.relay->admit(context.step().name, manifest_.id, providers, options_.environment));
  std::stop_source stop;
  const std::stop_callback both(context.stop(), [&stop] { stop.request_stop(); });
  access.on_block([stop]() mutable { stop.request_stop(); });
  auto tried = manifest_.backend == Backend::chat ? chat_attempt(context, sandbox, access, prompt, stop.get_token())
                                                  : attempt(context, sandbox, &access, prompt, stop.get_token(), block);
  if (auto found = access.block()) block = std::move(found);
  const RelayAccess::Sum sum = access.sum();
  context.usage().input_tokens += sum.usage.all_input();
  context.usage().cached_tokens += sum.usage.cached;
  context.usage().output_tokens += sum.usage.output;
  context.usage().reasoning_tokens += sum.usage.reasoning;
  context.usage().money += sum.money;
  if (sum.refused == 0) return tried;
  context.print(fmt::format("\nskein: {} {} to models did not go out, the last one: {}\n", sum.refused,
                            sum.refused == 1 ? "request" : "requests", sum.last_refusal));
  if (tried) return tried;
  return pass(std::move(tried).error(), "a request of it did not go out: " + sum.last_refusal);
}

Status ProcessStepAgent::report(engine::StepContext& context, const ChangeSet& given, const Worked& worked) const {
  if (context.step().outputs.size() < 2) return {};
  GateReport report;
  report.gates = gates_of(manifest_);
  report.workspace = base_.digest().hex();
  report.changes = sha256(encode(worked.reading.set)).hex();
  report.moving = worked.moving;
  report.tries = worked.tries;
  if (options_.prove_checks && !report.gates.checks.empty()) {
    MergedSets all;
    SKEIN_DO(all.add("before", given));
    SKEIN_DO(all.add("own", worked.reading.set));
    SKEIN_TRY(report.weak, weak_gates(context, base_, options_, report.gates, all.set(), worked.reading.set));
  }
  return context.output(1, engine::write_json(report).dump());
}

Status ProcessStepAgent::run(engine::StepContext& context) const {
  SKEIN_DO(may_run());
  SKEIN_TRY(const ChangeSet given, changes_before(context));
  Worked worked;
  {
    SKEIN_TRY(const auto sandbox, Sandbox::make(base_, sandbox_options(given, context.stop())));
    SKEIN_DO(set_up(context, *sandbox));
    const std::string prompt(context.part("prompt"));
    SKEIN_TRY(worked, work(context, *sandbox, prompt, prompt, manifest_.verify));
  }
  for (const std::string& path : worked.reading.left_out)
    context.print(fmt::format("\nskein: {} is neither file nor link and was left out\n", path));
  if (const auto& ignored = worked.reading.ignored; !ignored.empty())
    context.print(fmt::format("\nskein: {} ignored by git {} left out, such as {}\n", ignored.size(),
                              ignored.size() == 1 ? "file was" : "files were", ignored.front()));
  SKEIN_DO(report(context, given, worked));
  return context.output(0, encode(worked.reading.set));
}

Result<ChangeSet> ProcessStepAgent::mend(engine::StepContext& context, const std::string& task, ChangeSet given,
                                         const std::string& failure, const std::vector<std::string>& checks) const {
  SKEIN_DO(may_run());
  SKEIN_TRY(const auto sandbox, Sandbox::make(base_, sandbox_options(std::move(given), context.stop())));
  SKEIN_DO(set_up(context, *sandbox));
  std::vector<std::string> all = manifest_.verify;
  all.insert(all.end(), checks.begin(), checks.end());
  std::string prompt = fmt::format(
      "{}\n\nThis is done, and passes alone. Together with what others did meanwhile, which is in the files now, it "
      "does "
      "not pass this check. Mend your part so that it does, and keep what the others made.\n{}",
      task, failure);
  SKEIN_TRY(Worked worked, work(context, *sandbox, task, std::move(prompt), all));
  return std::move(worked.reading.set);
}

}  // namespace skein::agents
