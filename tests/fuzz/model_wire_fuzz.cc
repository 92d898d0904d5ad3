// Any bytes are a request or are refused; any bytes of a provider pass a reader unchanged where nothing is to be
// changed, however they are cut.
#include <cstdint>
#include <string>
#include <string_view>

#include "agents/answer_reader.h"
#include "agents/budget.h"
#include "agents/chat_wire.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  using namespace skein::agents;
  if (size < 3) return 0;
  const auto dialect = static_cast<Dialect>(data[0] % 3);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::size_t cut = bytes.empty() ? 0 : data[1] % (bytes.size() + 1);

  if (auto request = read_request(dialect, bytes)) {
    SKEIN_CHECK(request->most_input.value >= static_cast<std::int64_t>(bytes.size()));
    SecretVault vault("ab12cd");
    vault.hide(request->body);
    if (set_output_limit(*request, {2'000}, "max_tokens")) {
      ask_for_usage(*request);
      const auto again =
          read_request(dialect, request->body.dump(-1, ' ', false, engine::Json::error_handler_t::replace));
      SKEIN_CHECK(again && again->output->value == 2'000);
    }
  }
  for (const bool stream : {false, true})
    for (const bool with_secrets : {false, true}) {
      SecretVault vault("ab12cd");
      if (with_secrets) {
        engine::Json hidden{{"content", "token ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"}};
        vault.hide(hidden);
        SKEIN_CHECK(!vault.empty());
      }
      AnswerReader reader(dialect, stream, (data[2] & 1U) != 0, vault);
      std::string out;
      reader.feed(bytes.substr(0, cut), out);
      reader.feed(bytes.substr(cut), out);
      reader.finish(out);
      if (!with_secrets && (data[2] & 1U) == 0) SKEIN_CHECK(out == bytes);
      if (const auto usage = reader.usage()) SKEIN_CHECK(usage->output.value >= 0 && usage->reasoning <= usage->output);
    }
  ReplyReader reply(dialect);
  reply.feed(bytes.substr(0, cut));
  reply.feed(bytes.substr(cut));
  if (const auto turn = reply.finish()) SKEIN_CHECK(turn->from == Turn::From::model);
  if (const auto limits = parse_budget(bytes)) SKEIN_CHECK(limits->money || limits->tokens);
  return 0;
}
