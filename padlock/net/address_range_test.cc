#include "padlock/net/address_range.h"

#include <gtest/gtest.h>

namespace padlock::net {
namespace {

bool holds(std::string_view range, std::string_view address) {
  return parse_address_range(range).value().holds(*x509::parse_ip_address(address));
}

TEST(AddressRange, HoldsWhatBeginsWithTheSameBits) {
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(holds("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(holds("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(holds("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.1"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("10.0.0.0/8", "::ffff:10.1.2.3")) << "an IPv4 address in its IPv6 form";
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(holds("::/0", "192.0.2.1"));
}

TEST(AddressRange, IsWrittenStrictly) {
  for (const auto* text : {"10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32", "::/0"})
    EXPECT_EQ(to_string(parse_address_range(text).value()), text);
  EXPECT_EQ(to_string(parse_address_range("::1").value()), "::1/128");
  for (const auto* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/08x", "10/8", "2001:db8::1/64",
                           "::/129", "a.test", "10.0.0.0/-1"})
    EXPECT_FALSE(parse_address_range(text)) << text;
}

}  // namespace
}  // namespace padlock::net
