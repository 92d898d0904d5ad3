// What a file of a Go or Java package defines is used by the others of the package, which import nothing for that.
#include "docs/package_users.h"

#include <gtest/gtest.h>

#include "docs/links.h"
#include "docs/site_maker_support.h"

namespace skein::docs {
namespace {

std::string page(const SiteMaker& maker, const std::string& file) {
  const auto pages = maker.pages();
  const auto found = pages.find(file_page(file, PageForm::markdown));
  EXPECT_NE(found, pages.end()) << file;
  return found == pages.end() ? std::string() : found->second;
}

void write_go(const test::ScratchTree& tree) {
  tree.write("go.mod", "module example.org/m\n");
  tree.write("shop/price.go", "package shop\n\nfunc Total() int { return 1 }\n\nfunc helper() int { return 2 }\n");
  tree.write("shop/cart.go", "package shop\n\nfunc Sum() int { return Total() + helper() }\n");
  tree.write("shop/cart_test.go", "package shop\n\nfunc onlyTests() int { return Total() }\n");
  tree.write("shop/more_test.go", "package shop\n\nfunc TestMore() { onlyTests() }\n");
  // Not its users: a name of its own, another package in the folder, another folder, code that no test is.
  tree.write("shop/own.go", "package shop\n\ntype T int\n\nfunc (t T) Total() int { return t.Total() + t.Total() }\n");
  tree.write("shop/outer_test.go", "package shop_test\n\nfunc TestOuter() { helper() }\n");
  tree.write("tool/main.go", "package main\n\nfunc main() { Total(); onlyTests() }\n");
  tree.write("shop/stray.go", "package shop\n\nfunc stray() { onlyTests() }\n");
}

TEST(PackageUsers, GoFilesOfAPackageUseEachOther) {
  test::ScratchTree tree;
  write_go(tree);
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto price = page(maker, "shop/price.go");
  EXPECT_TRUE(price.contains("Used by 2 files: `shop/cart.go`, `shop/cart_test.go`\n")) << price;
  EXPECT_TRUE(price.contains("Used by 1 file: `shop/cart.go`\n")) << price;
  EXPECT_TRUE(price.contains("are of its package")) << "it says that this is inferred, and from what";
  EXPECT_TRUE(page(maker, "shop/cart_test.go").contains("Used by 1 file: `shop/more_test.go`\n"));
  EXPECT_FALSE(page(maker, "shop/own.go").contains("Used by 1 file: `shop/price.go`"));

  // A use that goes touches the page of what was used, and the result is what a clean run makes.
  tree.write("shop/cart.go", "package shop\n\nfunc Sum() int { return Total() }\n");
  const auto made = maker.make();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->renewed);
  EXPECT_FALSE(page(maker, "shop/price.go").contains("Used by 1 file: `shop/cart.go`\n"));
  SiteMaker clean(tree.root());
  ASSERT_TRUE(clean.make());
  EXPECT_EQ(page(clean, "shop/price.go"), page(maker, "shop/price.go"));
  // So does a file that leaves the package.
  tree.write("shop/cart.go", "package till\n\nfunc Sum() int { return Total() }\n");
  ASSERT_TRUE(maker.make());
  EXPECT_TRUE(page(maker, "shop/price.go").contains("Used by 1 file: `shop/cart_test.go`\n"));
}

TEST(PackageUsers, JavaFilesOfAPackageUseEachOtherWhereverTheyAre) {
  test::ScratchTree tree;
  const std::string order = "src/main/java/org/x/Order.java";
  tree.write(order,
             "package org.x;\n\nclass Order {\n  int total() { return 1; }\n  private int secret() { return 2; }\n}\n");
  tree.write("src/main/java/org/x/Cart.java",
             "package org.x;\n\nclass Cart {\n  int sum(Order o) { return o.total() + o.secret(); }\n}\n");
  tree.write("src/test/java/org/x/OrderTest.java",
             "package org.x;\n\nclass OrderTest {\n  int check() { return new Order().total(); }\n}\n");
  tree.write("src/main/java/org/y/Far.java",
             "package org.y;\n\nclass Far {\n  int x(Order o) { return o.total(); }\n}\n");
  tree.write("src/main/java/org/y/Near.java",
             "package org.y;\n\nimport org.x.Order;\n\nclass Near {\n  int x(Order o) { return o.total(); }\n}\n");
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const auto text = page(maker, order);
  const std::string users =
      "Used by 3 files: `src/main/java/org/x/Cart.java`, `src/main/java/org/y/Near.java`, "
      "`src/test/java/org/x/OrderTest.java`\n";
  const auto first = text.find(users);
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_NE(text.find(users, first + 1), std::string::npos) << "the class and its method\n" << text;
  EXPECT_EQ(text.find("Used by 1 file"), std::string::npos) << "what is private has no users\n" << text;
}

TEST(PackageUsers, OneThatImportsAndIsOfThePackageCountsOnce) {
  std::vector<FileMarks> marks(3);
  for (auto& of : marks) of.package = {repo::PackageClause::Mates::anywhere, "java a"};
  marks[0].defined = {"f", "g"};
  marks[1].used = {mark_of("f")};
  marks[2].used = {mark_of("f"), mark_of("g")};
  std::ranges::sort(marks[2].used);
  marks[2].own = {mark_of("g")};
  const std::vector<std::string_view> paths{"b.java", "c.java", "a.java"};
  const std::vector<bool> is_test(3);
  const PackageUsers mates(marks, paths, is_test);
  EXPECT_EQ(mates.of(0, "f"), (std::vector<std::uint32_t>{2, 1}));
  EXPECT_TRUE(mates.of(0, "g").empty()) << "it means its own";
  const std::vector<std::uint32_t> users{1};
  const auto found =
      users_of_names(marks[0], users, marks, paths, [&](std::string_view name) { return mates.of(0, name); });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].total, 2U);
  EXPECT_EQ(found[0].files, (std::vector<std::string>{"a.java", "c.java"}));
}

}  // namespace
}  // namespace skein::docs
