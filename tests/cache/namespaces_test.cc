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

TEST(Namespaces, TakeTheFirstPatternThatFits) {
  const auto all =
      parse_namespaces("[[namespace]]\nname='a'\nagents=['x.*']\nttl='90s'\n[[namespace]]\nname='b'\nagents=['x.y']\n");
  ASSERT_TRUE(all);
  EXPECT_EQ(namespace_of(*all, "x.y@2.0")->name, "a");
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

}  // namespace
}  // namespace skein::cache
