#include "repo/languages.h"

#include <gtest/gtest.h>

#include <set>

#include "repo/language_spec.h"
#include "repo/rules.h"

namespace skein::repo {
namespace {

std::string language_of(std::string_view path, std::string_view start = "") {
  const Language* language = builtin_languages().by_path_and_content(path, start);
  return language == nullptr ? "" : language->id();
}

TEST(Languages, AllCompileAgainstTheirGrammars) {
  for (const auto& language : builtin_languages().all()) {
    if (!language->has_grammar()) continue;
    EXPECT_TRUE(language->rules()) << language->rules().error().to_string();
  }
}

TEST(Languages, AreKnownByExtensionNameAndInterpreter) {
  EXPECT_EQ(language_of("a/b.py"), "python");
  EXPECT_EQ(language_of("a/B.PY"), "python");
  EXPECT_EQ(language_of("x.C"), "cpp");
  EXPECT_EQ(language_of("x.c"), "c");
  EXPECT_EQ(language_of("x.d.ts"), "typescript");
  EXPECT_EQ(language_of("x.tsx"), "tsx");
  EXPECT_EQ(language_of("x.mjs"), "javascript");
  EXPECT_EQ(language_of("dir.py/SConstruct"), "python");
  EXPECT_EQ(language_of("run", "#!/usr/bin/env -S python3 -u\n"), "python");
  EXPECT_EQ(language_of("run", "#! /usr/bin/python3.11\n"), "python");
  EXPECT_EQ(language_of("run", "#!/usr/bin/env A=1 node"), "javascript");
  EXPECT_EQ(language_of("run", "#!"), "");
  EXPECT_EQ(language_of("run", "#!/usr/bin/env -"), "");
  EXPECT_EQ(language_of("CMakeLists.txt"), "cmake");
  EXPECT_EQ(language_of("run", "#!/bin/sh\n"), "shell");
  EXPECT_EQ(language_of("LICENSE"), "");
  EXPECT_EQ(language_of(".py"), "");
  EXPECT_EQ(language_of(""), "");
}

TEST(Languages, ShareNoExtensionNameOrInterpreter) {
  std::set<std::string> seen;
  for (const auto& language : builtin_languages().all()) {
    const auto& spec = language->spec();
    for (const auto& extension : spec.extensions) EXPECT_TRUE(seen.insert("." + extension).second) << extension;
    for (const auto& file : spec.files) EXPECT_TRUE(seen.insert(file).second) << file;
    for (const auto& program : spec.interpreters) EXPECT_TRUE(seen.insert("#!" + program).second) << program;
  }
}

TEST(Languages, TellCppHeadersFromCByTheirContent) {
  EXPECT_EQ(language_of("a.h", "#ifndef A\nint f(void);\n"), "c");
  EXPECT_EQ(language_of("a.h", "/* class X */\n// namespace a {\n/*\nclass Y\n*/\nint f(void);\n"), "c");
  EXPECT_EQ(language_of("a.h", "#pragma once\nnamespace a {\n"), "cpp");
  EXPECT_EQ(language_of("a.h", "struct A {\n  std::string s;\n};\n"), "cpp");
  EXPECT_EQ(language_of("a.h", "  template <class T>\n"), "cpp");
  EXPECT_EQ(language_of("a.h", std::string(Languages::kWindow, '\n') + "class X {"), "c") << "beyond the window";
}

TEST(Languages, MistakesInDataAreNamed) {
  const auto problem = [](std::string_view toml) {
    const EmbeddedFile file{"x/language.toml", toml};
    const auto parsed = Languages::parse(std::span(&file, 1));
    return parsed ? "" : parsed.error().to_string();
  };
  EXPECT_EQ(problem("id = \"x\"\nname = \"X\"\n"), "");
  EXPECT_NE(problem("id = \"x\"\nname = \"X\"\nextension = [\"x\"]\n").find("extension is not known"),
            std::string::npos);
  EXPECT_NE(problem("id = \"x\"\nname = \"X\"\n[[symbol]]\nnode=\"n\"\nkind=\"klass\"").find("symbol[0].kind"),
            std::string::npos);
  EXPECT_NE(problem("id = ").find("line 1"), std::string::npos);
  EXPECT_NE(problem("id = \"y\"\nname = \"X\"\n").find("x/language.toml"), std::string::npos);
}

TEST(Languages, TheHeadOfTheDataSaysAllThatTheWholeSaysOfFiles) {
  for (const auto& language : builtin_languages().all()) {
    const auto& head = language->head();
    const auto& whole = language->spec();
    EXPECT_EQ(head.id, whole.id);
    EXPECT_EQ(head.name, whole.name) << head.id;
    EXPECT_EQ(head.grammar, whole.grammar) << head.id;
    EXPECT_EQ(head.extensions, whole.extensions) << head.id;
    EXPECT_EQ(head.files, whole.files) << head.id;
    EXPECT_EQ(head.interpreters, whole.interpreters) << head.id;
    EXPECT_EQ(head.claims.size(), whole.claims.size()) << head.id;
  }
}

TEST(Languages, TheHeadEndsBeforeTheFirstTableButClaims) {
  EXPECT_EQ(language_head("id = \"x\"\n[[claims]]\nextension = \"h\"\n[names]\n"),
            "id = \"x\"\n[[claims]]\nextension = \"h\"\n");
  EXPECT_EQ(language_head("a = 1"), "a = 1");
  EXPECT_EQ(language_head(""), "");
}

TEST(Languages, DigestFollowsTheData) {
  const auto digest = [](std::string_view toml) {
    const EmbeddedFile file{"x/language.toml", toml};
    return Languages::parse(std::span(&file, 1))->digest();
  };
  EXPECT_EQ(digest("id = \"x\"\nname = \"X\"\n"), digest("id = \"x\"\nname = \"X\"\n"));
  EXPECT_NE(digest("id = \"x\"\nname = \"X\"\n"), digest("id = \"x\"\nname = \"X\"\nfiles = \"y\"\n"));
}

}  // namespace
}  // namespace skein::repo
