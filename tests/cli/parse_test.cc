#include "cli/parse.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::cli {

enum class Kind { small, large };
std::span<const engine::Choice<Kind>> choices_of(Kind) {
  static constexpr std::array<engine::Choice<Kind>, 2> kChoices{{{Kind::small, "small"}, {Kind::large, "large"}}};
  return kChoices;
}

namespace {

using engine::Context;

struct Nothing {
  template <class V>
  static void describe(V&) {}
};
struct LintInput {
  std::string folder = ".";
  std::vector<std::string> exclude;
  std::optional<Bytes> limit;
  Kind kind = Kind::small;
  bool fix = false;
  bool config = false;
  int no_such_limit = 0;
  template <class V>
  static void describe(V& v) {
    v.field("folder", &LintInput::folder, "Where.", {.positional = true, .value_name = "DIR"});
    v.field("exclude", &LintInput::exclude, "What not.", {.short_name = 'x'});
    v.field("limit", &LintInput::limit, "How large.");
    v.field("kind", &LintInput::kind, "Which.");
    v.field("fix", &LintInput::fix, "Mend.", {.short_name = 'f'});
    v.field("config", &LintInput::config, "Hides the global one.");
    v.field("no_such_limit", &LintInput::no_such_limit, "A number.");
  }
};
struct ShowInput {
  std::string id;
  std::vector<std::string> more;
  template <class V>
  static void describe(V& v) {
    v.field("id", &ShowInput::id, "The run.", {.required = true, .positional = true, .value_name = "ID"});
    v.field("more", &ShowInput::more, "Others.", {.positional = true});
  }
};

template <class Input>
void add(engine::OperationTable& table, std::string_view name) {
  table.add(engine::Operation::make<Input, Nothing>(
      {.name = name, .summary = "Does it", .description = "It does."},
      [](const Context&, Input) -> Result<Nothing> { return Nothing{}; },
      +[](const Nothing&, const engine::Style&) { return std::string(); }));
}

class ParseTest : public testing::Test {
 protected:
  ParseTest() {
    add<LintInput>(table, "lint");
    add<Nothing>(table, "runs list");
    add<ShowInput>(table, "runs show");
  }
  Result<CommandLine> read(std::vector<std::string> words) { return parse(table, words); }
  std::string input(std::vector<std::string> words) {
    const auto line = read(std::move(words));
    return line ? line->input.dump() : line.error().message();
  }
  std::string wrong(std::vector<std::string> words) {
    const auto line = read(std::move(words));
    EXPECT_TRUE(line || line.error().code() == Code::invalid_argument);
    return line ? "fine" : line.error().message();
  }
  engine::OperationTable table;
};

TEST_F(ParseTest, ReadsOptionsInEveryForm) {
  EXPECT_EQ(input({"lint"}), "{}");
  EXPECT_EQ(input({"lint", "src", "--limit", "10KB", "--fix"}), R"({"folder":"src","limit":10000,"fix":true})");
  EXPECT_EQ(input({"lint", "--limit=10KiB", "--fix=false"}), R"({"limit":10240,"fix":false})");
  EXPECT_EQ(input({"lint", "-fxa", "-x", "b", "--exclude=c"}), R"({"fix":true,"exclude":["a","b","c"]})");
  EXPECT_EQ(input({"lint", "--kind", "large", "--no-such-limit", "-3"}), R"({"kind":"large","no_such_limit":-3})");
}

TEST_F(ParseTest, TakesGlobalOptionsAnywhere) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--json", "-C", "/x", "lint", "a"},
                                                {"lint", "--json", "a", "-C/x"},
                                                {"lint", "a", "--directory=/x", "--json"}}) {
    const auto line = read(words);
    ASSERT_TRUE(line);
    EXPECT_TRUE(line->globals.json);
    EXPECT_EQ(line->globals.directory, "/x");
    EXPECT_EQ(line->input.dump(), R"({"folder":"a"})");
  }
  EXPECT_EQ(read({"lint", "-j4", "--mode", "airgapped", "--no-cache"})->globals.jobs, 4);
}

TEST_F(ParseTest, AnOwnOptionHidesTheGlobalOneOfItsName) {
  const auto own = read({"lint", "--config"});
  EXPECT_EQ(own->input.dump(), R"({"config":true})");
  const auto before = read({"--config", "f.toml", "lint", "--config"});
  EXPECT_EQ(before->globals.config, "f.toml");
  EXPECT_EQ(before->input.dump(), R"({"config":true})");
  EXPECT_EQ(read({"lint", "--config=f.toml"})->globals.config, "f.toml");
}

TEST_F(ParseTest, TakesWordsAfterTheDashesAndPathsAsTheyAre) {
  EXPECT_EQ(input({"lint", "--", "--fix"}), R"({"folder":"--fix"})");
  EXPECT_EQ(input({"lint", "./lint"}), R"({"folder":"./lint"})");
  EXPECT_EQ(input({"lint", "lint"}), R"({"folder":"lint"})");
  EXPECT_EQ(input({"lint", "-"}), R"({"folder":"-"})");
}

TEST_F(ParseTest, KnowsGroups) {
  EXPECT_EQ(read({"runs", "list"})->operation->info().name, "runs list");
  EXPECT_EQ(input({"runs", "show", "7", "8", "9"}), R"({"id":"7","more":["8","9"]})");
  EXPECT_EQ(wrong({"runs"}), "`skein runs` needs one of: list, show");
  EXPECT_EQ(wrong({"runs", "shwo"}), "there is no command \"runs shwo\" (did you mean \"show\"?)");
}

TEST_F(ParseTest, NamesWhatIsWrong) {
  EXPECT_EQ(wrong({"lnit"}), "there is no command \"lnit\" (did you mean \"lint\"?)");
  EXPECT_EQ(wrong({"lint", "--fxi"}), "skein lint has no option \"--fxi\" (did you mean \"--fix\"?)");
  EXPECT_EQ(wrong({"lint", "--jsno"}), "skein lint has no option \"--jsno\" (did you mean \"--json\"?)");
  EXPECT_EQ(wrong({"lint", "-Z"}), "skein lint has no option \"-Z\"");
  EXPECT_EQ(wrong({"lint", "a", "b"}), "skein lint takes 1 argument, and \"b\" is one too many");
  EXPECT_EQ(wrong({"runs", "list", "b"}), "skein runs list takes no arguments, and \"b\" is one too many");
  EXPECT_EQ(wrong({"runs", "show"}), "skein runs show needs ID: The run.");
  EXPECT_EQ(wrong({"lint", "--limit"}), "--limit needs a value: --limit SIZE");
  EXPECT_EQ(wrong({"lint", "--limit", "much"}), "--limit: \"much\" is not a size such as 200MB, 10KiB or 4096");
  EXPECT_EQ(wrong({"lint", "--kind", "lrge"}),
            "--kind must be one of small, large, not \"lrge\" (did you mean \"large\"?)");
  EXPECT_EQ(wrong({"--mode", "remote", "lint"}), "--mode must be one of local, burst, airgapped, not \"remote\"");
  EXPECT_EQ(wrong({"lint", "--jobs", "0"}), "jobs must be at least 1, not 0");
  EXPECT_EQ(wrong({"--json"}), "no command is given");
}

TEST_F(ParseTest, AnswersRequestsForHelp) {
  EXPECT_TRUE(read({})->globals.help);
  EXPECT_EQ(read({"lint", "-h"})->help_topic, "lint");
  EXPECT_EQ(read({"help", "runs", "list"})->help_topic, "runs list");
  EXPECT_EQ(read({"runs", "--help"})->help_topic, "runs");
  EXPECT_TRUE(read({"runs", "show", "--help"})->globals.help);
}

TEST_F(ParseTest, SurvivesAnyWords) {
  SeededRandom random(3);
  const std::vector<std::string> pool{"lint", "runs",     "list",    "show", "--",  "-",        "--fix",
                                      "-x",   "--limit=", "--limit", "=",    "--=", "-C",       "--json",
                                      "help", "",         "--help",  "\xff", "-fx", "--config", "--no-such-limit=1"};
  for (int round = 0; round < 5000; ++round) {
    std::vector<std::string> words;
    for (std::uint64_t i = random.below(7); i > 0; --i) words.push_back(pool[random.below(pool.size())]);
    const auto line = parse(table, words);
    EXPECT_TRUE(!line || line->globals.help || line->operation != nullptr);
  }
}

}  // namespace
}  // namespace skein::cli
