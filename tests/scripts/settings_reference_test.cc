// docs/configuration.md lists every setting as the table in the code has it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "app/settings.h"
#include "base/file_system.h"

namespace skein::app {
namespace {

TEST(GoldenSettings, AreDocumentedKeyByKey) {
  const std::string path = SKEIN_SOURCE_DIR "/docs/configuration.md";
  const auto files = make_system_file_system();
  auto page = read_file(*files, path);
  ASSERT_TRUE(page.has_value()) << page.error().to_string();
  const std::string marker = "<!-- From src/app/settings_values.h; `make golden` writes what follows. -->\n\n";
  const auto start = page->find(marker);
  ASSERT_NE(start, std::string::npos);
  const std::string written = page->substr(0, start) + marker + settings_reference();
  if (std::getenv("SKEIN_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file_atomically(*files, path, written, false).has_value());
    return;
  }
  EXPECT_EQ(*page, written) << "`make golden` writes docs/configuration.md again";
}

}  // namespace
}  // namespace skein::app
