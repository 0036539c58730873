#include "padlock/base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace padlock {
namespace {

std::string base64(std::string_view text) { return to_base64(as_bytes(text)); }

TEST(Base64, GivesTheVectorsOfRfc4648Section10) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zm 9", "Zm9v\n", "Zg==Zg=="})
    EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Base64, TakesItsDigitsAloneAtEachPlace) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t place = 0; place < 8; ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = "Zm9vYmFy";
      text[place] = static_cast<char>(byte);
      const auto bytes = from_base64(text);
      // "YmF=" would leave bits unused, so no `=` is right anywhere here.
      const bool digit = digits.find(text[place]) != std::string::npos;
      EXPECT_EQ(bytes.has_value(), digit) << text;
      EXPECT_EQ(bytes ? to_base64(*bytes) : text, text);
    }
  }
}

TEST(Base64url, WritesDigitsOfItsOwnAndNoPadding) {
  EXPECT_EQ(to_base64url(as_bytes("\xfb\xff\xfe")), "-__-");
  EXPECT_EQ(to_base64url(as_bytes("")), "");
  for (const std::string_view text : {"f", "fo", "foo", "foob"}) {
    const std::string written = to_base64url(as_bytes(text));
    EXPECT_EQ(written.find('='), std::string::npos);
    EXPECT_EQ(from_base64url(written), std::vector<std::uint8_t>(as_bytes(text).begin(), as_bytes(text).end()));
  }
}

TEST(Base64url, RefusesWhatIsNotCanonical) {
  for (const auto* text : {"Zg==", "Z", "Zh", "Zm9v+", "Zm9/", "Zm 9", "Zm9vZ"})
    EXPECT_FALSE(from_base64url(text)) << text;
}

TEST(CopyBytes, FillsTheFrontAndGivesTheRest) {
  std::vector<std::uint8_t> room(5, 9);
  const auto rest = copy_bytes(as_bytes("ab"), room);
  EXPECT_EQ(to_hex(room), "6162090909");
  EXPECT_EQ(rest.data(), std::span(room).subspan(2).data());
  EXPECT_EQ(rest.size(), 3U);
  copy_bytes(Bytes(room).subspan(1), room);
  EXPECT_EQ(to_hex(room), "6209090909") << "towards the front they may overlap";
}

TEST(Hex, RefusesOddAndWrongDigits) {
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_EQ(from_hex("00fF"), (std::vector<std::uint8_t>{0, 255}));
}

TEST(Escaped, LeavesNothingForATerminalToObey) { EXPECT_EQ(escaped("a\x1b[2J\\\n\xff"), "a\\x1b[2J\\\\\\x0a\\xff"); }

TEST(ParseDecimal, TakesDigitsAlone) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615U);
  for (const auto* text : {"", "+1", "-1", " 1", "1 ", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_decimal(text)) << text;
}

TEST(AsciiCase, LeavesOtherBytesAlone) {
  EXPECT_EQ(to_lower_ascii("ABZ-\xc3\x84"), "abz-\xc3\x84");
  EXPECT_TRUE(equal_ignoring_ascii_case("Host", "hOST"));
  EXPECT_FALSE(equal_ignoring_ascii_case("Host", "Hos"));
}

RC_GTEST_PROP(Text, HexAndBase64ReadBack, (const std::vector<std::uint8_t>& bytes)) {
  RC_ASSERT(from_hex(to_hex(bytes)) == bytes);
  RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
}

}  // namespace
}  // namespace padlock
