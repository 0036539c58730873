#include "padlock/acme/server/evidence.h"

#include <gtest/gtest.h>

#include "padlock/acme/server/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::acme {
namespace {

using x509::testing::provider;
using x509::testing::test_now;

ChallengeAnswer answer_for(std::string name, ChallengeType type) {
  return {.type = type,
          .identifier = make_identifier(name).value(),
          .token = "token-of-128-bits-and-more",
          .key_authorization = "token-of-128-bits-and-more.thumbprint"};
}

void expect_other(const Result<void>& seen) {
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().rule, &server_rules::incorrect_response);
}

TEST(Http01Evidence, IsTheKeyAuthorizationAndNothingElse) {
  const auto wanted = answer_for("shop.test", ChallengeType::http_01);
  EXPECT_TRUE(check_http_01(wanted, wanted.key_authorization));
  EXPECT_TRUE(check_http_01(wanted, wanted.key_authorization + "\r\n "));
  for (const std::string& body : {std::string(), std::string(" \n"), wanted.token, " " + wanted.key_authorization,
                                  wanted.key_authorization + "x", std::string(10'000, 'x')})
    expect_other(check_http_01(wanted, body));
  EXPECT_LT(check_http_01(wanted, std::string(10'000, 'x')).error().what.size(), 300U) << "pages are not passed on";
}

TEST(Dns01Evidence, IsOneOfTheTexts) {
  const auto wanted = answer_for("*.shop.test", ChallengeType::dns_01);
  const std::string value = dns_01_value(wanted.key_authorization);
  EXPECT_TRUE(check_dns_01(wanted, std::vector<std::string>{"other", value}));
  expect_other(check_dns_01(wanted, {}));
  expect_other(check_dns_01(wanted, std::vector<std::string>{wanted.key_authorization}));
}

TEST(DnsPersist01Evidence, IsOneRecordForThisCaAndAccount) {
  auto wanted = answer_for("*.shop.test", ChallengeType::dns_persist_01);
  wanted.persistent = {{"ca.test"}, "https://ca.test/acme/account/1"};
  const std::string good = "ca.test; accounturi=https://ca.test/acme/account/1; policy=wildcard";
  const auto seen = [&](std::vector<std::string> texts) { return check_dns_persist_01(wanted, texts, test_now); };
  EXPECT_TRUE(seen({"v=spf1 -all", "ca.test; nothing", good}));
  for (const std::vector<std::string>& texts :
       {std::vector<std::string>(),
        {"other.test; accounturi=https://ca.test/acme/account/1; policy=wildcard"},
        {"ca.test; accounturi=https://ca.test/acme/account/12; policy=wildcard"},
        {"ca.test; accounturi=https://ca.test/acme/account/1"},
        {good + "; persistUntil=1"}}) {
    const auto refused = seen(texts);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().rule, &server_rules::unauthorized_record);
  }
  const auto malformed = seen({good + ";"});
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.error().rule, &server_rules::malformed_record);
}

TEST(TlsAlpn01Evidence, IsACertificateForThisNameAndKeyAlone) {
  for (const char* const name : {"shop.test", "10.0.0.1", "fd00::1"}) {
    const auto wanted = answer_for(name, ChallengeType::tls_alpn_01);
    const auto made = make_tls_alpn_01_certificate(wanted, provider(), test_now).value();
    const auto seen = check_tls_alpn_01(wanted, made.der);
    EXPECT_TRUE(seen) << seen.error().what;
    auto other_key = wanted;
    other_key.key_authorization += "x";
    expect_other(check_tls_alpn_01(other_key, made.der));
    auto other_name = wanted;
    other_name.identifier.value = "www.shop.test";
    other_name.identifier.type = Identifier::Type::dns;
    expect_other(check_tls_alpn_01(other_name, made.der));
  }
  const auto wanted = answer_for("example.test", ChallengeType::tls_alpn_01);
  expect_other(check_tls_alpn_01(wanted, x509::testing::self_signed_leaf(0)));
  expect_other(check_tls_alpn_01(wanted, as_bytes("no certificate")));
}

}  // namespace
}  // namespace padlock::acme
