// A model's answer on its way through the relay: what it says of its usage is read, secrets are put back, and what only
// the relay asked for is left out. Streamed or not, in each dialect.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agents/dialect.h"
#include "agents/secret_vault.h"
#include "agents/token_usage.h"

namespace skein::agents {

/// Belongs to one thread.
class AnswerReader {
 public:
  /// `secrets` outlives it. `drop_usage`: the client did not ask to be told the usage of a streamed chat completion.
  AnswerReader(Dialect dialect, bool stream, bool drop_usage, const SecretVault& secrets)
      : dialect_(dialect),
        stream_(stream),
        drop_usage_(drop_usage),
        passes_(secrets.empty() && !drop_usage),
        secrets_(secrets) {}

  /// Takes bytes of the body; appends what the client gets. Where nothing has to be changed they pass at once, else an
  /// event at a time.
  void feed(std::string_view bytes, std::string& out);
  void finish(std::string& out);

  /// What the answer says of its usage so far; nothing where it says none, or what cannot be.
  [[nodiscard]] std::optional<TokenUsage> usage() const;
  /// False where a stream ended without its last event, or a body was no JSON.
  [[nodiscard]] bool whole() const { return whole_; }

 private:
  void take_event(std::string_view event, std::string& out);
  void note(const engine::Json& data);
  void note_usage(const engine::Json& usage);
  bool restore_deltas(engine::Json& data, std::string& before);
  void restore_delta(engine::Json& text, const std::string& place, bool in_json);
  [[nodiscard]] std::string rest_of(const std::string& place, bool in_json);
  bool restore_chat(engine::Json& data);
  bool restore_messages(engine::Json& data, std::string& before);
  bool restore_responses(engine::Json& data, std::string& before);

  Dialect dialect_;
  bool stream_, drop_usage_, passes_;  // passes_: nothing is to be changed.
  const SecretVault& secrets_;
  std::string buffer_;
  std::map<std::string, std::string> held_;  // By place in the answer: what may become a placeholder.
  std::int64_t input_ = -1, cached_ = 0, write_ = 0, write_hour_ = 0, output_ = -1, reasoning_ = 0;
  bool broken_usage_ = false, whole_ = false, too_large_ = false;
};

}  // namespace skein::agents
