// Manifests of Java, .NET, Ruby, PHP, containers and CI.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "base/random.h"
#include "repo/entry_file.h"
#include "repo/manifest.h"

namespace skein::repo {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::string shown(const Manifest& manifest) {
  std::string text;
  for (const auto& one : manifest.dependencies)
    text.append(one.name + " " + one.range + " ").append(to_string(one.scope)).append("\n");
  return text;
}
std::string scripts(const Manifest& manifest) {
  std::string text;
  for (const auto& one : manifest.scripts) text.append(one.name + ": " + one.text + "\n");
  return text;
}

TEST(BuildManifest, AreKnownByTheirPaths) {
  EXPECT_EQ(manifest_kind("a/pom.xml"), ManifestKind::maven);
  EXPECT_EQ(manifest_kind("app/build.gradle.kts"), ManifestKind::gradle);
  EXPECT_EQ(manifest_kind("Gemfile"), ManifestKind::ruby);
  EXPECT_EQ(manifest_kind("src/App/App.csproj"), ManifestKind::dotnet);
  EXPECT_EQ(manifest_kind(".github/workflows/ci.yml"), ManifestKind::github);
  EXPECT_EQ(manifest_kind("docs/.github/workflows/ci.yml"), std::nullopt);
  EXPECT_EQ(manifest_kind("ci.yml"), std::nullopt);
  EXPECT_EQ(manifest_kind(".gitlab-ci.yml"), ManifestKind::gitlab);
}

TEST(BuildManifest, ReadsAPomWithItsPropertiesAndManagedVersions) {
  const auto manifest = parse_manifest("pom.xml", R"(<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>org.x</groupId><artifactId>up</artifactId><version>7</version></parent>
  <artifactId>shop</artifactId><description>Sells.</description>
  <properties><jackson>2.15</jackson></properties>
  <licenses><license><name>MIT</name></license></licenses>
  <dependencyManagement><dependencies>
    <dependency><groupId>a</groupId><artifactId>b</artifactId><version>9</version></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>a</groupId><artifactId>b</artifactId></dependency>
    <dependency><groupId>com.j</groupId><artifactId>core</artifactId><version>${jackson}</version></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>own</artifactId><version>${unknown}</version>
      <scope>test</scope></dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>maven-jar-plugin</artifactId><version>3</version>
    <configuration><archive><manifest><mainClass>org.x.Main</mainClass></manifest></archive></configuration>
  </plugin></plugins></build>
</project>)");
  EXPECT_THAT(manifest.notes, SizeIs(0));
  EXPECT_EQ(manifest.name, "shop");
  EXPECT_EQ(manifest.version, "7");
  EXPECT_EQ(manifest.licence, "MIT");
  EXPECT_EQ(shown(manifest),
            "a:b 9 runtime\ncom.j:core 2.15 runtime\norg.x:own ${unknown} development\n"
            "org.apache.maven.plugins:maven-jar-plugin 3 build\n");
  EXPECT_THAT(manifest.entry_points, ElementsAre("org.x.Main"));
}

TEST(BuildManifest, RefusesXmlThatDeclaresEntities) {
  const auto manifest = parse_manifest(
      "pom.xml",
      "<!DOCTYPE p [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><project><artifactId>&a;</artifactId></project>");
  ASSERT_THAT(manifest.notes, SizeIs(1));
  EXPECT_NE(manifest.notes[0].find("entities"), std::string::npos) << manifest.notes[0];
}

TEST(BuildManifest, ReadsGradleInBothLanguages) {
  const auto groovy = parse_manifest("build.gradle", R"(
plugins { id 'java'
  id "org.springframework.boot" version "3.1.0" }
version = '1.2' // later
dependencies {
  implementation 'com.google.guava:guava:32.0'
  implementation group: 'org.a', name: 'b', version: '4'
  testImplementation("org.junit:junit") { exclude group: 'x' }
  implementation project(':core')
  annotationProcessor libs.dagger.compiler
}
task hello { println "hi" }
mainClassName = 'org.x.Main'
)");
  EXPECT_EQ(shown(groovy),
            "java  build\norg.springframework.boot 3.1.0 build\ncom.google.guava:guava 32.0 runtime\n"
            "org.a:b 4 runtime\norg.junit:junit  development\nlibs.dagger.compiler  build\n");
  EXPECT_EQ(scripts(groovy), "hello: \n");
  EXPECT_EQ(groovy.version, "1.2");
  EXPECT_THAT(groovy.entry_points, ElementsAre("org.x.Main"));
  const auto kotlin = parse_manifest("build.gradle.kts", R"(
plugins { kotlin("jvm") version "1.9" }
dependencies { api("a:b:1"); testImplementation(kotlin("test")) }
tasks.register<Copy>("stage") { from("x") }
application { mainClass.set("org.x.MainKt") }
)");
  EXPECT_EQ(shown(kotlin),
            "org.jetbrains.kotlin.jvm 1.9 build\na:b 1 runtime\norg.jetbrains.kotlin:kotlin-test  development\n");
  EXPECT_EQ(scripts(kotlin), "stage: \n");
  const auto catalogue =
      parse_manifest("gradle/libs.versions.toml",
                     "[versions]\nj = \"5\"\n[libraries]\njunit = { module = \"o:junit\", version.ref = "
                     "\"j\" }\nother = \"a:b:1\"\n");
  EXPECT_EQ(shown(catalogue), "o:junit 5 runtime\na:b 1 runtime\n");
}

TEST(BuildManifest, ReadsGemfilesGemspecsAndRakefiles) {
  EXPECT_EQ(shown(parse_manifest("Gemfile",
                                 "gem 'rails', '~> 7.0', '>= 7.0.1'\n# gem 'no'\ngroup :test do\n"
                                 "  gem \"rspec\", require: false\nend\ngem 'pg', group: :development\n")),
            "rails ~> 7.0, >= 7.0.1 runtime\nrspec  development\npg  development\n");
  const auto spec = parse_manifest("x.gemspec",
                                   "Gem::Specification.new do |s|\n  s.name = 'x'\n  s.version = \"1.0\"\n"
                                   "  s.summary = 'Does.'\n  s.executables = ['x', 'y']\n"
                                   "  s.add_dependency 'a', '~> 1'\n  s.add_development_dependency('b')\nend\n");
  EXPECT_EQ(spec.name + spec.version + spec.description, "x1.0Does.");
  EXPECT_EQ(shown(spec), "a ~> 1 runtime\nb  development\n");
  EXPECT_THAT(spec.entry_points, ElementsAre("x", "y"));
  EXPECT_EQ(scripts(parse_manifest("Rakefile",
                                   "desc 'Runs.'\ntask :run => [:a] do\nend\ntask build: :run\n"
                                   "RSpec::Core::RakeTask.new(:spec)\nRake::TestTask.new do |t|\nend\n")),
            "run: Runs.\nbuild: \nspec: \ntest: \n");
}

TEST(BuildManifest, ReadsComposerAndDotnet) {
  const auto composer =
      parse_manifest("composer.json", R"({"name":"a/b","license":["MIT","GPL"],"require":{"php":">=8"},)"
                                      R"("require-dev":{"c/d":"^1"},"scripts":{"test":["x","y"]},"bin":["bin/run"]})");
  EXPECT_EQ(shown(composer), "php >=8 runtime\nc/d ^1 development\n");
  EXPECT_EQ(scripts(composer), "test: x && y\n");
  EXPECT_EQ(composer.licence, "MIT or GPL");
  const auto project = parse_manifest("src/Shop/Shop.csproj", R"(<Project Sdk="Microsoft.NET.Sdk">
<PropertyGroup><OutputType>Exe</OutputType><Version>2.0</Version></PropertyGroup>
<ItemGroup><PackageReference Include="Serilog" Version="3.1" />
<PackageReference Include="Analyzers"><Version>1</Version><PrivateAssets>all</PrivateAssets></PackageReference></ItemGroup>
</Project>)");
  EXPECT_EQ(project.name, "Shop");
  EXPECT_EQ(shown(project), "Serilog 3.1 runtime\nAnalyzers 1 build\n");
  EXPECT_THAT(project.entry_points, ElementsAre("Shop"));
}

TEST(BuildManifest, ReadsComposeWithImagesAndWhatIsBuilt) {
  const auto manifest = parse_manifest("compose.yaml",
                                       "services:\n  db:\n    image: host:5000/postgres:15\n  web:\n    build: ./web\n"
                                       "    image: shop\n    depends_on: {db: {condition: service_healthy}}\n"
                                       "  job: {build: {}, command: [run, it], depends_on: [web, db], links: "
                                       "['db:base'], network_mode: 'service:proxy'}\n");
  std::string shown_services;
  for (const auto& service : manifest.services) {
    shown_services += service.name + ": " + service.what;
    for (const auto& need : service.needs) shown_services += " <" + need;
    shown_services += "\n";
  }
  EXPECT_EQ(shown_services, "db: host:5000/postgres:15\njob: run it <web <db <proxy\nweb: built from ./web <db\n");
  EXPECT_EQ(shown(manifest), "host:5000/postgres 15 image\n");
}

TEST(BuildManifest, ReadsJobsOfGithubAndGitlab) {
  const auto github = parse_manifest(".github/workflows/ci.yml",
                                     "on: push\njobs:\n  test:\n    container: node:20\n    steps:\n"
                                     "      - uses: actions/checkout@v4\n      - uses: ./own\n      - run: |\n"
                                     "          npm ci\n          npm test\n      - run: npm run lint\n");
  EXPECT_EQ(scripts(github), "test: npm ci\nnpm test\nnpm run lint\n");
  EXPECT_EQ(shown(github), "actions/checkout v4 build\nnode 20 image\n");
  const auto gitlab =
      parse_manifest(".gitlab-ci.yml",
                     "spec: {inputs: {}}\n---\nimage: ruby:3.10\n.base: &base\n  before_script: [bundle]\n"
                     "test:\n  <<: *base\n  script:\n    - rake\n    - [a, b]\nvariables: {X: y}\n");
  EXPECT_EQ(scripts(gitlab), "test: bundle\nrake\na\nb\n");
  EXPECT_EQ(shown(gitlab), "ruby 3.10 image\n");
}

/// Files of a workspace by their paths.
ReadManifestFile files(std::map<std::string, std::string> known) {
  return [known = std::move(known)](const std::string& path) -> std::optional<std::string> {
    const auto found = known.find(path);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(BuildManifest, APomTakesVersionsAndPropertiesOfItsParents) {
  const auto read = files({{"pom.xml", R"(<project><artifactId>root</artifactId><version>1</version>
      <properties><guava>33</guava><junit>4</junit></properties>
      <dependencyManagement><dependencies>
        <dependency><groupId>g</groupId><artifactId>guava</artifactId><version>${guava}</version></dependency>
        <dependency><groupId>j</groupId><artifactId>junit</artifactId><version>${junit}</version></dependency>
      </dependencies></dependencyManagement>
      <build><pluginManagement><plugins><plugin><artifactId>p</artifactId><version>8</version></plugin></plugins>
      </pluginManagement></build></project>)"},
                           {"mid/pom.xml", R"(<project><parent><artifactId>root</artifactId></parent>
      <artifactId>mid</artifactId><properties><junit>5</junit></properties></project>)"}});
  const std::string child = R"(<project><parent><groupId>o</groupId><artifactId>mid</artifactId><version>1</version>
      <relativePath>../../mid</relativePath></parent><artifactId>leaf</artifactId><dependencies>
      <dependency><groupId>g</groupId><artifactId>guava</artifactId></dependency>
      <dependency><groupId>j</groupId><artifactId>junit</artifactId><scope>test</scope></dependency></dependencies>
      <build><plugins><plugin><artifactId>p</artifactId></plugin></plugins></build></project>)";
  EXPECT_EQ(shown(parse_manifest("a/leaf/pom.xml", child, read)),
            "g:guava 33 runtime\nj:junit 5 development\norg.apache.maven.plugins:p 8 build\n");
  EXPECT_EQ(shown(parse_manifest("a/leaf/pom.xml", child)),
            "g:guava  runtime\nj:junit  development\norg.apache.maven.plugins:p  build\n");
  // Another project stands where the parent was looked for; and a pom that is its own parent ends.
  EXPECT_EQ(shown(parse_manifest("mid/x/pom.xml", R"(<project><parent><artifactId>other</artifactId></parent>
      <artifactId>x</artifactId><dependencies><dependency><groupId>g</groupId><artifactId>guava</artifactId>
      </dependency></dependencies></project>)",
                                 read)),
            "g:guava  runtime\n");
  const std::string own = R"(<project><parent><artifactId>me</artifactId><relativePath>pom.xml</relativePath></parent>
      <artifactId>me</artifactId></project>)";
  EXPECT_EQ(parse_manifest("pom.xml", own, files({{"pom.xml", own}})).name, "me");
}

TEST(BuildManifest, GitlabIncludesFilesOfTheRepositoryAndNamesOthers) {
  const auto read = files({{"ci/build.yml", "include: /ci/base.yml\nbuild: {extends: .base, script: [make]}\n"},
                           {"ci/base.yml",
                            ".base: {image: 'gcc:12', before_script: [./setup]}\n"
                            "lint: {script: [one, two]}\n"}});
  const auto manifest = parse_manifest(".gitlab-ci.yml",
                                       "include:\n  - local: ci/build.yml\n  - project: group/ci\n    ref: v2\n"
                                       "    file: a.yml\n  - component: host/c/sast@1.0\n  - local: 'ci/*.yml'\n"
                                       "  - local: gone.yml\n  - template: SAST.yml\nlint: {script: [mine]}\n",
                                       read);
  EXPECT_EQ(scripts(manifest), "build: ./setup\nmake\nlint: mine\n");
  EXPECT_EQ(shown(manifest), "group/ci v2 build\nhost/c/sast 1.0 build\ngcc 12 image\n");
  EXPECT_THAT(manifest.notes,
              ElementsAre("includes ci/*.yml, which was not followed", "includes gone.yml, which could not be read"));
}

TEST(BuildManifest, IncludesAndExtensionsOfThemselvesEnd) {
  const std::string loop = "include: [a.yml, a.yml, a.yml]\nx: {extends: [x, x, x, x, x, x, x, x], script: [a]}\n";
  const auto manifest = parse_manifest(".gitlab-ci.yml", loop, files({{"a.yml", loop}}));
  EXPECT_EQ(scripts(manifest), "x: a\n");
}

TEST(BuildManifest, AliasesThatMultiplyAreRefused) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string up = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k == 0 ? "" : ", ") + up + " ";
    bomb += "]\n";
  }
  const auto manifest = parse_manifest("compose.yml", bomb);
  ASSERT_THAT(manifest.notes, SizeIs(1));
  EXPECT_NE(manifest.notes[0].find("too large"), std::string::npos) << manifest.notes[0];
  EXPECT_THAT(parse_manifest("compose.yml", std::string(5'000, '[')).notes, SizeIs(1));
  std::string deep;
  for (int i = 0; i < 5'000; ++i) deep += "<a>";
  EXPECT_THAT(parse_manifest("pom.xml", deep).notes, SizeIs(1));
}

TEST(BuildManifest, TakesAnyBytes) {
  SeededRandom random(6);
  for (const char* path : {"pom.xml", "build.gradle", "a/libs.versions.toml", "Gemfile", "a.gemspec", "Rakefile",
                           "composer.json", "a.csproj", "a.sln", "compose.yml", ".gitlab-ci.yml"}) {
    for (int round = 0; round < 300; ++round) {
      std::string bytes;
      static constexpr std::string_view kBytes = "a[]{}()\"'\\#=:;,.\n\r\t $-@<>/&*|\xff\0z1";
      for (auto size = random.below(60); size > 0; --size) bytes += kBytes[random.below(kBytes.size())];
      EXPECT_EQ(parse_manifest(path, bytes).path, path);
    }
  }
}

TEST(EntryFile, FollowsEachKindsRules) {
  const std::vector<std::string_view> files{"web/bin/run.js", "src/shop/cli.py", "src/bin/tool.rs",
                                            "src/main.rs",    "exe/x",           "j/src/main/java/o/M.java",
                                            "app/Program.cs"};
  const PathIndex paths(files);
  const auto file = [&](const char* path, ManifestKind kind, const char* entry) {
    Manifest manifest;
    manifest.path = path;
    manifest.kind = kind;
    return entry_file(manifest, entry, paths);
  };
  EXPECT_EQ(file("web/package.json", ManifestKind::npm, "run: ./bin/run"), "web/bin/run.js");
  EXPECT_EQ(file("pyproject.toml", ManifestKind::python, "shop: shop.cli:main"), "src/shop/cli.py");
  EXPECT_EQ(file("Cargo.toml", ManifestKind::cargo, "tool"), "src/bin/tool.rs");
  EXPECT_EQ(file("Cargo.toml", ManifestKind::cargo, "other"), "src/main.rs");
  EXPECT_EQ(file("x.gemspec", ManifestKind::ruby, "x"), "exe/x");
  EXPECT_EQ(file("j/pom.xml", ManifestKind::maven, "o.M"), "j/src/main/java/o/M.java");
  EXPECT_EQ(file("app/A.csproj", ManifestKind::dotnet, "A"), "app/Program.cs");
  EXPECT_EQ(file("package.json", ManifestKind::npm, "../../out"), "");
}

}  // namespace
}  // namespace skein::repo
