// What people and agents read, byte for byte. SKEIN_UPDATE_GOLDEN=1 writes the files again: review them as a diff, and
// raise kRenderingVersion. SKEIN_SAMPLE_SITE=FOLDER writes the sample site to look at.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/file_system.h"
#include "docs/html.h"
#include "docs/markdown.h"
#include "docs/sample_support.h"
#include "docs/site_index.h"

namespace skein::docs {
namespace {

void expect_golden(const std::string& name, const std::string& bytes) {
  const auto files = make_system_file_system();
  const auto path = join_path(SKEIN_GOLDEN_DIR, name);
  if (std::getenv("SKEIN_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file_atomically(*files, path, bytes, false));
  }
  const auto golden = read_file(*files, path);
  ASSERT_TRUE(golden) << golden.error().to_string();
  EXPECT_EQ(*golden, bytes) << "SKEIN_UPDATE_GOLDEN=1 writes " << name << " again";
}

TEST(GoldenPages, TheOverviewIsAsReviewed) {
  expect_golden("overview.html", overview_html(sample_site(), sample_overview()));
  expect_golden("overview.md", overview_markdown(sample_site(), sample_overview()));
}

TEST(GoldenPages, AModuleIsAsReviewed) {
  expect_golden("module.html", module_html(sample_site(), sample_module()));
  expect_golden("module.md", module_markdown(sample_site(), sample_module()));
}

TEST(GoldenPages, AFileIsAsReviewed) {
  expect_golden("file.html", file_html(sample_site(), sample_file()));
  expect_golden("file.md", file_markdown(sample_site(), sample_file()));
}

TEST(GoldenPages, ATopicIsAsReviewed) {
  expect_golden("topic.html", topic_html(sample_site(), sample_topic()));
  expect_golden("topic.md", topic_markdown(sample_site(), sample_topic()));
  expect_golden("topic.json", topic_json(sample_site(), sample_topic()));
}

TEST(GoldenPages, TheIndexesAreAsReviewed) {
  expect_golden("llms.txt", llms_txt(sample_site(), sample_overview()));
  expect_golden("index.json", site_index_json(sample_site(), sample_overview()));
  expect_golden("module.json", module_index_json(sample_site(), sample_module()));
}

TEST(GoldenPages, AreWrittenToAFolderOnRequest) {
  const char* folder = std::getenv("SKEIN_SAMPLE_SITE");
  // A tool for a person who wants to look at the sample in a browser, run only when asked.
  if (folder == nullptr) GTEST_SKIP() << "set SKEIN_SAMPLE_SITE=FOLDER to look at the pages";
  const auto files = make_system_file_system();
  for (const auto& [path, bytes] : sample_pages()) {
    const auto target = join_path(folder, path);
    ASSERT_TRUE(files->make_directories(parent_path(target)));
    ASSERT_TRUE(write_file_atomically(*files, target, bytes, false));
  }
}

}  // namespace
}  // namespace skein::docs
