#include "padlock/net/address.h"

#include <gtest/gtest.h>

#include "padlock/net/asio_endpoint.h"

namespace padlock::net {
namespace {

TEST(Endpoint, ReadsBackWhatItWrites) {
  for (const auto* text : {"127.0.0.1:8443", "[::1]:443", "[fe80::1%2]:8443", "0.0.0.0:0", "[::]:65535"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(to_string(*endpoint), text);
    EXPECT_EQ(from_asio(to_asio(*endpoint)), *endpoint);
  }
}

TEST(Endpoint, RefusesAnythingElse) {
  for (const auto* text :
       {"", "127.0.0.1", ":1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "::1:443", "[127.0.0.1]:1", "[::1]443",
        "[::1%]:1", "[fe80::1%eth0]:1", "localhost:1", "[]:1", "[fe80::1%4294967296]:1"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

TEST(Loopback, IsTheWholeNetwork127AndOneAddressOfIpv6) {
  EXPECT_TRUE(is_loopback(parse_endpoint("127.0.0.1:1")->address));
  EXPECT_TRUE(is_loopback(parse_endpoint("127.255.0.9:1")->address));
  EXPECT_TRUE(is_loopback(parse_endpoint("[::1]:1")->address));
  EXPECT_FALSE(is_loopback(parse_endpoint("128.0.0.1:1")->address));
  EXPECT_FALSE(is_loopback(parse_endpoint("[::2]:1")->address));
  EXPECT_FALSE(is_loopback(parse_endpoint("[1::1]:1")->address));
}

TEST(LocalhostName, HoldsTheNamesBelowItToo) {
  for (const auto* name : {"localhost", "LOCALHOST", "localhost.", "shop.localhost", "a.b.LocalHost."}) {
    EXPECT_TRUE(is_localhost_name(name)) << name;
  }
  for (const auto* name : {"", ".", ".localhost", "xlocalhost", "localhost.test", "localhost..", "ocalhost"}) {
    EXPECT_FALSE(is_localhost_name(name)) << name;
  }
}

}  // namespace
}  // namespace padlock::net
