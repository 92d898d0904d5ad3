// Imports whose meaning other files of the workspace say.
#include "repo/import_roots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repo/resolve.h"

namespace skein::repo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ImportRootsTest : public ::testing::Test {
 protected:
  std::vector<std::string> lead(const char* language, std::string_view from, std::string target) const {
    const std::vector<std::string_view> views(paths_.begin(), paths_.end());
    const PathIndex index(views, roots_);
    return resolve(*builtin_languages().by_id(language), from, {.target = std::move(target)}, index);
  }
  std::vector<std::string> paths_;
  ImportRoots roots_;
};

TEST_F(ImportRootsTest, OfGoLeadToTheFilesOfAPackage) {
  paths_ = {"cmd/app/main.go", "pkg/store/a.go", "pkg/store/a_test.go", "pkg/store/b.go", "pkg/store/deep/c.go",
            "root.go",         "tools/go.mod",   "tools/gen/gen.go",    "go.mod",         "encoding/json/x.go"};
  roots_.add("go.mod", "module example.org/app // the app\n\ngo 1.21\n");
  roots_.add("tools/go.mod", "module example.org/app/tools\n");
  EXPECT_THAT(lead("go", "cmd/app/main.go", "example.org/app/pkg/store"),
              ElementsAre("pkg/store/a.go", "pkg/store/b.go"));
  EXPECT_THAT(lead("go", "cmd/app/main.go", "example.org/app"), ElementsAre("root.go"));
  EXPECT_THAT(lead("go", "cmd/app/main.go", "example.org/app/tools/gen"), ElementsAre("tools/gen/gen.go"));
  EXPECT_THAT(lead("go", "cmd/app/main.go", "example.org/apple/pkg/store"), IsEmpty());
  EXPECT_THAT(lead("go", "cmd/app/main.go", "encoding/json"), IsEmpty()) << "the standard library's";
}

TEST_F(ImportRootsTest, OfRustLeadToOtherCratesOfTheWorkspace) {
  paths_ = {"Cargo.toml", "core/src/lib.rs", "core/src/net.rs", "app/src/main.rs", "odd/lib/odd.rs", "odd/lib/a.rs"};
  roots_.add("Cargo.toml", "[workspace]\nmembers = [\"core\", \"app\"]\n");
  roots_.add("core/Cargo.toml", "[package]\nname = \"acme-core\"\n");
  roots_.add("odd/Cargo.toml", "[package]\nname = \"odd\"\n[lib]\nname = \"strange\"\npath = \"lib/odd.rs\"\n");
  EXPECT_THAT(lead("rust", "app/src/main.rs", "acme_core::net::Listener"), ElementsAre("core/src/net.rs"));
  EXPECT_THAT(lead("rust", "app/src/main.rs", "acme_core::Thing"), ElementsAre("core/src/lib.rs"));
  EXPECT_THAT(lead("rust", "app/src/main.rs", "strange::a::f"), ElementsAre("odd/lib/a.rs"));
  EXPECT_THAT(lead("rust", "app/src/main.rs", "strange"), ElementsAre("odd/lib/odd.rs"));
  EXPECT_THAT(lead("rust", "app/src/main.rs", "serde::Deserialize"), IsEmpty());
}

TEST_F(ImportRootsTest, OfCSharpLeadToTheFolderOfTheNamespace) {
  paths_ = {"src/Acme.Web/Models/A.cs", "src/Acme.Web/Models/B.cs", "src/Acme.Web/Models/x.txt",
            "src/Acme.Web/App.cs",      "src/Old/Util/Text.cs",     "test/T.cs"};
  roots_.add("src/Acme.Web/Acme.Web.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"></Project>");
  roots_.add("src/Old/Old.csproj",
             "<Project><PropertyGroup><RootNamespace>Acme.Legacy</RootNamespace></PropertyGroup></Project>");
  EXPECT_THAT(lead("csharp", "test/T.cs", "Acme.Web.Models"),
              ElementsAre("src/Acme.Web/Models/A.cs", "src/Acme.Web/Models/B.cs"));
  EXPECT_THAT(lead("csharp", "test/T.cs", "global::Acme.Web"), ElementsAre("src/Acme.Web/App.cs"));
  EXPECT_THAT(lead("csharp", "test/T.cs", "Acme.Legacy.Util.Text"), ElementsAre("src/Old/Util/Text.cs"));
  EXPECT_THAT(lead("csharp", "test/T.cs", "Acme.Website"), IsEmpty());
  EXPECT_THAT(lead("csharp", "test/T.cs", "System.Linq"), IsEmpty());
}

TEST_F(ImportRootsTest, OfTypeScriptFollowWhatAConfigurationExtends) {
  paths_ = {"shared/a.ts", "web/src/x.ts", "web/app/main.ts", "packages/config/tsconfig.web.json"};
  roots_.add("tsconfig.base.json", R"({"compilerOptions": {"paths": {"#shared/*": ["./shared/*"]}}})");
  roots_.add("packages/config/package.json", R"({"name": "@acme/config"})");
  roots_.add("packages/config/tsconfig.web.json", R"({"extends": "../../tsconfig.base.json"})");
  roots_.add("web/tsconfig.json", R"({"extends": "@acme/config/tsconfig.web", "compilerOptions": {"baseUrl": "."}})");
  roots_.add("web/loop/tsconfig.json", R"({"extends": ["./tsconfig.json", "../loop/tsconfig.json"]})");
  EXPECT_THAT(lead("typescript", "web/app/main.ts", "#shared/a"), IsEmpty());
  roots_.follow_extends();
  EXPECT_THAT(lead("typescript", "web/app/main.ts", "#shared/a"), ElementsAre("shared/a.ts"));
  EXPECT_THAT(lead("typescript", "web/app/main.ts", "src/x"), ElementsAre("web/src/x.ts"));
}

TEST_F(ImportRootsTest, OfPhpFollowPsr4) {
  paths_ = {"lib/core/Http/Client.php", "other/Http/Client.php", "tests/ClientTest.php"};
  roots_.add(
      "composer.json",
      R"({"autoload": {"psr-4": {"Acme\\": "lib/core/"}}, "autoload-dev": {"psr-4": {"Acme\\Tests\\": ["tests"]}}})");
  EXPECT_THAT(lead("php", "x.php", "Acme\\Http\\Client"), ElementsAre("lib/core/Http/Client.php"));
  EXPECT_THAT(lead("php", "x.php", "\\Acme\\Tests\\ClientTest"), ElementsAre("tests/ClientTest.php"));
}

TEST_F(ImportRootsTest, OfTypeScriptFollowTheNearestConfiguration) {
  paths_ = {"src/app/db.ts", "src/lib/index.ts", "web/src/ui/button.tsx", "src/main.ts"};
  roots_.add("tsconfig.json", R"({ // comments are fine
    "compilerOptions": {"baseUrl": "src", "paths": {"@app/*": ["app/*"], "lib": ["lib/index.ts"]}}})");
  roots_.add("web/tsconfig.json", R"({"compilerOptions": {"paths": {"@/*": ["./src/*"]}}})");
  EXPECT_THAT(lead("typescript", "src/main.ts", "@app/db"), ElementsAre("src/app/db.ts"));
  EXPECT_THAT(lead("typescript", "src/main.ts", "lib"), ElementsAre("src/lib/index.ts"));
  EXPECT_THAT(lead("typescript", "src/main.ts", "app/db"), ElementsAre("src/app/db.ts"));
  EXPECT_THAT(lead("typescript", "web/src/x.ts", "@/ui/button"), ElementsAre("web/src/ui/button.tsx"));
  EXPECT_THAT(lead("typescript", "web/src/x.ts", "react"), IsEmpty());
}

TEST_F(ImportRootsTest, OfPackagesOfTheSameWorkspaceLeadToTheirFiles) {
  paths_ = {"packages/a/src/index.ts", "packages/a/src/deep/tool.ts", "packages/b/lib/main.js", "packages/b/lib/x.js"};
  roots_.add("packages/a/package.json", R"({"name": "@acme/a", "main": "dist/index.js"})");
  roots_.add("packages/b/package.json",
             R"({"name": "b", "exports": {".": {"import": "./lib/main.js"}, "./parts/*": "./lib/*.js"}})");
  EXPECT_THAT(lead("typescript", "packages/b/lib/x.js", "@acme/a"), ElementsAre("packages/a/src/index.ts"));
  EXPECT_THAT(lead("typescript", "packages/b/lib/x.js", "@acme/a/deep/tool"),
              ElementsAre("packages/a/src/deep/tool.ts"));
  EXPECT_THAT(lead("javascript", "packages/a/src/index.ts", "b"), ElementsAre("packages/b/lib/main.js"));
  EXPECT_THAT(lead("javascript", "packages/a/src/index.ts", "b/parts/x"), ElementsAre("packages/b/lib/x.js"));
  EXPECT_THAT(lead("javascript", "packages/a/src/index.ts", "bcrypt"), IsEmpty());
}

TEST_F(ImportRootsTest, FilesThatMakeNoSenseSayNothing) {
  for (const auto* path : {"go.mod", "composer.json", "package.json", "tsconfig.json"}) {
    ASSERT_TRUE(ImportRoots::is_source(path));
    roots_.add(path, "{[\xFF");
    roots_.add(path,
               R"({"name": 3, "exports": [[]], "autoload": {"psr-4": 1}, "compilerOptions": {"paths": {"a": 1}}})");
  }
  EXPECT_TRUE(roots_.psr4().empty());
  EXPECT_TRUE(roots_.packages().empty());
  EXPECT_NE(roots_.digest(), ImportRoots().digest()) << "a pattern without targets is one";
}

}  // namespace
}  // namespace skein::repo
