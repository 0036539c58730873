#include "padlock/x509/signed_certificate_timestamp.h"

#include <gtest/gtest.h>

#include "padlock/x509/crlite/test_cache.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using crlite::testing::log_id;
using crlite::testing::timestamp_list;
using testing::Octets;

Result<std::vector<SignedCertificateTimestamp>> read(const std::vector<testing::DraftExtension>& extensions) {
  testing::Chain chain;
  for (const auto& one : extensions) set_extension(chain.leaf, one);
  return embedded_timestamps(*parse_certificate(sign(chain.leaf, testing::key(1))).value());
}

/// The extension with this value.
testing::DraftExtension raw(const Octets& value) {
  return testing::extension(der::oid::signedCertificateTimestamps, false, value);
}

const Rule* rule_of(const testing::DraftExtension& extension) {
  const auto timestamps = read({extension});
  return timestamps ? nullptr : timestamps.error().rule;
}

TEST(SignedCertificateTimestamps, AreReadInTheirOrder) {
  EXPECT_TRUE(read({})->empty());
  const auto timestamps = read({timestamp_list({{log_id(7), 1'772'000'000'123}, {log_id(3), UINT64_MAX}})});
  ASSERT_TRUE(timestamps) << timestamps.error().to_string();
  ASSERT_EQ(timestamps->size(), 2U);
  EXPECT_EQ(timestamps->at(0).id, log_id(7));
  EXPECT_EQ(timestamps->at(0).timestamp, 1'772'000'000'123U);
  EXPECT_EQ(timestamps->at(1).id, log_id(3));
  EXPECT_EQ(timestamps->at(1).timestamp, UINT64_MAX);
}

TEST(SignedCertificateTimestamps, OfOtherVersionsAreLeftOut) {
  const auto timestamps = read({timestamp_list({{log_id(7), 5}}, {0, 3, 1, 0xaa, 0xbb})});
  ASSERT_TRUE(timestamps) << timestamps.error().to_string();
  EXPECT_EQ(timestamps->size(), 1U);
}

TEST(SignedCertificateTimestamps, ThatAreDamagedSpoilNothingButThemselves) {
  const Rule* const damaged = &rules::malformed_timestamp_list;
  EXPECT_EQ(rule_of(raw({0x05, 0x00})), damaged);
  EXPECT_EQ(rule_of(raw({0x04, 0x02, 0x00, 0x00})), damaged) << "an empty list";
  EXPECT_EQ(rule_of(raw({0x04, 0x04, 0x00, 0x02, 0x00, 0x00})), damaged) << "an empty timestamp";
  EXPECT_EQ(rule_of(raw({0x04, 0x05, 0x00, 0x03, 0x00, 0x01, 0x00})), damaged) << "one of version v1 that is cut";
  EXPECT_EQ(rule_of(raw({0x04, 0x06, 0x00, 0x03, 0x00, 0x01, 0x01, 0xff})), damaged) << "something behind the list";
  EXPECT_EQ(rule_of(raw({0x04, 0x05, 0x00, 0x03, 0x00, 0x01, 0x01, 0x05, 0x00})), damaged) << "and behind the string";
  EXPECT_EQ(rule_of(raw({0x04, 0x05, 0x00, 0x03, 0x00, 0x01, 0x01})), nullptr) << "another version may be of any form";
}

TEST(SignedCertificateTimestamps, CutAnywhereAreRefused) {
  testing::Chain chain;
  set_extension(chain.leaf, timestamp_list({{log_id(7), 5}, {log_id(8), 6}}));
  Certificate certificate = *parse_certificate(sign(chain.leaf, testing::key(1))).value();
  while (certificate.signed_certificate_timestamp_list.size() > 1) {
    certificate.signed_certificate_timestamp_list.pop_back();
    EXPECT_FALSE(embedded_timestamps(certificate));
  }
}

TEST(SignedCertificateTimestamps, AreAtMostSoMany) {
  const auto list = [](std::size_t count) {
    return timestamp_list(std::vector(count, SignedCertificateTimestamp{log_id(1), 5}));
  };
  EXPECT_EQ(rule_of(list(max_signed_certificate_timestamps)), nullptr);
  EXPECT_EQ(rule_of(list(max_signed_certificate_timestamps + 1)), &rules::malformed_timestamp_list);
}

TEST(SignedCertificateTimestamps, ThatAreCriticalStayUnknown) {
  testing::Chain chain;
  set_extension(chain.leaf, testing::extension(der::oid::signedCertificateTimestamps, true, {0x04, 0x00}));
  const auto leaf = parse_certificate(sign(chain.leaf, testing::key(1))).value();
  EXPECT_EQ(leaf->unknown_critical_extensions.size(), 1U);
}

}  // namespace
}  // namespace padlock::x509
