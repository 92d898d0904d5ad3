// Any words are a command line or a refusal; sizes, durations and JSON on the way too.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/operations.h"
#include "cli/completion.h"
#include "cli/parse.h"
#include "engine/schema.h"
#include "text/quantity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  static const auto files = make_system_file_system();
  static const SystemClock clock;
  static const app::Services services{*files, clock, {}, &mount_of};
  static const engine::OperationTable table = app::make_operations(services);
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  static_cast<void>(cli::parse(table, words));
  static_cast<void>(text::parse_bytes(text));
  static_cast<void>(text::parse_duration(text));
  if (const auto json = engine::parse_json(text)) {
    app::SettingsValues values;
    static_cast<void>(engine::read_json(*json, values));
  }
  return 0;
}
