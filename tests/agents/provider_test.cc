#include "agents/provider.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "agents/ledger.h"
#include "support/scratch_tree.h"

namespace skein::agents {
namespace {

constexpr const char* kLeast = "id = \"p\"\nurl = \"https://p.example/v1/\"\ndialects = [\"openai-chat\"]\n";

Provider provider(const std::string& key) {
  auto made = parse_provider(std::string(kLeast) + "[key]\n" + key + "\n", "p.toml");
  EXPECT_TRUE(made) << made.error().to_string();
  return std::move(*made);
}

TEST(Provider, IsReadFromAFileThatSaysWhatIsWrong) {
  const auto least = parse_provider(kLeast, "p.toml");
  ASSERT_TRUE(least);
  EXPECT_EQ(least->url, "https://p.example/v1");
  EXPECT_FALSE(least->is_local());
  const auto problem = [](const std::string& text) {
    const auto made = parse_provider(text, "p.toml");
    return made ? std::string() : made.error().message();
  };
  EXPECT_TRUE(problem("id = 1").contains("p.toml:1: \"id\" is a text"));
  EXPECT_TRUE(problem("id = \"p\"\nurl = \"ftp://x\"\ndialects = [\"openai-chat\"]").contains("\"url\""));
  EXPECT_TRUE(problem("id = \"p\"\nurl = \"http://x\"\ndialects = [\"latin\"]").contains("unknown dialect \"latin\""));
  EXPECT_TRUE(problem(std::string(kLeast) + "keys = 1").contains("unknown key \"keys\""));
  EXPECT_TRUE(problem(std::string(kLeast) + "[key]\nenvironment = \"A\"\nfile = \"b\"").contains("one of"));
  EXPECT_TRUE(problem(std::string(kLeast) + "output_limit = \"most\"").contains("max_completion_tokens"));
}

TEST(Provider, ShippedOnesAreThereAndTheUsersWin) {
  const test::ScratchTree tree;
  const auto files = make_system_file_system();
  tree.write("openai.toml", "id = \"openai\"\nurl = \"http://127.0.0.1:1/v1\"\ndialects = [\"openai-chat\"]\n");
  const auto all = load_providers(*files, tree.root());
  ASSERT_TRUE(all) << all.error().to_string();
  ASSERT_EQ(all->size(), 4U);
  EXPECT_EQ((*all)[3].url, "http://127.0.0.1:1/v1");
  EXPECT_TRUE((*all)[2].free && (*all)[2].is_local()) << (*all)[2].id;
}

TEST(Provider, FindsItsKeyAndRefusesOneThatOthersMayRead) {
  const test::ScratchTree tree;
  EXPECT_EQ(*find_key(provider("environment = \"A_KEY\""), {{"A_KEY", "k1"}}), "k1");
  const auto unset = find_key(provider("environment = \"A_KEY\""), {{"A_KEY", ""}});
  ASSERT_FALSE(unset);
  EXPECT_EQ(unset.error().code(), Code::not_found);

  tree.write("key", "k2\n");
  const Provider by_file = provider("file = \"~/key\"");
  ASSERT_EQ(::chmod(tree.path("key").c_str(), 0640), 0);
  const auto open = find_key(by_file, {{"HOME", tree.root()}});
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code(), Code::permission_denied);
  EXPECT_FALSE(open.error().to_string().contains("k2"));
  ASSERT_EQ(::chmod(tree.path("key").c_str(), 0600), 0);
  EXPECT_EQ(*find_key(by_file, {{"HOME", tree.root()}}), "k2");

  const Variables path{{"PATH", "/usr/bin:/bin"}};
  EXPECT_EQ(*find_key(provider("command = [\"sh\", \"-c\", \"echo k3; echo noise >&2\"]"), path), "k3");
  EXPECT_FALSE(find_key(provider("command = [\"sh\", \"-c\", \"echo k3; exit 1\"]"), path));
  EXPECT_FALSE(find_key(provider("command = [\"printf\", \"k\\\\r\\\\nX-Injected: 1\"]"), path));
  EXPECT_EQ(*find_key(*parse_provider(kLeast, "p.toml"), {}), "");
}

TEST(Ledger, GivesBackWhatWasWrittenAndPassesOverWhatIsNoEntry) {
  const test::ScratchTree tree;
  const auto files = make_system_file_system();
  ModelCall call;
  call.at = WallTime(std::chrono::sys_days{std::chrono::year{2026} / 11 / 29});
  call.model = "m\n\"x\"";
  call.agent = "a";
  call.usage = {{1}, {2}, {3}, {4}, {5}, {1}};
  call.money = {7};
  call.estimated = true;
  ModelCall earlier = call;
  earlier.at -= std::chrono::days(40);
  ASSERT_TRUE(add_to_ledger(*files, tree.root(), {"run-2", "/w", call}));
  ASSERT_TRUE(add_to_ledger(*files, tree.root(), {"run-1", "/w", earlier}));
  auto torn = files->open(tree.path("usage/2026-11"), OpenMode::append);
  ASSERT_TRUE(torn && (*torn)->append("{\"schema\":\"skein.model_call/9\"}\n[]\n{\"sche"));
  const auto entries = read_ledger(*files, tree.root());
  ASSERT_TRUE(entries) << entries.error().to_string();
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].run, "run-1");
  EXPECT_EQ((*entries)[1].call.usage, call.usage);
  EXPECT_EQ((*entries)[1].call.model, call.model);
  EXPECT_TRUE((*entries)[1].call.estimated);
  EXPECT_EQ(day_of(call.at), "2026-11-29");
}

}  // namespace
}  // namespace skein::agents
