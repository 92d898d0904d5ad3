#include "app/step_outputs.h"

#include <gtest/gtest.h>

#include "summary/log_store.h"
#include "support/scratch_tree.h"

namespace skein::app {
namespace {

TEST(StepOutputs, AreLogsThatNameRunAndStepAndHoldNoSecret) {
  const test::ScratchTree tree;
  const auto files = make_system_file_system();
  const SystemClock clock;
  const Services services{*files, clock, {}, {}};
  StepOutputs outputs(services, false);
  EXPECT_EQ(outputs.keep({}).error().code(), Code::unavailable);
  outputs.set_folder(tree.path("logs"));
  const std::string printed = std::string(300'000, 'x') + "\npassword=hunter2!\nerror: no\n";
  const auto id = outputs.keep({.run = "20260101-000000-abcd",
                                .step = "page a.py",
                                .agent = "docs.page@1.0",
                                .failed = true,
                                .exit_code = 7,
                                .wall = Micros(5),
                                .bytes = printed});
  ASSERT_TRUE(id) << id.error().to_string();
  const auto file = summary::find_log(*files, tree.path("logs"), *id);
  ASSERT_TRUE(file);
  const auto log = summary::LogReader::open(*files, file->path);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->start().run, "20260101-000000-abcd");
  EXPECT_EQ(log->start().step, "page a.py");
  EXPECT_EQ(log->end()->exit_code, 7);
  std::string text;
  ASSERT_TRUE(log->pieces(1, log->lines(), [&](const summary::LogPiece& piece) {
    text += piece.bytes;
    return true;
  }));
  EXPECT_EQ(text, std::string(300'000, 'x') + "\npassword=[redacted:password]\nerror: no\n");
}

}  // namespace
}  // namespace skein::app
