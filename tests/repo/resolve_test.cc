#include "repo/resolve.h"

#include <gmock/gmock.h>

namespace skein::repo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> meaning(std::string_view language, std::string_view from, const Import& import,
                                 std::vector<std::string_view> files) {
  files.push_back(from);
  return resolve(*builtin_languages().by_id(language), from, import, PathIndex(files));
}

TEST(ResolvePython, FindsModulesAndPackagesByTheirFullName) {
  EXPECT_THAT(meaning("python", "app.py", {.target = "pkg.mod"}, {"pkg/__init__.py", "pkg/mod.py"}),
              ElementsAre("pkg/mod.py"));
  EXPECT_THAT(meaning("python", "app.py", {.target = "pkg"}, {"pkg/__init__.py"}), ElementsAre("pkg/__init__.py"));
  EXPECT_THAT(meaning("python", "tests/t.py", {.target = "pkg.mod"}, {"src/pkg/mod.py"}),
              ElementsAre("src/pkg/mod.py"));
}

TEST(ResolvePython, TakesImportedNamesThatAreModules) {
  const std::vector<std::string_view> files = {"pkg/__init__.py", "pkg/a.py", "pkg/b.py"};
  EXPECT_THAT(meaning("python", "app.py", {.target = "pkg", .names = {"a", "b"}}, files),
              ElementsAre("pkg/a.py", "pkg/b.py"));
  EXPECT_THAT(meaning("python", "app.py", {.target = "pkg", .names = {"a", "VERSION"}}, files),
              ElementsAre("pkg/__init__.py", "pkg/a.py"));
}

TEST(ResolvePython, CountsLeadingDots) {
  const std::vector<std::string_view> files = {"p/__init__.py", "p/a.py", "p/q/__init__.py", "p/q/b.py"};
  EXPECT_THAT(meaning("python", "p/q/c.py", {.target = ".b", .names = {"x"}}, files), ElementsAre("p/q/b.py"));
  EXPECT_THAT(meaning("python", "p/q/c.py", {.target = "..", .names = {"a"}}, files), ElementsAre("p/a.py"));
  EXPECT_THAT(meaning("python", "p/q/c.py", {.target = "..a"}, files), ElementsAre("p/a.py"));
  EXPECT_THAT(meaning("python", "p/q/c.py", {.target = "....a"}, files), IsEmpty()) << "beyond the workspace";
}

TEST(ResolvePython, LeavesWhatIsNotThereOutside) {
  EXPECT_THAT(meaning("python", "p/x.py", {.target = "os.path"}, {"p/__init__.py", "p/y.py"}), IsEmpty());
  EXPECT_THAT(meaning("python", "p/x.py", {.target = "types"}, {"p/__init__.py", "p/types.py"}), IsEmpty())
      << "a package's folder is no root";
}

TEST(ResolvePython, FindsScriptsBesideAScript) {
  EXPECT_THAT(meaning("python", "tools/run.py", {.target = "helper"}, {"tools/helper.py"}),
              ElementsAre("tools/helper.py"));
}

TEST(ResolveInclude, LooksBesideTheFileFirst) {
  EXPECT_THAT(meaning("c", "src/a.c", {.target = "b.h", .relative = true}, {"src/b.h", "include/b.h"}),
              ElementsAre("src/b.h"));
  EXPECT_THAT(meaning("c", "src/a.c", {.target = "../b.h", .relative = true}, {"b.h"}), ElementsAre("b.h"));
}

TEST(ResolveInclude, FindsTheFolderThatMakesThePathTrue) {
  EXPECT_THAT(meaning("cpp", "src/a.cc", {.target = "lib/b.h"}, {"third/include/lib/b.h"}),
              ElementsAre("third/include/lib/b.h"));
  EXPECT_THAT(meaning("cpp", "m1/src/a.cc", {.target = "lib/b.h"}, {"m0/inc/lib/b.h", "m1/inc/lib/b.h"}),
              ElementsAre("m1/inc/lib/b.h"))
      << "the nearest of two";
}

TEST(ResolveInclude, TakesNoDeepFileForASystemHeader) {
  EXPECT_THAT(meaning("cpp", "src/a.cc", {.target = "vector"}, {"deep/down/vector"}), IsEmpty());
  EXPECT_THAT(meaning("c", "src/a.c", {.target = "/etc/passwd"}, {"etc/passwd"}), IsEmpty());
  EXPECT_THAT(meaning("c", "src/a.c", {.target = "../../../x.h", .relative = true}, {"x.h"}), IsEmpty());
}

TEST(ResolveRelative, TriesExtensionsAndIndexFiles) {
  const std::vector<std::string_view> files = {"src/b.ts", "src/c/index.ts", "src/d.js", "src/e.d.ts"};
  const auto from_a = [&](std::string target) {
    return meaning("typescript", "src/a.ts", {.target = std::move(target), .relative = true}, files);
  };
  EXPECT_THAT(from_a("./b"), ElementsAre("src/b.ts"));
  EXPECT_THAT(from_a("./c"), ElementsAre("src/c/index.ts"));
  EXPECT_THAT(from_a("./c/"), ElementsAre("src/c/index.ts"));
  EXPECT_THAT(from_a("../src/d"), ElementsAre("src/d.js"));
  EXPECT_THAT(from_a("./b.js"), ElementsAre("src/b.ts")) << "the name of the compiled file";
  EXPECT_THAT(from_a("./e"), ElementsAre("src/e.d.ts"));
  EXPECT_THAT(from_a("@/b"), ElementsAre("src/b.ts"));
  EXPECT_THAT(from_a("react"), IsEmpty());
  EXPECT_THAT(from_a("../../outside"), IsEmpty());
}

TEST(Resolve, GivesTheSameForAnyOrderOfPaths) {
  std::vector<std::string_view> files = {"a/x/lib/b.h", "b/x/lib/b.h", "c/lib/b.h", "main.cc"};
  const auto first = resolve(*builtin_languages().by_id("cpp"), "main.cc", {.target = "lib/b.h"}, PathIndex(files));
  std::ranges::reverse(files);
  const auto second = resolve(*builtin_languages().by_id("cpp"), "main.cc", {.target = "lib/b.h"}, PathIndex(files));
  EXPECT_THAT(first, ElementsAre("c/lib/b.h"));
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace skein::repo
