#include "cache/namespaces.h"

#include <gtest/gtest.h>

namespace skein::cache {
namespace {

TEST(Namespaces, OfSkeinAreReadAndEveryAgentHasOne) {
  const auto& all = builtin_namespaces();
  ASSERT_NE(namespace_of(all, "repo.facts@1.0"), nullptr);
  EXPECT_EQ(namespace_of(all, "repo.facts@1.0")->name, "parses");
  EXPECT_EQ(namespace_of(all, "docs.links")->name, "indexes");
  EXPECT_EQ(namespace_of(all, "anything else")->name, "agent-results");
}

TEST(Namespaces, TakeTheClosestPattern) {
  const auto all =
      parse_namespaces("[[namespace]]\nname='a'\nagents=['x.*']\nttl='90s'\n[[namespace]]\nname='b'\nagents=['x.y']\n");
  ASSERT_TRUE(all);
  EXPECT_EQ(namespace_of(*all, "x.y@2.0")->name, "b");
  EXPECT_EQ(namespace_of(*all, "x.z")->name, "a");
  EXPECT_EQ(namespace_of(*all, "y"), nullptr);
  EXPECT_EQ(all->front().ttl, Micros(90'000'000));
}

TEST(Namespaces, BadOnesAreRefusedByName) {
  for (const auto* text :
       {"[[namespace]]\ntier='disk'", "[[namespace]]\nname='a'\ntier='moon'", "[[namespace]]\nname='a'\nttl='soon'",
        "[[namespace]]\nname='a'\n[[namespace]]\nname='a'", "namespace = [1]", "[[namespace"})
    EXPECT_EQ(parse_namespaces(text).error().code(), Code::invalid_argument) << text;
  EXPECT_NE(parse_namespaces("[[namespace]]\nname='a'\ntier='moon'").error().to_string().find("namespace a"),
            std::string::npos);
}

TEST(Namespaces, AreChangedAndAddedBySettingsAndRememberWhereEachValueCameFrom) {
  const auto base = parse_namespaces("[[namespace]]\nname='a'\nagents=['*']\nttl='1h'\n").value();
  const auto all = with_settings(base, {{"a", "ttl", std::string("2h"), "skein.toml:3"},
                                        {"a", "ttl", std::string("never"), "other.toml:1"},
                                        {"a", "share", 0.25, "skein.toml:4"},
                                        {"mine", "agents", std::vector<std::string>{"my.*"}, "skein.toml:6"},
                                        {"mine", "compressed", false, "skein.toml:7"}})
                       .value();
  EXPECT_EQ(all[0].ttl, std::nullopt);
  EXPECT_EQ(all[0].changed.at("ttl"), "other.toml:1");
  EXPECT_EQ(all[0].changed.at("share"), "skein.toml:4");
  EXPECT_EQ(all[0].origin, "default");
  EXPECT_EQ(namespace_of(all, "my.agent")->name, "mine");
  EXPECT_EQ(all[1].origin, "skein.toml:6");
  EXPECT_FALSE(all[1].compressed);
}

TEST(Namespaces, BadSettingsAreRefusedWithTheirPlace) {
  const auto base = parse_namespaces("[[namespace]]\nname='a'\nagents=['*']\n").value();
  for (const auto& bad : std::vector<NamespaceSetting>{{"a", "ttl", std::int64_t{5}, "f:1"},
                                                       {"a", "ttl", std::string("soon"), "f:1"},
                                                       {"a", "share", 1.5, "f:1"},
                                                       {"a", "colour", std::string("red"), "f:1"},
                                                       {"a", "tier", std::string("moon"), "f:1"},
                                                       {"new", "ttl", std::string("1h"), "f:1"}}) {
    const auto all = with_settings(base, {bad});
    ASSERT_FALSE(all) << bad.field;
    EXPECT_NE(all.error().to_string().find("f:1"), std::string::npos) << all.error().to_string();
  }
}

}  // namespace
}  // namespace skein::cache
