#include "repo/macro_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "repo/extract.h"
#include "repo/languages.h"

namespace skein::repo {
namespace {

using ::testing::ElementsAre;

std::string masked(std::string_view text) {
  std::string out = mask_macros(text, builtin_languages().by_id("cpp")->spec().macros);
  EXPECT_TRUE(out.empty() || out.size() == text.size());
  return out.empty() ? std::string(text) : out;
}

std::vector<std::string> symbols(std::string_view text) {
  std::vector<std::string> out;
  const auto facts = extract(*builtin_languages().by_id("cpp"), text);
  if (!facts) return {"failed"};
  for (const auto& symbol : facts->symbols) {
    const std::string scope = scope_of(*facts, symbol);
    out.push_back(std::string(to_string(symbol.kind)) + " " + (scope.empty() ? "" : scope + ".") + symbol.name);
  }
  return out;
}

TEST(MacroMask, BlanksMacrosBehindParameters) {
  EXPECT_EQ(masked("any() NOEXCEPT : x(0) {}"), "any()          : x(0) {}");
  EXPECT_EQ(masked("bool empty() const NOEXCEPT_IF(a(b)) OVERRIDE = 0;"),
            "bool empty() const                            = 0;");
  EXPECT_EQ(masked("int f(int) __THROW;"), "int f(int)        ;");
  EXPECT_EQ(masked("auto f()  // Why.\n  NOEXCEPT -> int {"), "auto f()  // Why.\n           -> int {");
  EXPECT_EQ(masked("T operator!() NOEXCEPT {"), "T operator!()          {");
  EXPECT_EQ(masked("T operator()(int) NOEXCEPT {"), "T operator()(int)          {");
  EXPECT_EQ(masked("operator const T*() NOEXCEPT {"), "operator const T*()          {");
  EXPECT_EQ(masked("static int (max)() NOEXCEPT {"), "static int (max)()          {");
}

TEST(MacroMask, BlanksMacrosAndConditionsAroundAClassesName) {
  EXPECT_EQ(masked("class EXPORT X {"), "class        X {");
  EXPECT_EQ(masked("class EXPORT X FINAL : Y {"), "class        X       : Y {");
  EXPECT_EQ(masked("class X\n#ifdef A\n  final\n#endif\n  : Y {"), "class X\n        \n  final\n      \n  : Y {");
}

TEST(MacroMask, LeavesWhatMayBeSomethingElse) {
  constexpr std::array<std::string_view, 12> kTexts = {
      "x = (int) MAX;",
      "decltype(a) NAME;",
      "struct {} __attribute__((packed)) NAME;",
      "struct FILE file;",
      "struct point ORIGIN = {0, 0};",
      "DECLARE(x)\nTEST(a, b) {",
      "f(x) + MAX;",
      "f() Max {",
      "f(a) MACRO g();",
      "class X\n#ifdef A\n : public B\n#endif\n{",
      "g()\n#endif\n{",
      "return (a) NOT;",
  };
  for (const auto text : kTexts) EXPECT_EQ(masked(text), text);
}

TEST(MacroMask, SurvivesWhatIsTorn) {
  constexpr std::string_view kText =
      "class EXPORT X\n#if A\n final\n#endif\n: Y { X() NOEXCEPT_IF(a) /* b */ : c(0) {} };";
  for (std::size_t end = 0; end <= kText.size(); ++end) {
    for (std::size_t begin = 0; begin <= end; ++begin) (void)masked(kText.substr(begin, end - begin));
  }
}

TEST(MacroMask, AClassWithMacrosKeepsItsNameAndItsMembers) {
  EXPECT_THAT(symbols(R"(namespace boost {
class any {
 public:
  BOOST_CONSTEXPR any() BOOST_NOEXCEPT : content(0) {}
  ~any() BOOST_NOEXCEPT { delete content; }
  any& swap(any& rhs) BOOST_NOEXCEPT;
  template <class T>
  class holder
#ifndef BOOST_NO_CXX11_FINAL
    final
#endif
    : public placeholder {
   public:
    const type_info& type() const BOOST_NOEXCEPT BOOST_OVERRIDE { return id<T>(); }
  };
 private:
  placeholder* content;
};
}
)"),
              ElementsAre("namespace boost", "class boost.any", "method boost.any.any", "method boost.any.~any",
                          "method boost.any.swap", "class boost.any.holder", "method boost.any.holder.type",
                          "field boost.any.content"));
}

TEST(MacroMask, SignaturesKeepWhatWasWritten) {
  const auto facts = extract(*builtin_languages().by_id("cpp"), "int f(int x) EXAMPLE_NOEXCEPT { return x; }\n");
  ASSERT_TRUE(facts);
  ASSERT_EQ(facts->symbols.size(), 1U);
  EXPECT_EQ(facts->symbols[0].signature, "int f(int x) EXAMPLE_NOEXCEPT");
}

}  // namespace
}  // namespace skein::repo
