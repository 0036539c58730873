#include "padlock/der/oid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace padlock::der {
namespace {

std::vector<std::uint8_t> content_of(std::string_view text) {
  const auto oid = Oid::from_text(text);
  if (!oid) return {};
  return {oid->content().begin(), oid->content().end()};
}

TEST(Oid, IsWrittenAsX690Says) {
  EXPECT_EQ(content_of("2.5.4.3"), (std::vector<std::uint8_t>{0x55, 0x04, 0x03}));
  EXPECT_EQ(content_of("1.2.840.113549"), (std::vector<std::uint8_t>{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d}));
  EXPECT_EQ(content_of("2.999.3"), (std::vector<std::uint8_t>{0x88, 0x37, 0x03})) << "X.690, section 8.19.5";
  EXPECT_EQ(content_of("0.0"), (std::vector<std::uint8_t>{0x00}));
}

TEST(Oid, ReadsBackArcsWiderThanAnyInteger) {
  // 2.25 and the UUID f81d4fae-7dec-11d0-a765-00a0c91e6bf6 of X.667, in septets.
  const auto content = *from_hex("6983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776");
  const auto oid = Oid::from_content(content);
  ASSERT_TRUE(oid);
  EXPECT_EQ(oid->to_string(), "2.25.329800735698586629295641978511506172918");
}

TEST(Oid, RefusesMalformedContent) {
  const auto refused = [](std::vector<std::uint8_t> content) { return !Oid::from_content(content).has_value(); };
  EXPECT_TRUE(refused({})) << "no arc";
  EXPECT_TRUE(refused({0x55, 0x84})) << "cut off";
  EXPECT_TRUE(refused({0x55, 0x80, 0x01})) << "a needless leading septet";
  EXPECT_TRUE(refused({0x80, 0x55}));
}

TEST(Oid, HoldsContentUpToItsLimit) {
  EXPECT_TRUE(Oid::from_content(std::vector<std::uint8_t>(max_oid_length - 1, 1)));
  EXPECT_TRUE(Oid::from_content(std::vector<std::uint8_t>(max_oid_length, 1)));
  EXPECT_FALSE(Oid::from_content(std::vector<std::uint8_t>(max_oid_length + 1, 1)));
}

TEST(Oid, RefusesMalformedText) {
  for (const std::string_view text :
       {"", "1", "1.", ".1", "1..2", "3.1", "1.40", "01.2", "1.02", "1.2a", "1.-2", "1.2.", "1.18446744073709551616"}) {
    EXPECT_FALSE(Oid::from_text(text)) << text;
  }
  std::string longest = "1.2";
  for (std::size_t i = 1; i < max_oid_length; ++i) longest += ".1";
  EXPECT_TRUE(Oid::from_text(longest));
  EXPECT_FALSE(Oid::from_text(longest + ".1"));
}

TEST(Oid, HasNamesForPeople) {
  EXPECT_EQ(name_of(oid::commonName), "commonName");
  EXPECT_EQ(describe(oid::serverAuth), "serverAuth");
  EXPECT_EQ(describe(make_oid("1.2.3.4")), "1.2.3.4");
}

RC_GTEST_PROP(Oid, ReadsBackItsText, (const std::vector<std::uint32_t>& tail)) {
  std::string text = "2.5";
  for (const std::uint32_t arc : tail) text += "." + std::to_string(arc);
  const auto oid = Oid::from_text(text);
  if (!oid) {
    RC_ASSERT(tail.size() > 10U);
    return;
  }
  RC_ASSERT(oid->to_string() == text);
  RC_ASSERT(Oid::from_content(oid->content()) == oid);
}

}  // namespace
}  // namespace padlock::der
