// Settings files are read without harm, whatever is in them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "app/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  skein::app::SettingsSources sources;
  sources.files.push_back(
      {skein::app::Source::workspace, "skein.toml", std::string(reinterpret_cast<const char*>(data), size)});
  if (const auto settings = skein::app::Settings::load(sources)) static_cast<void>(settings->report());
  return 0;
}
