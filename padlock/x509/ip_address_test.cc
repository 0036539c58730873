#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/x509/certificate.h"

namespace padlock::x509 {
namespace {

std::string normal(std::string_view text) {
  const auto address = parse_ip_address(text);
  return address ? to_string(*address) : "refused";
}

TEST(IpAddress, ReadsDottedDecimal) {
  EXPECT_EQ(normal("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(normal("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(normal("255.255.255.255"), "255.255.255.255");
  for (const std::string_view bad :
       {"", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.004", "1.2.3.", ".1.2.3", "1..2.3", "0x1.2.3.4",
        "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "+1.2.3.4", "1.2.3.4/8"})
    EXPECT_EQ(normal(bad), "refused") << bad;
}

TEST(IpAddress, WritesIpv6AsRfc5952Says) {
  EXPECT_EQ(normal("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(normal("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1") << "section 4.2.2: one group is not shortened";
  EXPECT_EQ(normal("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1") << "section 4.2.3: the longest run";
  EXPECT_EQ(normal("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1") << "section 4.2.3: the first of equal runs";
  EXPECT_EQ(normal("::"), "::");
  EXPECT_EQ(normal("::1"), "::1");
  EXPECT_EQ(normal("1::"), "1::");
  EXPECT_EQ(normal("::ffff:192.0.2.1"), "::ffff:c000:201");
  EXPECT_EQ(normal("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
  EXPECT_EQ(normal("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304");
}

TEST(IpAddress, RefusesMalformedIpv6) {
  for (const std::string_view bad : {":", ":::", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                                     "1:2:3:4:5:6:7:8::", "12345::", "g::", "::1%eth0", "[::1]", "::1.2.3",
                                     "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1 ", "1:::2"})
    EXPECT_EQ(normal(bad), "refused") << bad;
}

RC_GTEST_PROP(IpAddress, ReadsBackWhatItWrites, (bool ipv4)) {
  IpAddress address;
  address.length = ipv4 ? 4 : 16;
  for (std::size_t i = 0; i < address.length; ++i)
    address.bytes[i] = *rc::gen::element<std::uint8_t>(0, 0, 0, 1, 0x20, 0xff);
  RC_ASSERT(parse_ip_address(to_string(address)) == address);
}

}  // namespace
}  // namespace padlock::x509
