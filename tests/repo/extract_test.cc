#include "repo/extract.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/random.h"

namespace skein::repo {
namespace {

using testing::ElementsAre;

FileFacts facts_of(std::string_view language, std::string_view text, const ExtractLimits& limits = {}) {
  auto facts = extract(*builtin_languages().by_id(language), text, limits);
  EXPECT_TRUE(facts) << facts.error().to_string();
  return facts.value_or(FileFacts());
}

/// One line per symbol: "2-3 method internal A.f: def f(self)".
std::vector<std::string> lines_of(const FileFacts& facts) {
  std::vector<std::string> out;
  for (const auto& symbol : facts.symbols) {
    const std::string scope = scope_of(facts, symbol);
    out.push_back(fmt::format("{}-{} {} {} {}{}: {}", symbol.line, symbol.end_line, to_string(symbol.kind),
                              to_string(symbol.visibility), scope.empty() ? "" : scope + ".", symbol.name,
                              symbol.signature));
  }
  return out;
}
std::vector<std::string> symbols_of(std::string_view language, std::string_view text) {
  return lines_of(facts_of(language, text));
}

std::string doc_of(const FileFacts& facts, std::string_view name) {
  for (const auto& symbol : facts.symbols) {
    if (symbol.name == name) return symbol.doc;
  }
  return "(no symbol " + std::string(name) + ")";
}

TEST(ExtractPython, FindsClassesFunctionsAndOuterVariables) {
  EXPECT_THAT(
      symbols_of("python", R"(LIMIT = 10
size: int = 3
size = 4
class A(Base, metaclass=M):
    field = 1
    @property
    def _name(self) -> str:
        local = 2
        def inner(): pass
    async def __aenter__(self): ...
    def __mangled(self): ...
if True:
    def g(a,
          b=1):  # why
        return a
)"),
      ElementsAre("1-1 constant public LIMIT: LIMIT = 10", "2-2 variable public size: size: int = 3",
                  "4-11 class public A: class A(Base, metaclass=M)", "5-5 field public A.field: field = 1",
                  "7-9 method internal A._name: def _name(self) -> str",
                  "9-9 function internal A._name.inner: def inner()",
                  "10-10 method public A.__aenter__: async def __aenter__(self)",
                  "11-11 method private A.__mangled: def __mangled(self)", "13-15 function public g: def g(a, b=1)"));
}

TEST(ExtractPython, TakesDocsFromStringsElseFromCommentsAbove) {
  const auto facts = facts_of("python", R"py(#!/usr/bin/env python3
# Copyright 2020 Nobody.
"""The module.

    Indented.
"""
def f():
    r'''First.

        Second.
    '''

# Above.
# -----
# noqa: nothing
# More.
@decorated
def g(): pass

# Not above.

def h(): pass
)py");
  EXPECT_EQ(facts.doc, "The module.\n\nIndented.");
  EXPECT_EQ(doc_of(facts, "f"), "First.\n\nSecond.");
  EXPECT_EQ(doc_of(facts, "g"), "Above.\nMore.");
  EXPECT_EQ(doc_of(facts, "h"), "");
  EXPECT_TRUE(facts.entry_point) << "an interpreter's line";
  EXPECT_EQ(facts.comment_lines, 7u);
}

TEST(ExtractPython, ListsImportsAsWritten) {
  const auto facts = facts_of("python", R"(from __future__ import annotations
import os.path as p, sys
from ..pkg import a as b, c
from . import d
from x import *
if __name__ == "__main__":
    import late
)");
  std::vector<std::string> lines;
  for (const auto& import : facts.imports) {
    lines.push_back(fmt::format("{} {}{} [{}]", import.line, import.relative ? "relative " : "", import.target,
                                fmt::join(import.names, " ")));
  }
  EXPECT_THAT(lines, ElementsAre("1 __future__ [annotations]", "2 os.path []", "2 sys []", "3 relative ..pkg [a c]",
                                 "4 relative . [d]", "5 x []", "7 late []"));
  EXPECT_TRUE(facts.entry_point);
}

TEST(ExtractC, ReadsDeclaratorsFromTheInside) {
  EXPECT_THAT(
      symbols_of("c", R"(#include <stdio.h>
#define MAX(a, b) \
  ((a) > (b) ? (a) : (b))
#define SIZE 3
#define GUARD
typedef struct { int x, *y; } Point;
typedef int (*handler)(int);
struct node { struct node *next; int (*visit)(void); };
struct node;
enum color { red, green = 2 };
static int counter, *other;
int *find(const char *name);
int (*pointer)(int);
static unsigned long
hash(const char *s) { int local; return 0; }
)"),
      ElementsAre("2-3 macro public MAX: #define MAX(a, b)", "4-4 macro public SIZE: #define SIZE 3",
                  "6-6 struct public Point: typedef struct", "6-6 field public Point.x: int x, *y",
                  "6-6 field public Point.y: int x, *y", "7-7 type_alias public handler: typedef int (*handler)(int)",
                  "8-8 struct public node: struct node", "8-8 field public node.next: struct node *next",
                  "8-8 field public node.visit: int (*visit)(void)", "10-10 enum public color: enum color",
                  "10-10 enum_member public color.red: red", "10-10 enum_member public color.green: green = 2",
                  "11-11 variable internal counter: static int counter, *other",
                  "11-11 variable internal other: static int counter, *other",
                  "12-12 function public find: int *find(const char *name)",
                  "13-13 variable public pointer: int (*pointer)(int)",
                  "14-15 function internal hash: static unsigned long hash(const char *s)"));
}

TEST(ExtractCpp, ConversionsKeepTheStarsOfTheirTypes) {
  EXPECT_THAT(symbols_of("cpp",
                         "struct P {\n  operator T*() const;\n  operator const char* const() { return s; }\n"
                         "  operator T&();\n  operator T&&() &&;\n  operator T**();\n};\nP::operator T*() const {}\n"),
              ElementsAre("1-7 struct public P: struct P", "2-2 method public P.operator T*: operator T*() const",
                          "3-3 method public P.operator const char* const: operator const char* const()",
                          "4-4 method public P.operator T&: operator T&()",
                          "5-5 method public P.operator T&&: operator T&&() &&",
                          "6-6 method public P.operator T**: operator T**()",
                          "8-8 method public P.operator T*: P::operator T*() const"));
}

TEST(ExtractCpp, KnowsMembersSectionsAndQualifiedNames) {
  EXPECT_THAT(
      symbols_of("cpp", R"(namespace a::b {
template <class T>
class Box : public Base<T> {
  int hidden_;
 public:
  explicit Box(int x) : hidden_(x) {}
  ~Box();
  bool operator==(const Box&) const = default;
  operator bool() const { return true; }
  static Box make();
 protected:
  struct Inner { int y; };
};
class Forward;
enum class Mode { on, off };
using Alias = Box<int>;
}
int* a::b::Box<int>::find(int) { struct L {}; return nullptr; }
int main() {}
)"),
      ElementsAre("1-17 namespace public a::b: namespace a::b",
                  "3-13 class public a::b.Box: template <class T> class Box : public Base<T>",
                  "4-4 field private a::b.Box.hidden_: int hidden_",
                  "6-6 method public a::b.Box.Box: explicit Box(int x)", "7-7 method public a::b.Box.~Box: ~Box()",
                  "8-8 method public a::b.Box.operator==: bool operator==(const Box&) const = default",
                  "9-9 method public a::b.Box.operator bool: operator bool() const",
                  "10-10 method public a::b.Box.make: static Box make()",
                  "12-12 struct protected a::b.Box.Inner: struct Inner", "12-12 field public a::b.Box.Inner.y: int y",
                  "15-15 enum public a::b.Mode: enum class Mode", "15-15 enum_member public a::b.Mode.on: on",
                  "15-15 enum_member public a::b.Mode.off: off",
                  "16-16 type_alias public a::b.Alias: using Alias = Box<int>",
                  "18-18 method public a.b.Box.find: int* a::b::Box<int>::find(int)",
                  "19-19 function public main: int main()"));
}

TEST(ExtractCpp, LooksThroughMacrosBeforeTheNameOfAClass) {
  EXPECT_THAT(
      symbols_of("cpp", R"(class MY_EXPORT Window : public Base { void draw(); };
struct ALIGNED(16) Vec final { float x; };
class API final { int a; };
struct FILE handle;
)"),
      ElementsAre("1-1 class public Window: class MY_EXPORT Window : public Base",
                  "1-1 method private Window.draw: void draw()", "2-2 struct public Vec: struct ALIGNED(16) Vec final",
                  "2-2 field public Vec.x: float x", "3-3 class public API: class API final",
                  "3-3 field private API.a: int a", "4-4 variable public handle: struct FILE handle"));
}

TEST(ExtractCpp, TakesDocsFromCommentsOfAllShapes) {
  const auto facts = facts_of("cpp", R"(/*
 * Copyright Nobody.
 */

// What this file is for.
// And more.

/**
 * Block.
 *   Indented.
 */
template <class T> void f();
/// Slashes.
struct S {  // not about S's members
  int x;  ///< The x.
          ///< Of S.
  int y;
  /*! Bang. */ int z;
};
void g(); // trailing, about nothing
)");
  EXPECT_EQ(facts.doc, "What this file is for.\nAnd more.");
  EXPECT_EQ(doc_of(facts, "f"), "Block.\n  Indented.");
  EXPECT_EQ(doc_of(facts, "S"), "Slashes.");
  EXPECT_EQ(doc_of(facts, "x"), "The x.\nOf S.");
  EXPECT_EQ(doc_of(facts, "y"), "");
  EXPECT_EQ(doc_of(facts, "g"), "");
}

TEST(ExtractJavaScript, FindsFunctionsInAllTheirForms) {
  EXPECT_THAT(
      symbols_of("javascript", R"(const req = require('./x');
export const f = async (a) => { const local = 1; };
export default class A extends B {
  #secret = 1;
  get size() { return 1; }
  static handler = () => {};
}
exports.old = function (x) {};
P.prototype.m = function () {};
const table = { key: function () {}, short() {}, n: 1 };
test('x', () => { const no = 1; function helper() {} });
function* gen() {}
)"),
      ElementsAre("1-1 variable internal req: const req = require('./x')", "2-2 function public f: const f = async (a)",
                  "3-7 class public A: class A extends B", "4-4 field private A.#secret: #secret = 1",
                  "5-5 method public A.size: get size()", "6-6 method public A.handler: static handler = ()",
                  "8-8 function internal old: exports.old = function (x)",
                  "9-9 function internal m: P.prototype.m = function ()",
                  "10-10 variable internal table: const table = { key: function () {}, short() {}, n: 1 }",
                  "10-10 method public table.key: key: function ()", "10-10 method public table.short: short()",
                  "11-11 function internal helper: function helper()", "12-12 function internal gen: function* gen()"));
}

TEST(ExtractTypeScript, KnowsTypesAndModifiers) {
  for (const auto* language : {"typescript", "tsx"}) {
    const auto facts = facts_of(language, R"(import d, { a as b, type C } from './x';
export * from "pkg";
export interface I { p: string; m(x: number): void }
export type U = 'a' | 'b';
enum E { One, Two = 2 }
export abstract class K<T> {
  private x = 1;
  protected abstract foo(): void;
}
namespace N { export function g(): void {} }
export { E };
)");
    EXPECT_THAT(
        lines_of(facts),
        ElementsAre("3-3 interface public I: interface I", "3-3 property public I.p: p: string",
                    "3-3 method public I.m: m(x: number): void", "4-4 type_alias public U: type U = 'a' | 'b'",
                    "5-5 enum public E: enum E", "5-5 enum_member public E.One: One",
                    "5-5 enum_member public E.Two: Two = 2", "6-9 class public K: abstract class K<T>",
                    "7-7 field private K.x: private x = 1",
                    "8-8 method protected K.foo: protected abstract foo(): void",
                    "10-10 namespace internal N: namespace N", "10-10 function public N.g: function g(): void"));
    ASSERT_EQ(facts.imports.size(), 2u);
    EXPECT_EQ(facts.imports[0].target, "./x");
    EXPECT_TRUE(facts.imports[0].relative);
    EXPECT_THAT(facts.imports[0].names, ElementsAre("a", "C", "default"));
    EXPECT_EQ(facts.imports[1].target, "pkg");
  }
}

TEST(Extract, KeepsSymbolsBesideErrors) {
  const auto facts = facts_of("python", "def a(): pass\n)))((( $$\nclass B:\n  def c(self): pass\n");
  EXPECT_GT(facts.parse_errors, 0u);
  EXPECT_EQ(doc_of(facts, "a"), "");
  EXPECT_EQ(doc_of(facts, "c"), "");
}

TEST(Extract, CountsLines) {
  const auto facts = facts_of("c", "/* a\n\n b */ int x; // c\n\n// d\n/* e */ /* f */\nint y;");
  EXPECT_EQ(facts.lines, 7u);
  EXPECT_EQ(facts.code_lines, 2u);
  EXPECT_EQ(facts.comment_lines, 3u);
  EXPECT_EQ(facts_of("c", "").lines, 0u);
  EXPECT_EQ(facts_of("c", "\n").lines, 1u);
}

TEST(Extract, CountsLinesOfFilesThatAreTooLarge) {
  const auto facts = facts_of("c", "/* a\n b */\nint x;\n// c\n", {.parsed_bytes = 4});
  EXPECT_TRUE(facts.cut);
  EXPECT_EQ(facts.lines, 4u);
  EXPECT_EQ(facts.comment_lines, 3u);
  EXPECT_EQ(facts.code_lines, 1u);
  EXPECT_TRUE(facts.symbols.empty());
}

TEST(Extract, StopsAtItsLimitsWithWhatIsTrue) {
  EXPECT_EQ(facts_of("python", "a = 1\nb = 2\nc = 3\n", {.symbols = 2}).symbols.size(), 2u);
  EXPECT_TRUE(facts_of("python", "a = 1\nb = 2\nc = 3\n", {.symbols = 2}).cut);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "x = (1, 2)\n";
  const auto facts = facts_of("python", many, {.work_per_byte = 0, .work = 1000});
  EXPECT_TRUE(facts.cut);
  EXPECT_EQ(facts.lines, 5000u);
  EXPECT_FALSE(facts_of("python", "x = 1\n").cut) << "the parser is fit for the next file";
}

TEST(Extract, CutsLongSignaturesBetweenCharacters) {
  const auto facts = facts_of("python", "x = '\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9'\n", {.signature_bytes = 8});
  EXPECT_EQ(facts.symbols.at(0).signature, "x = '\xC3\xA9…");
}

std::string repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Extract, StandsTwentyThousandLevels) {
  constexpr int kLevels = 20'000;
  EXPECT_EQ(facts_of("python", repeated("(", kLevels)).lines, 1u);
  EXPECT_EQ(facts_of("c", repeated("{", kLevels)).lines, 1u);
  EXPECT_EQ(facts_of("c", repeated("#if 1\n", kLevels)).lines, 20'000u);
  const auto nested = facts_of("javascript", repeated("function f(){", kLevels) + repeated("}", kLevels));
  EXPECT_EQ(nested.symbols.size(), 20'000u);
  EXPECT_EQ(nested.symbols.back().parent, 19'998u);
  EXPECT_EQ(facts_of("cpp", repeated("namespace a{", kLevels) + repeated("}", kLevels)).symbols.size(), 20'000u);
}

TEST(Extract, TakesAnyBytes) {
  SeededRandom random(11);
  for (const auto& language : builtin_languages().all()) {
    for (int round = 0; round < 20; ++round) {
      std::string bytes(random.below(400), '\0');
      for (char& c : bytes) c = static_cast<char>(random.next());
      const auto facts = facts_of(language->id(), bytes);
      const auto back = decode_facts(encode(facts));
      ASSERT_TRUE(back);
      ASSERT_EQ(*back, facts);
    }
  }
  EXPECT_TRUE(facts_of("python", std::string(10, '\0') + "x = 1\n").cut) << "binary";
  EXPECT_EQ(facts_of("python", std::string_view("x\0y = 1\ndef f\xFF(): pass\n", 23)).lines, 2u);
}

TEST(Extract, GivesTheSameFromManyThreads) {
  const std::string text = repeated("class A:\n  def f(self): pass\n", 200);
  const FileFacts expected = facts_of("python", text);
  std::vector<FileFacts> results(8);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) threads.emplace_back([&] { result = facts_of("python", text); });
  }
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Extract, WithoutALanguageCountsLines) {
  EXPECT_EQ(count_only("a\n\nb").lines, 3u);
  EXPECT_EQ(count_only("a\n\nb").code_lines, 2u);
}

}  // namespace
}  // namespace skein::repo
