// A user's format is any text: it is taken or refused with a reason, and what was taken can be used. Without the
// built-in rules, which would take most of the time.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "summary/formats.h"
#include "summary/summarizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::summary;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::vector<FormatFile> files{{"fuzz.toml", text}};
  const auto formats = Formats::only(files);
  if (!formats) {
    SKEIN_CHECK(!formats.error().to_string().empty());
    return 0;
  }
  SummarizerOptions options;
  options.formats = formats->get();
  static_cast<void>(summarize(text, {}, options));
  return 0;
}
