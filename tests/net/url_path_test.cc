#include "net/url_path.h"

#include <gtest/gtest.h>

namespace skein::net {
namespace {

TEST(UrlPath, IsDecodedWithoutQueryAndFragment) {
  EXPECT_EQ(decode_path("/a%20b/c.html?x=1#y"), "a b/c.html");
  EXPECT_EQ(decode_path("/"), "");
  EXPECT_EQ(decode_path("/?x"), "");
  EXPECT_EQ(decode_path("/a/"), "a/");
}

TEST(UrlPath, NothingLeadsOutOfTheFolder) {
  for (const auto* target : {"", "a", "/../a", "/a/../b", "/%2e%2e/a", "/a/%2e%2e", "/a//b", "//a", "/a%00b", "/a%0ab",
                             "/a%5cb", "/a\\b", "/%", "/%4", "/%zz", "/./a", "http://x/a"})
    EXPECT_FALSE(decode_path(target)) << target;
  EXPECT_FALSE(decode_path("/" + std::string(5'000, 'a')));
}

TEST(UrlPath, QueryValuesAreFoundByName) {
  EXPECT_EQ(query_value("/x?page=a%2Fb&etag=%22c%22", "page"), "a/b");
  EXPECT_EQ(query_value("/x?page=a%2Fb&etag=%22c%22", "etag"), "\"c\"");
  EXPECT_EQ(query_value("/x?page", "page"), "");
}

TEST(UrlPath, OnlyNamesOfThisMachineAreHosts) {
  for (const auto* host : {"127.0.0.1", "127.0.0.1:80", "localhost:80", "localhost", "[::1]:80"})
    EXPECT_TRUE(is_loopback_host(host, 80)) << host;
  for (const auto* host : {"", "evil.example", "127.0.0.1.evil.example", "localhost:81", "127.0.0.1:80:80"})
    EXPECT_FALSE(is_loopback_host(host, 80)) << host;
}

}  // namespace
}  // namespace skein::net
