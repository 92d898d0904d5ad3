#include "repo/package_mates.h"

#include <gtest/gtest.h>

#include "repo/extract.h"
#include "repo/language_spec.h"

namespace skein::repo {
namespace {

std::string key_of(const char* language, std::string_view text, std::string_view path) {
  const auto& known = *builtin_languages().by_id(language);
  const auto facts = extract(known, text);
  EXPECT_TRUE(facts);
  return facts ? package_key(package_clause(known, *facts), path) : std::string();
}

TEST(PackageMates, OfGoAreInOneFolderWithOneClause) {
  const auto shop = key_of("go", "// About.\npackage shop\n", "shop/price.go");
  EXPECT_FALSE(shop.empty());
  EXPECT_EQ(key_of("go", "package shop\n\nfunc Sum() {}\n", "shop/cart.go"), shop);
  EXPECT_NE(key_of("go", "package shop_test\n", "shop/price_test.go"), shop);
  EXPECT_NE(key_of("go", "package shop\n", "other/shop/price.go"), shop);
  EXPECT_NE(key_of("go", "package shop\n", "price.go"), shop);
}

TEST(PackageMates, OfJavaHaveOneClauseInAnyFolder) {
  const auto main = key_of("java", "package org.x;\n\nclass A {}\n", "src/main/java/org/x/A.java");
  EXPECT_FALSE(main.empty());
  EXPECT_EQ(key_of("java", "/* L */ package org.x;\nimport a.b;\nclass T {}\n", "src/test/java/org/x/T.java"), main);
  EXPECT_NE(key_of("java", "package org.x.deep;\nclass D {}\n", "src/main/java/org/x/deep/D.java"), main);
  // Without a clause a folder is one.
  EXPECT_EQ(key_of("java", "class A {}\n", "one/A.java"), key_of("java", "class B {}\n", "one/B.java"));
  EXPECT_NE(key_of("java", "class A {}\n", "one/A.java"), key_of("java", "class A {}\n", "two/A.java"));
  // A Go file beside it is none of them.
  EXPECT_NE(key_of("go", "func f() {}\n", "one/a.go"), key_of("java", "class A {}\n", "one/A.java"));
}

TEST(PackageMates, OtherLanguagesHaveNone) {
  EXPECT_EQ(key_of("python", "def f(): pass\n", "a.py"), "");
  EXPECT_EQ(key_of("cpp", "namespace a { int f(); }\n", "a.h"), "");
}

TEST(PackageMates, WhatTestsDefineIsSeenByTestsOnly) {
  EXPECT_TRUE(sees_mate(true, true));
  EXPECT_TRUE(sees_mate(true, false));
  EXPECT_TRUE(sees_mate(false, false));
  EXPECT_FALSE(sees_mate(false, true));
}

TEST(PackageMates, ALanguageSaysWhereTheyAre) {
  const std::string head = "id = \"x\"\nname = \"X\"\n[resolve]\n";
  EXPECT_TRUE(parse_language(head + "mates = \"folder\"\n"));
  EXPECT_TRUE(parse_language(head));
  const auto wrong = parse_language(head + "mates = \"nearby\"\n");
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().to_string().contains("mates")) << wrong.error().to_string();
}

}  // namespace
}  // namespace skein::repo
