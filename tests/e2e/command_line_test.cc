// Exit codes, error texts and what commands leave behind.
#include <gtest/gtest.h>

#include "e2e/skein_program.h"
#include "engine/schema.h"

namespace skein {
namespace {

using engine::parse_json;
using test::Outcome;
using test::SkeinProgram;

class CommandLine : public testing::Test {
 protected:
  SkeinProgram skein;
};

TEST_F(CommandLine, PrintsItsVersion) {
  const Outcome text = skein.run({"version"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_TRUE(text.out.starts_with("skein ")) << text.out;
  EXPECT_EQ(text.err, "");
  const auto json = parse_json(skein.run({"version", "--json"}).out);
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["schema"], "skein.version/1");
}

TEST_F(CommandLine, WithoutWordsPrintsHelp) {
  const Outcome help = skein.run({});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("Commands:"), std::string::npos);
  EXPECT_EQ(skein.run({"--help"}).out, help.out);
  EXPECT_EQ(skein.run({"help"}).out, help.out);
}

TEST_F(CommandLine, WrongUseIsTwoWithTheNearestNameAndAWayOut) {
  const Outcome command = skein.run({"doctr"});
  EXPECT_EQ(command.exit_code, 2);
  EXPECT_EQ(command.out, "");
  EXPECT_EQ(command.err,
            "skein: there is no command \"doctr\" (did you mean \"doctor\"?)\n  way out: see `skein --help` for all "
            "commands\n");
  const Outcome flag = skein.run({"doctor", "--jsno"});
  EXPECT_EQ(flag.exit_code, 2);
  EXPECT_EQ(flag.err,
            "skein: skein doctor has no option \"--jsno\" (did you mean \"--json\"?)\n  way out: see `skein doctor "
            "--help`\n");
  skein.workspace.write("skein.toml", "[docs]\nuot = \"x\"\n");
  const Outcome key = skein.run({"doctor"});
  EXPECT_EQ(key.exit_code, 2);
  EXPECT_EQ(key.err,
            "skein: there is no setting \"docs.uot\" (did you mean \"docs.out\"?)\n  where: skein.toml:2\n"
            "  way out: mend or remove that line; docs/configuration.md shows every key\n");
}

TEST_F(CommandLine, ErrorsAreJsonWhereJsonIsAsked) {
  const Outcome wrong = skein.run({"doctr", "--json"});
  EXPECT_EQ(wrong.exit_code, 2);
  const auto json = parse_json(wrong.err);
  ASSERT_TRUE(json) << wrong.err;
  EXPECT_EQ((*json)["schema"], "skein.error/1");
  EXPECT_EQ((*json)["exit_code"], 2);
}

TEST_F(CommandLine, AFolderThatIsNotThereIsWrongUse) {
  EXPECT_EQ(skein.run({"-C", "nowhere", "doctor"}).exit_code, 2);
  EXPECT_EQ(skein.run({"doctor", "--config=nowhere.toml"}).exit_code, 2);
}

TEST_F(CommandLine, AFolderNamedLikeACommandIsReachedByItsPath) {
  skein.workspace.write("symbols/a.py", "def f(): pass\n");
  const Outcome plain = skein.run({"symbols", "symbols"});
  EXPECT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_EQ(plain.out, "symbols/a.py:1: function f\n");
  EXPECT_EQ(skein.run({"symbols", "./symbols"}).out, plain.out);
  const Outcome alone = skein.run({"./symbols"});
  EXPECT_EQ(alone.exit_code, 2);
  EXPECT_NE(alone.err.find("`skein docs ./symbols`"), std::string::npos) << alone.err;
}

TEST_F(CommandLine, InitWritesAFileThatItThenReads) {
  const Outcome init = skein.run({"init"});
  EXPECT_EQ(init.exit_code, 0) << init.err;
  EXPECT_EQ(skein.run({"doctor"}).exit_code, 0);
  const Outcome again = skein.run({"init"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.err.find("way out: edit it, or replace it with `skein init --force`"), std::string::npos)
      << again.err;
  EXPECT_EQ(skein.run({"init", "--force"}).exit_code, 0);
}

TEST_F(CommandLine, DoctorSaysWhereEachSettingCameFrom) {
  skein.workspace.write("skein.toml", "[engine]\njobs = 2\n");
  skein.home.write(".config/skein/config.toml", "[log]\nlevel = \"info\"\n");
  const Outcome doctor = skein.run({"doctor", "--config", "--json", "--jobs", "3"}, {}, {{"SKEIN_DOCS_OUT", "site"}});
  ASSERT_EQ(doctor.exit_code, 0) << doctor.err;
  const auto json = parse_json(doctor.out);
  ASSERT_TRUE(json);
  std::map<std::string, std::string> places;
  for (const auto& row : (*json)["config"]) places[row["key"].get<std::string>()] = row["place"].get<std::string>();
  EXPECT_EQ(places["engine.jobs"], "--jobs");
  EXPECT_EQ(places["docs.out"], "SKEIN_DOCS_OUT");
  EXPECT_EQ(places["log.level"], skein.home.path(".config/skein/config.toml") + ":2");
  EXPECT_EQ(places["docs.exclude"], "");
}

TEST_F(CommandLine, DoctorRefusesNewerState) {
  skein.workspace.write(".skein/format", "skein state 99\n");
  const Outcome doctor = skein.run({"doctor"});
  EXPECT_EQ(doctor.exit_code, 1);
  EXPECT_NE(doctor.out.find("way out: update skein"), std::string::npos) << doctor.out;
}

TEST_F(CommandLine, TrustIsAskedForKeptForTheUserAndAskedAgainAfterAChange) {
  skein.workspace.write("skein.toml", "[mode]\ndefault = \"burst\"\n");
  const auto mode = [&] {
    const auto json = parse_json(skein.run({"doctor", "--config", "--json"}).out);
    for (const auto& row : (*json)["config"])
      if (row["key"] == "mode.default") return row["value"].get<std::string>();
    return std::string();
  };
  EXPECT_EQ(mode(), "local");
  const Outcome seen = skein.run({"trust"});
  EXPECT_EQ(seen.exit_code, 1);
  EXPECT_NE(seen.out.find("mode.default = \"burst\" (skein.toml:2)"), std::string::npos) << seen.out;
  const Outcome warned = skein.run({"symbols"});
  EXPECT_NE(warned.err.find("mode.default is not used"), std::string::npos) << warned.err;
  EXPECT_EQ(skein.run({"trust", "--yes"}).exit_code, 0);
  EXPECT_EQ(mode(), "burst");
  EXPECT_FALSE(std::filesystem::exists(skein.workspace.path(".skein")));
  EXPECT_NE(skein.run({"trust", "--list"}).out.find(skein.workspace.root()), std::string::npos);
  skein.workspace.write(".skein/agents/new.toml", "run = \"x\"");
  EXPECT_EQ(mode(), "local");
  EXPECT_EQ(skein.run({"trust", "--yes"}).exit_code, 0);
  EXPECT_EQ(skein.run({"trust", "--revoke"}).exit_code, 0);
  EXPECT_EQ(mode(), "local");
  EXPECT_EQ(skein.run({"trust", "--revoke"}).exit_code, 2);
}

TEST_F(CommandLine, SymbolsAreTheSameOnAnyNumberOfThreads) {
  for (int i = 0; i < 40; ++i)
    skein.workspace.write("src/f" + std::to_string(i) + ".py",
                          "class C" + std::to_string(i) + ":\n    def m(self): pass\n");
  const Outcome serial = skein.run({"symbols", "--json", "--serial"});
  EXPECT_EQ(serial.exit_code, 0) << serial.err;
  EXPECT_EQ(skein.run({"symbols", "--json", "--jobs", "4"}).out, serial.out);
  const std::string line = serial.out.substr(0, serial.out.find('\n'));
  EXPECT_EQ(
      line,
      R"({"name":"C0","kind":"class","language":"python","path":"src/f0.py","line":1,"end_line":2,"scope":"","signature":"class C0","visibility":"public"})");
}

TEST_F(CommandLine, UsersOfASymbolAreTheFilesThatImportAndNameIt) {
  skein.workspace.write("lib/shapes.py", "class Circle:\n    def area(self): pass\n\nclass Square: pass\n");
  skein.workspace.write("lib/other.py", "class Circle: pass\n");
  skein.workspace.write("app.py", "from lib.shapes import Circle\n\nCircle().area()\n");
  skein.workspace.write("talk.py", "# Circle\nimport lib.shapes\n");
  skein.workspace.write("far.py", "Circle = 1\n");
  const Outcome plain = skein.run({"symbols", "--users", "Circle"});
  EXPECT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_EQ(plain.out, "app.py:1: uses class Circle of lib/shapes.py:1\n");
  EXPECT_EQ(skein.run({"symbols", "--users", "Circle.area", "--json"}).out,
            R"({"path":"app.py","line":3,"count":1,"name":"area","kind":"method","scope":"Circle",)"
            R"("defined_in":"lib/shapes.py","defined_at":2,"inferred":true})"
            "\n");
  EXPECT_EQ(skein.run({"symbols", "lib/other.py", "--users", "Circle"}).out, "");
  EXPECT_EQ(skein.run({"symbols", "--users", "Square"}).out, "");
  EXPECT_EQ(skein.run({"symbols", "--users", "Circle."}).exit_code, 2);
}

TEST_F(CommandLine, UsersOfASymbolAreAlsoTheFilesOfItsPackage) {
  skein.workspace.write("shop/price.go", "package shop\n\nfunc Total() int { return 1 }\n");
  skein.workspace.write("shop/cart.go", "package shop\n\nfunc Sum() int { return Total() }\n");
  skein.workspace.write("shop/own.go", "package shop\n\ntype T int\n\nfunc (t T) Total() { t.Total() }\n");
  skein.workspace.write("tool/main.go", "package main\n\nfunc main() { Total() }\n");
  skein.workspace.write("org/Order.java", "package org;\n\nclass Order {\n  int sum() { return 1; }\n}\n");
  skein.workspace.write("test/org/Cart.java", "package org;\n\nclass Cart {\n  int x = new Order().sum();\n}\n");
  const std::string go = "shop/cart.go:3: uses function Total of shop/price.go:3\n";
  const std::string java = "test/org/Cart.java:4: uses method Order.sum of org/Order.java:4\n";
  const Outcome total = skein.run({"symbols", "shop/price.go", "--users", "Total"});
  EXPECT_EQ(total.out, go);
  EXPECT_TRUE(total.err.contains("inferred from imports and packages")) << total.err;
  EXPECT_EQ(skein.run({"symbols", "--users", "Order.sum"}).out, java);
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  EXPECT_EQ(skein.run({"symbols", "shop/price.go", "--users", "Total"}).out, go) << "from what docs remembered";
  EXPECT_EQ(skein.run({"symbols", "--users", "Order.sum"}).out, java);
}

TEST_F(CommandLine, UsersOfASymbolAreTheSameFromWhatDocsRemembered) {
  skein.workspace.write("lib/shapes.py", "class Circle:\n    def area(self): pass\n");
  skein.workspace.write("app.py", "from lib.shapes import Circle\n\nCircle().area()\n");
  skein.workspace.write("own.py", "import lib.shapes\n\nclass Circle: pass\n");
  const std::vector<std::string> asked{"symbols", "--users", "Circle"};
  const auto before = skein.run(asked).out;
  EXPECT_EQ(before, "app.py:1: uses class Circle of lib/shapes.py:1\n");  // own.py defines another one.
  ASSERT_EQ(skein.run({"docs"}).exit_code, 0);
  EXPECT_EQ(skein.run(asked).out, before);
  // What changed since then is read anew.
  skein.workspace.write("own.py", "import lib.shapes\n\nlib.shapes.Circle()\n");
  EXPECT_EQ(skein.run(asked).out, before + "own.py:3: uses class Circle of lib/shapes.py:1\n");
}

TEST_F(CommandLine, WorksAirgapped) {
  skein.workspace.write("a.py", "def f(): pass\n");
  const Outcome symbols = skein.run({"symbols", "--mode", "airgapped"});
  EXPECT_EQ(symbols.exit_code, 0) << symbols.err;
  EXPECT_EQ(symbols.out, "a.py:1: function f\n");
}

TEST_F(CommandLine, CompletionScriptsAreGoodBash) {
  const Outcome script = skein.run({"completion", "bash"});
  ASSERT_EQ(script.exit_code, 0);
  skein.workspace.write("completion.bash", script.out);
  const Outcome syntax = skein.run_program({"bash", "-n", "completion.bash"});
  EXPECT_EQ(syntax.exit_code, 0) << syntax.err;
  const auto complete = [&](const std::string& words) {
    skein.workspace.write("try.bash",
                          "source completion.bash\nCOMP_WORDS=(skein " + words +
                              ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_skein\nprintf '%s ' \"${COMPREPLY[@]}\"\n");
    return skein.run_program({"bash", "try.bash"}).out;
  };
  EXPECT_EQ(complete("doct"), "doctor ");
  EXPECT_EQ(complete("doctor --conf"), "--config --config ");
  EXPECT_EQ(complete("completion ''"), "bash zsh fish ");
  EXPECT_EQ(complete("--mode air"), "airgapped ");
  EXPECT_EQ(complete("-C . trust --re"), "--revoke ");
  EXPECT_EQ(complete("symbols comp"), "completion.bash ");
  EXPECT_EQ(skein.run({"completion", "tcsh"}).exit_code, 2);
}

TEST_F(CommandLine, NoColorMeansNone) {
  EXPECT_EQ(skein.run({"doctor"}).out.find('\x1b'), std::string::npos);
  EXPECT_NE(skein.run({"doctor", "--color", "always"}).out.find('\x1b'), std::string::npos);
  EXPECT_EQ(skein.run({"doctor", "--color=never"}).out.find('\x1b'), std::string::npos);
}

TEST_F(CommandLine, ANameInAPathCannotSteerTheTerminal) {
  skein.workspace.write("a\x1b[31m.py", "def f(): pass\n");
  const Outcome symbols = skein.run({"symbols"});
  EXPECT_EQ(symbols.exit_code, 0);
  EXPECT_EQ(symbols.out, "a\\x1b[31m.py:1: function f\n");
}

}  // namespace
}  // namespace skein
