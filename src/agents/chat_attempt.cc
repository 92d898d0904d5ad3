#include "agents/chat_attempt.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "agents/json_fit.h"
#include "agents/prompts.h"

namespace skein::agents {
namespace {

using engine::Json;

constexpr int kTries = 4;
constexpr Millis kFirstPause{500};
constexpr Millis kLongestPause{60'000};
constexpr std::string_view kSystemSnippet = "editor";
constexpr std::string_view kFilesSnippet = "files";
constexpr std::string_view kAnswerSnippet = "answer";

Millis pause_before(int attempt, const std::string& retry_after) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (error == std::errc() && end == retry_after.data() + retry_after.size() && seconds >= 0)
    return Millis(std::chrono::seconds(seconds));
  return kFirstPause * (1 << attempt);
}

/// What stays the same stands first: the files, then the task.
Result<std::string> first_message(const AgentManifest& manifest, ChatTools& tools, const std::string& prompt,
                                  const std::stop_token& stop) {
  std::string text;
  for (const std::string& path : manifest.chat.files) {
    if (text.empty()) text = std::string(prompt_snippet(kFilesSnippet).text) + "\n";
    SKEIN_TRY(const std::string file, tools.read(path, stop));
    text += fmt::format("<file path=\"{}\">\n{}\n</file>\n", path, file);
  }
  return text.empty() ? prompt : text + "\nThe task:\n" + prompt;
}

/// The JSON of a last word, also where it stands in a fence.
Json parsed_answer(std::string_view text) {
  const auto begin = text.find_first_of("{[");
  const auto end = text.find_last_of("}]");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
    return Json(Json::value_t::discarded);
  return Json::parse(text.substr(begin, end - begin + 1), nullptr, false);
}

/// What is wrong with a last word; empty: it fits.
std::string wrong_answer(const Json& schema, std::string_view text) {
  const Json answer = parsed_answer(text);
  return answer.is_discarded() ? "it holds no JSON" : misfit(schema, answer);
}

Result<Json> answer_schema(const AgentManifest& manifest, ChatTools& tools, const std::stop_token& stop) {
  SKEIN_TRY(const std::string text, tools.read(manifest.chat.answer, stop));
  Json schema = Json::parse(text, nullptr, false);
  if (!schema.is_object()) return fail(Code::invalid_argument, "{} is no JSON schema", manifest.chat.answer);
  return schema;
}

}  // namespace

Status pause_for(Millis time, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any over;
  std::unique_lock lock(mutex);
  over.wait_for(lock, stop, time, [] { return false; });
  if (stop.stop_requested()) return fail(Code::cancelled, "stopped while waiting for a model");
  return {};
}

ChatModel::ChatModel(Relay& relay, const RelayAccess& access, Millis silence)
    : dialect_(access.provider().dialects.front()),
      limit_field_(access.provider().output_limit),
      key_(access.key()),
      silence_(silence),
      client_(net::HttpClient::make(relay.proxy().port())) {}

ChatModel::Answered ChatModel::ask(const Conversation& talk, const std::function<void(std::string_view)>& on_text,
                                   std::stop_token stop, int attempt) {
  ReplyReader reader(dialect_);
  std::string raw;  // Of a refusal.
  net::ClientRequest request;
  request.target = request_path(dialect_);
  request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + key_}};
  if (dialect_ == Dialect::messages) request.headers.emplace_back("anthropic-version", "2023-06-01");
  request.body = request_body(dialect_, talk, limit_field_);
  request.silence = silence_;
  request.on_body = [&](std::string_view bytes) {
    if (raw.size() < 4'096) raw += bytes.substr(0, 4'096);
    if (const std::string said = reader.feed(bytes); !said.empty()) on_text(said);
  };
  const auto answer = client_->send(std::move(request), std::move(stop));
  if (!answer) {
    const bool transient = answer.error().code() == Code::unavailable;
    return {std::unexpected(answer.error()), transient ? pause_before(attempt, {}) : Millis(-1)};
  }
  const Millis wait = pause_before(attempt, answer->retry_after);
  if (answer->status == 200) {
    auto turn = reader.finish();
    const bool broke = !turn && turn.error().code() == Code::unavailable;
    return {std::move(turn), broke ? wait : Millis(-1)};
  }
  const std::string why = fmt::format("{}: {}", answer->status, error_message(raw));
  if (answer->status == 402) return {fail(Code::budget, "{}", error_message(raw)), Millis(-1)};
  if (answer->status == 408 || answer->status == 409 || answer->status == 429 || answer->status >= 500)
    return {fail(Code::unavailable, "the model's provider says {}", why), wait > kLongestPause ? Millis(-1) : wait};
  return {fail(Code::failed_check, "the model's provider refuses the request, {}", why), Millis(-1)};
}

Result<Turn> ChatModel::next(const Conversation& talk, const std::function<void(std::string_view)>& on_text,
                             std::stop_token stop, const Pause& pause) {
  for (int attempt = 0;; ++attempt) {
    Answered answered = ask(talk, on_text, stop, attempt);
    if (answered.turn || answered.wait < Millis(0) || attempt + 1 >= kTries) return std::move(answered.turn);
    SKEIN_DO(pause(answered.wait, stop));
  }
}

std::vector<engine::KeyPart> chat_parts() {
  std::string tools;
  for (const ToolSpec& tool : ChatTools::specs())
    tools += tool.name + "\n" + tool.description + "\n" + tool.parameters.dump() + "\n";
  std::vector<engine::KeyPart> parts{{"tools", sha256(tools).hex()}};
  for (const std::string_view name : {kSystemSnippet, kFilesSnippet, kAnswerSnippet})
    parts.push_back({"prompt." + std::string(name), prompt_snippet(name).digest.hex()});
  return parts;
}

Status run_chat(const AgentManifest& manifest, ChatModel& model, ChatTools& tools, const std::string& prompt,
                const std::function<void(std::string_view)>& print, std::stop_token stop) {
  const auto until = std::chrono::steady_clock::now() + manifest.time_limit;
  Conversation talk;
  talk.model = manifest.model;
  talk.system = std::string(prompt_snippet(kSystemSnippet).text);
  talk.tools = ChatTools::specs();
  talk.output = manifest.chat.output;
  SKEIN_TRY(std::string first, first_message(manifest, tools, prompt, stop));
  std::optional<Json> schema;
  if (!manifest.chat.answer.empty()) {
    SKEIN_TRY(schema, answer_schema(manifest, tools, stop));
    first += "\n\n" + std::string(prompt_snippet(kAnswerSnippet).text) + schema->dump();
  }
  bool repaired = false;
  talk.turns.push_back({.from = Turn::From::user, .text = std::move(first)});
  for (int count = 0; count < manifest.chat.turns; ++count) {
    if (std::chrono::steady_clock::now() > until)
      return std::unexpected(Error(Code::timed_out, fmt::format("{} took longer than {} s", manifest.id,
                                                                manifest.time_limit.count() / 1000))
                                 .or_do("a longer time stands in its manifest: limits.time_s"));
    SKEIN_TRY(Turn turn, model.next(talk, print, stop, pause_for));
    print("\n");
    const auto calls = turn.calls;
    const std::string wrong = calls.empty() && schema ? wrong_answer(*schema, turn.text) : std::string();
    talk.turns.push_back(std::move(turn));
    if (calls.empty() && wrong.empty()) return {};
    if (calls.empty()) {
      if (repaired)
        return fail(Code::failed_check, "the answer of {} does not fit {}: {}", manifest.id, manifest.chat.answer,
                    wrong);
      repaired = true;
      talk.turns.push_back(
          {.from = Turn::From::user, .text = "Your answer does not fit: " + wrong + ". Say it again, as JSON alone."});
      continue;
    }
    Turn answers{.from = Turn::From::tools};
    for (const ToolCall& call : calls) {
      print(fmt::format("[{}] {}\n", call.name, call.arguments.substr(0, 200)));
      SKEIN_TRY(ToolAnswer answer, tools.call(call, stop));
      if (answer.failed) print(fmt::format("[{} failed] {}\n", call.name, answer.text.substr(0, 200)));
      answers.answers.push_back(std::move(answer));
    }
    talk.turns.push_back(std::move(answers));
  }
  return std::unexpected(
      Error(Code::failed_check, fmt::format("{} was not done after {} turns", manifest.id, manifest.chat.turns))
          .or_do("more turns stand in its manifest: chat.turns"));
}

}  // namespace skein::agents
