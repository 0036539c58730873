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

TEST(Reach, IsAsTheRegistriesOfSpecialAddressesSay) {
  const auto reach = [](std::string_view text) { return reach_of(x509::parse_ip_address(text).value()); };
  for (const std::string_view one : {"1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"})
    EXPECT_EQ(reach(one), Reach::public_use) << one;
  for (const std::string_view one :
       {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.2.1", "fd00::1",
        "2001:db8::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"})
    EXPECT_EQ(reach(one), Reach::private_use) << one;
  for (const std::string_view one : {"169.254.169.254", "fe80::1", "::ffff:169.254.169.254"})
    EXPECT_EQ(reach(one), Reach::link_local) << one;
  for (const std::string_view one : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"})
    EXPECT_EQ(reach(one), Reach::loopback) << one;
  for (const std::string_view one :
       {"0.0.0.0", "0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "ff02::1"})
    EXPECT_EQ(reach(one), Reach::nobody) << one;
}

}  // namespace
}  // namespace padlock::net
