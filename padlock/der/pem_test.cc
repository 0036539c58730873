#include "padlock/der/pem.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/der/rules.h"

namespace padlock::der {
namespace {

constexpr std::string_view two_blocks =
    "Subject: what people write here is passed over\n"
    "-----BEGIN CERTIFICATE-----\n"
    "AQID\n"
    "-----END CERTIFICATE-----\n"
    "\n"
    "-----BEGIN PRIVATE KEY-----\r\n"
    "BA==\r\n"
    "-----END PRIVATE KEY-----";

TEST(Pem, FindsTheBlocksWithALabelInOrder) {
  const auto certificates = find_all(two_blocks, "CERTIFICATE");
  ASSERT_TRUE(certificates) << certificates.error().to_string();
  ASSERT_EQ(certificates->size(), 1U);
  EXPECT_EQ(to_hex(certificates->front().bytes), "010203");
  const auto all = find_all(two_blocks, "");
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(1).label, "PRIVATE KEY");
  EXPECT_EQ(to_hex(all->at(1).bytes), "04") << "CRLF, and no line end behind the last line";
}

TEST(Pem, FindsNothingWhereNothingIs) {
  EXPECT_TRUE(find_all("", "CERTIFICATE")->empty());
  EXPECT_TRUE(find_all("AQID\n", "CERTIFICATE")->empty());
  EXPECT_TRUE(find_all(two_blocks, "X509 CRL")->empty());
  EXPECT_TRUE(find_all(" -----BEGIN CERTIFICATE-----\n", "CERTIFICATE")->empty()) << "a boundary begins its line";
}

TEST(Pem, RefusesABlockWithoutItsEnd) {
  for (const std::string_view text : {
           "-----BEGIN CERTIFICATE-----\nAQID\n",
           "-----BEGIN CERTIFICATE-----",
           "-----BEGIN CERTIFICATE-----\nAQID\n-----END PRIVATE KEY-----\n",
           "-----BEGIN CERTIFICATE-----\nAQID\n-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n",
           "-----BEGIN OTHER-----\nAQID\n",
       }) {
    const auto blocks = find_all(text, "CERTIFICATE");
    ASSERT_FALSE(blocks) << text;
    EXPECT_EQ(blocks.error().rule, &rules::pem_unterminated);
  }
  const auto second = find_all("note\n-----BEGIN CERTIFICATE-----\nAQID\n", "CERTIFICATE");
  EXPECT_EQ(second.error().what, "the block that begins in line 2 (CERTIFICATE) has no end");
}

TEST(Pem, RefusesWhatIsNotStrictBase64) {
  const auto block = [](std::string_view body) {
    return "-----BEGIN X-----\n" + std::string(body) + "-----END X-----\n";
  };
  for (const std::string_view body : {"", "AQI\n", "AQI=x\n", "AQ\n==x=\n", "AB==\n", "AQ ID\n", "A===\n",
                                      "Proc-Type: 4,ENCRYPTED\n\nAQID\n", "=AQI\n"}) {
    const auto blocks = find_all(block(body), "X");
    ASSERT_FALSE(blocks) << body;
    EXPECT_EQ(blocks.error().rule, &rules::pem_malformed) << body;
    EXPECT_TRUE(find_all(block(body), "Y")) << "a block that nobody asked for may hold anything";
  }
}

TEST(Pem, EachRuleIsProvokedAbove) { EXPECT_EQ(rules::pem.size(), 2U) << "a new rule needs a text that breaks it"; }

TEST(Pem, WritesLinesOf64Characters) {
  const std::vector<std::uint8_t> bytes(49, 0xff);
  EXPECT_EQ(write_pem("X", bytes), "-----BEGIN X-----\n" + std::string(64, '/') + "\n/w==\n-----END X-----\n");
}

RC_GTEST_PROP(Pem, ReadsBackWhatItWrites, (std::vector<std::uint8_t> bytes)) {
  RC_PRE(!bytes.empty());
  const std::string text = write_pem("CERTIFICATE", bytes);
  RC_ASSERT(as_text(write_secret_pem("CERTIFICATE", bytes).reveal()) == text);
  const auto blocks = find_all(text + text, "CERTIFICATE");
  RC_ASSERT(blocks.has_value());
  RC_ASSERT(blocks->size() == 2U);
  RC_ASSERT(blocks->at(1).bytes == bytes);
}

RC_GTEST_PROP(Pem, ACutTextIsAnErrorOrHoldsLess, (std::vector<std::uint8_t> bytes)) {
  RC_PRE(!bytes.empty());
  const std::string text = write_pem("CERTIFICATE", bytes);
  const auto cut = *rc::gen::inRange<std::size_t>(0, text.size() - 1);
  const auto blocks = find_all(std::string_view(text).substr(0, cut), "CERTIFICATE");
  RC_ASSERT((!blocks || blocks->empty()));
}

}  // namespace
}  // namespace padlock::der
