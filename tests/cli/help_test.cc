#include "cli/help.h"

#include <gtest/gtest.h>

#include "app/operations.h"
#include "cli/completion.h"
#include "text/wrap.h"

namespace skein::cli {
namespace {

class HelpTest : public testing::Test {
 protected:
  HelpTest() : table(app::make_operations(services)) { register_completion(table); }

  std::unique_ptr<FileSystem> files = make_system_file_system();
  SystemClock clock;
  app::Services services{*files, clock, {}, &mount_of};
  engine::OperationTable table;
};

TEST_F(HelpTest, FitsEightyColumns) {
  std::vector<std::string> topics{""};
  for (const engine::Operation& operation : table.all()) topics.emplace_back(operation.info().name);
  for (const std::string& topic : topics) {
    for (const int width : {40, 80, 200}) {
      const auto text = help(table, topic, {.color = false, .width = width});
      ASSERT_TRUE(text) << topic;
      std::string_view rest = *text;
      while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        EXPECT_LE(text::columns_of(line), 80U) << topic << ": " << line;
        EXPECT_FALSE(line.ends_with(' ')) << topic << ": " << line;
      }
    }
  }
}

TEST_F(HelpTest, EveryOperationIsDescribedInShort) {
  for (const engine::Operation& operation : table.all()) {
    EXPECT_LE(operation.info().summary.size(), 60U) << operation.info().name;
    EXPECT_FALSE(operation.info().summary.ends_with('.')) << operation.info().name;
    EXPECT_FALSE(operation.info().description.empty()) << operation.info().name;
    EXPECT_FALSE(operation.info().examples.empty()) << operation.info().name;
    for (const engine::FieldSpec& field : operation.input().fields)
      EXPECT_FALSE(field.doc.empty()) << operation.info().name << " " << field.name;
    for (const engine::FieldSpec& field : operation.output().fields)
      EXPECT_FALSE(field.doc.empty()) << operation.info().name << " " << field.name;
  }
}

TEST_F(HelpTest, NamesTheNearestTopic) {
  const auto text = help(table, "doctr", {});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message(), "there is no command \"doctr\" (did you mean \"doctor\"?)");
}

TEST_F(HelpTest, CompletionsNameEveryOperationAndOption) {
  for (const Shell shell : {Shell::bash, Shell::zsh, Shell::fish}) {
    const std::string script = completion_script(table, shell);
    for (const engine::Operation& operation : table.all()) {
      std::string_view name = operation.info().name;
      EXPECT_NE(script.find(name.substr(0, name.find(' '))), std::string::npos) << name;
    }
    EXPECT_NE(script.find("airgapped"), std::string::npos);
    EXPECT_NE(script.find("no-cutoff"), std::string::npos);
  }
}

}  // namespace
}  // namespace skein::cli
