// Where imports of Rust, Java, Ruby, PHP and Bash lead.
#include <gtest/gtest.h>

#include "repo/languages.h"
#include "repo/resolve.h"

namespace skein::repo {
namespace {

using Paths = std::vector<std::string>;

Paths led(std::string_view language, std::string_view from, std::string target, bool relative,
          std::vector<std::string_view> paths) {
  Import import;
  import.target = std::move(target);
  import.relative = relative;
  return resolve(*builtin_languages().by_id(language), from, import, PathIndex(paths));
}

TEST(RustImports, LeadToTheModuleThatHoldsTheName) {
  const std::vector<std::string_view> paths = {"a/src/lib.rs", "a/src/net.rs", "a/src/net/tcp.rs", "a/src/io/mod.rs"};
  EXPECT_EQ(led("rust", "a/src/net.rs", "crate::io::Read", true, paths), Paths{"a/src/io/mod.rs"});
  EXPECT_EQ(led("rust", "a/src/lib.rs", "self::net", true, paths), Paths{"a/src/net.rs"});
  EXPECT_EQ(led("rust", "a/src/net.rs", "self::tcp", true, paths), Paths{"a/src/net/tcp.rs"});
  EXPECT_EQ(led("rust", "a/src/net/tcp.rs", "super::super::io", true, paths), Paths{"a/src/io/mod.rs"});
  EXPECT_EQ(led("rust", "a/src/net.rs", "std::io", false, paths), Paths{});
  EXPECT_EQ(led("rust", "x.rs", "super::super::super::y", true, paths), Paths{});
}

TEST(JavaImports, LeadToTheFileOfTheClass) {
  const std::vector<std::string_view> paths = {"m/src/main/java/a/b/C.java", "m/src/main/java/x/C.java"};
  EXPECT_EQ(led("java", "m/src/main/java/x/C.java", "a.b.C", false, paths), Paths{"m/src/main/java/a/b/C.java"});
  EXPECT_EQ(led("java", "m/src/main/java/x/C.java", "a.b.C.Inner.f", false, paths),
            Paths{"m/src/main/java/a/b/C.java"});
  EXPECT_EQ(led("java", "m/src/main/java/x/C.java", "q.b.C", false, paths), Paths{});
  EXPECT_EQ(led("java", "m/src/main/java/x/C.java", "a.b.*", false, paths), Paths{"m/src/main/java/a/b/C.java"});
  EXPECT_EQ(led("java", "m/src/main/java/x/C.java", "a.b.C.*", false, paths), Paths{"m/src/main/java/a/b/C.java"});
  EXPECT_EQ(led("java", "m/src/main/java/x/C.java", "java.util.*", false, paths), Paths{});
}

TEST(RubyImports, LeadBesideTheFileOrBelowLib) {
  const std::vector<std::string_view> paths = {"lib/a.rb", "lib/a/b.rb", "gems/x/lib/x/y.rb"};
  EXPECT_EQ(led("ruby", "lib/a.rb", "a/b", true, paths), Paths{"lib/a/b.rb"});
  EXPECT_EQ(led("ruby", "bin/run", "a", false, paths), Paths{"lib/a.rb"});
  EXPECT_EQ(led("ruby", "lib/a.rb", "x/y", false, paths), Paths{"gems/x/lib/x/y.rb"});
  EXPECT_EQ(led("ruby", "lib/a.rb", "json", false, paths), Paths{});
}

TEST(PhpImports, FollowNamespacesAndIncludes) {
  const std::vector<std::string_view> paths = {"src/Log/File.php", "inc/a.php", "index.php"};
  EXPECT_EQ(led("php", "index.php", "Acme\\Log\\File", false, paths), Paths{"src/Log/File.php"});
  EXPECT_EQ(led("php", "index.php", "__DIR__ . '/inc/a.php'", true, paths), Paths{"inc/a.php"});
  EXPECT_EQ(led("php", "index.php", "File", false, paths), Paths{});
}

TEST(BashImports, TakeAComputedFolderForTheirOwn) {
  const std::vector<std::string_view> paths = {"scripts/a.sh", "scripts/lib/b.sh"};
  EXPECT_EQ(led("shell", "scripts/a.sh", "$HERE/lib/b.sh", true, paths), Paths{"scripts/lib/b.sh"});
  EXPECT_EQ(led("shell", "scripts/a.sh", "$(dirname x)/lib/b.sh", true, paths), Paths{"scripts/lib/b.sh"});
  EXPECT_EQ(led("shell", "scripts/a.sh", "/etc/profile", true, paths), Paths{});
  EXPECT_EQ(led("shell", "scripts/a.sh", "$X", true, paths), Paths{});
}

}  // namespace
}  // namespace skein::repo
