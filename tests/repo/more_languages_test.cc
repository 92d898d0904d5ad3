// What Go, Rust, Java, C#, Ruby, PHP and Bash files say, with one small file of each.
#include <gtest/gtest.h>

#include "repo/extract.h"
#include "repo/import_text.h"

namespace skein::repo {
namespace {

FileFacts facts_of(std::string_view id, std::string_view text) {
  auto facts = extract(*builtin_languages().by_id(id), text);
  EXPECT_TRUE(facts.has_value());
  return facts.value_or(FileFacts{});
}

/// "kind scope.name visibility", a line each.
std::string symbols(const FileFacts& facts) {
  std::string out;
  for (const auto& symbol : facts.symbols) {
    const std::string scope = scope_of(facts, symbol);
    out += std::string(to_string(symbol.kind)) + " " + (scope.empty() ? "" : scope + ".") + symbol.name + " " +
           std::string(to_string(symbol.visibility)) + "\n";
  }
  return out;
}

std::string imports(const FileFacts& facts) {
  std::string out;
  for (const auto& import : facts.imports) out += import.target + (import.relative ? " relative\n" : "\n");
  return out;
}

TEST(Go, MethodsBelongToTheirReceiverAndCapitalsArePublic) {
  const auto facts =
      facts_of("go",
               "package main\nimport (\n\t\"fmt\"\n\tx \"a.org/b/c\"\n)\n// A stack.\ntype Stack[T any] "
               "struct {\n\titems []T\n}\n// Push adds.\nfunc (s *Stack[T]) Push(t T) {}\nfunc main() {}\n");
  EXPECT_EQ(symbols(facts),
            "namespace main internal\nstruct Stack public\nfield Stack.items internal\nmethod Stack.Push public\n"
            "function main internal\n");
  EXPECT_EQ(imports(facts), "fmt\na.org/b/c\n");
  EXPECT_TRUE(facts.entry_point);
  ASSERT_EQ(facts.symbols.size(), 5u);
  EXPECT_EQ(facts.symbols[1].doc, "A stack.");
  EXPECT_EQ(facts.symbols[3].doc, "Push adds.");
  EXPECT_EQ(facts.symbols[3].signature, "func (s *Stack[T]) Push(t T)");
}

TEST(Rust, MembersOfAnImplBelongToItsType) {
  const auto facts =
      facts_of("rust",
               "use std::{fmt, io::{self, Read as R}};\nmod inner;\n/// A point.\n#[derive(Debug)]\npub "
               "struct P { pub x: i32, y: i32 }\nimpl fmt::Debug for P {\n  /// Makes one.\n  pub fn new() "
               "-> P { P }\n}\nfn main() {}\n");
  EXPECT_EQ(symbols(facts),
            "struct P public\nfield P.x public\nfield P.y private\nmethod P.new public\nfunction main internal\n");
  EXPECT_EQ(imports(facts), "std::fmt\nstd::io\nstd::io::Read\nself::inner relative\n");
  ASSERT_EQ(facts.symbols.size(), 5u);
  EXPECT_EQ(facts.symbols[0].doc, "A point.");
  EXPECT_EQ(facts.symbols[3].doc, "Makes one.");
}

TEST(Java, ModifiersDecideWhoMaySee) {
  const auto facts =
      facts_of("java",
               "package a.b;\nimport java.util.List;\nimport static x.Y.*;\n/** A thing. */\npublic class "
               "Thing {\n  private int n;\n  protected void f() {}\n  public static void main(String[] a) "
               "{}\n}\n");
  EXPECT_EQ(symbols(facts),
            "namespace a.b internal\nclass Thing public\nfield Thing.n private\nmethod Thing.f protected\n"
            "method Thing.main public\n");
  EXPECT_EQ(imports(facts), "java.util.List\nx.Y.*\n");
  EXPECT_TRUE(facts.entry_point);
  EXPECT_EQ(facts.symbols[1].doc, "A thing.");
}

TEST(CSharp, MembersArePrivateUnlessTheySay) {
  const auto facts = facts_of(
      "csharp",
      "using System;\nusing L = A.B;\nnamespace N.M {\n/// Odd.\npublic class C {\n  int n;\n  protected int a, b;\n  "
      "public int P { get; set; }\n  internal void F<T>(T t) {}\n}\ninterface I { void G(); }\n}\n");
  EXPECT_EQ(symbols(facts),
            "namespace N.M internal\nclass N.M.C public\nfield N.M.C.n private\nfield N.M.C.a protected\nfield N.M.C.b "
            "protected\nproperty N.M.C.P public\n"
            "method N.M.C.F internal\ninterface N.M.I internal\nmethod N.M.I.G public\n");
  EXPECT_EQ(imports(facts), "System\nA.B\n");
}

TEST(Ruby, WhatFollowsPrivateIsPrivate) {
  const auto facts =
      facts_of("ruby",
               "require 'set'\nrequire_relative 'a/b'\nmodule M\n  # A box.\n  class Box\n    SIZE = 1\n    "
               "def open; end\n    def self.make; end\n    private\n    def hide; end\n  end\nend\n");
  EXPECT_EQ(symbols(facts),
            "namespace M public\nclass M.Box public\nconstant M.Box.SIZE public\nmethod M.Box.open public\n"
            "method M.Box.make public\nmethod M.Box.hide private\n");
  EXPECT_EQ(imports(facts), "set\na/b relative\n");
  EXPECT_EQ(facts.symbols[1].doc, "A box.");
}

TEST(Php, GroupsOfUsesAreSingleImports) {
  const auto facts =
      facts_of("php",
               "<?php\nnamespace A\\B;\nuse X\\Y\\{P, Q as R};\nuse function f\\g;\n/** Does. */\nclass C {\n"
               "  private $n = 1;\n  const K = 2;\n  protected function m() {}\n}\nfunction h() {}\n");
  EXPECT_EQ(symbols(facts),
            "namespace A\\B public\nclass C public\nfield C.$n private\nconstant C.K public\nmethod C.m protected\n"
            "function h public\n");
  EXPECT_EQ(imports(facts), "X\\Y\\P\nX\\Y\\Q\nf\\g\n");
  EXPECT_EQ(facts.symbols[1].doc, "Does.");
}

TEST(Bash, SourcedFilesAreImports) {
  const auto facts = facts_of(
      "shell",
      "#!/bin/bash\nsource \"lib/a.sh\"\n. ./b.sh\n# Says hello.\nhello() { local x=1; }\nfunction _in { :; }\n");
  EXPECT_EQ(symbols(facts), "function hello public\nfunction _in internal\n");
  EXPECT_EQ(imports(facts), "lib/a.sh relative\n./b.sh relative\n");
  EXPECT_EQ(facts.symbols[0].doc, "Says hello.");
}

TEST(ImportText, SurvivesBracesWithoutEnd) {
  EXPECT_EQ(expanded_import("use a::{b, {c", {"use"}), (std::vector<std::string>{"a::b", "a::c"}));
  EXPECT_TRUE(expanded_import("use ", {"use"}).empty() || expanded_import("use ", {"use"}).size() == 1);
  EXPECT_LE(expanded_import(std::string(1 << 20, ','), {}).size(), 1000u);
  EXPECT_LE(expanded_import(std::string(1 << 20, '{'), {}).size(), 1000u);
}

}  // namespace
}  // namespace skein::repo
