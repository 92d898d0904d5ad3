// What help says, byte for byte. SKEIN_UPDATE_GOLDEN=1 writes the files again: review them as a diff.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file_system.h"
#include "e2e/skein_program.h"

namespace skein {
namespace {

void expect_golden(const std::string& name, const std::string& bytes) {
  const auto files = make_system_file_system();
  const std::string path = join_path(SKEIN_GOLDEN_DIR, name);
  if (std::getenv("SKEIN_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(files->make_directories(SKEIN_GOLDEN_DIR));
    ASSERT_TRUE(write_file_atomically(*files, path, bytes, false));
  }
  const auto golden = read_file(*files, path);
  ASSERT_TRUE(golden) << golden.error().to_string() << "; SKEIN_UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(*golden, bytes) << "SKEIN_UPDATE_GOLDEN=1 writes " << name << " again";
}

TEST(GoldenHelp, IsAsReviewed) {
  const test::SkeinProgram skein;
  expect_golden("help.txt", skein.run({"--help"}).out);
  for (const std::string name : {"init", "symbols", "trust", "doctor", "version", "completion"})
    expect_golden("help-" + name + ".txt", skein.run({name, "--help"}).out);
}

}  // namespace
}  // namespace skein
