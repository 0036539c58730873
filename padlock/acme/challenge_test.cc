#include "padlock/acme/challenge.h"

#include <gtest/gtest.h>

#include "padlock/acme/certificate_chain.h"
#include "padlock/acme/rules.h"
#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::acme {
namespace {

using x509::testing::provider;
using x509::testing::test_now;

Identifier named(std::string_view name) { return make_identifier(name).value(); }

TEST(Identifiers, AreHostsOrAddressesInOneForm) {
  EXPECT_EQ(named("WWW.Example.TEST").value, "www.example.test");
  EXPECT_EQ(named("2001:DB8:0::1"), (Identifier{Identifier::Type::ip, "2001:db8::1"}));
  EXPECT_TRUE(named("*.example.test").wildcard());
  for (const auto* const wrong : {"", "a b", "*", "*.test", "www.*.test", "example.test.", "[::1]", "\xc3\xa4.test"}) {
    const auto made = make_identifier(wrong);
    ASSERT_FALSE(made) << wrong;
    EXPECT_EQ(made.error().rule, &rules::malformed_identifier);
  }
}

TEST(Identifiers, AreSortedAndNoneIsTwice) {
  const std::vector<std::string> names{"b.test", "A.test", "192.0.2.1", "a.test"};
  const auto made = make_identifiers(names).value();
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(made[0].value, "a.test");
  EXPECT_EQ(made[2].type, Identifier::Type::ip);
  for (const std::size_t count : {std::size_t{0}, std::size_t{101}}) {
    const auto refused = make_identifiers(std::vector<std::string>(count, "a.test"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().rule, &rules::identifier_count);
  }
  EXPECT_TRUE(make_identifiers(std::vector<std::string>(100, "a.test")));
}

TEST(Challenges, ProveWhatTheyCan) {
  EXPECT_TRUE(can_prove(ChallengeType::dns_01, named("*.example.test")));
  EXPECT_FALSE(can_prove(ChallengeType::http_01, named("*.example.test")));
  EXPECT_FALSE(can_prove(ChallengeType::tls_alpn_01, named("*.example.test")));
  EXPECT_FALSE(can_prove(ChallengeType::dns_01, named("192.0.2.1")));
  EXPECT_TRUE(can_prove(ChallengeType::tls_alpn_01, named("192.0.2.1")));
}

TEST(Challenges, HaveTheNamesOfTheirRegistry) {
  for (const auto type : {ChallengeType::http_01, ChallengeType::dns_01, ChallengeType::tls_alpn_01})
    EXPECT_EQ(find_challenge_type(name_of(type)), type);
  EXPECT_FALSE(find_challenge_type("dns-account-01"));
}

TEST(Dns01, HashesTheKeyAuthorization) {
  const std::string authorization = make_key_authorization("token", "thumbprint");
  EXPECT_EQ(authorization, "token.thumbprint");
  EXPECT_EQ(dns_01_value(authorization),
            to_base64url(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes("token.thumbprint"))));
  EXPECT_EQ(dns_01_name(named("example.test")), "_acme-challenge.example.test");
  EXPECT_EQ(dns_01_name(named("*.example.test")), "_acme-challenge.example.test");
}

TEST(TlsAlpn01, NamesAddressesByTheirReverseNames) {  // RFC 8738, section 6, with its addresses
  EXPECT_EQ(tls_alpn_01_server_name(named("192.0.2.1")), "1.2.0.192.in-addr.arpa");
  EXPECT_EQ(tls_alpn_01_server_name(named("2001:db8::1")),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  EXPECT_EQ(tls_alpn_01_server_name(named("example.test")), "example.test");
}

TEST(TlsAlpn01, MakesACertificateThatNobodyElseTakes) {
  const ChallengeAnswer answer{ChallengeType::tls_alpn_01, named("example.test"), "token", "token.thumbprint"};
  const auto made = make_tls_alpn_01_certificate(answer, provider(), test_now).value();
  const auto certificate = x509::parse_certificate(made.der).value();
  EXPECT_EQ(identifiers_of(*certificate), std::vector{answer.identifier});
  const auto* const extension = certificate->find_extension(der::oid::acmeIdentifier);
  ASSERT_NE(extension, nullptr);
  EXPECT_TRUE(extension->critical);
  EXPECT_EQ(certificate->unknown_critical_extensions, std::vector<std::string>{"1.3.6.1.5.5.7.1.31"});
  const auto digest = crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(answer.key_authorization));
  const std::string der = to_hex(certificate->der);
  EXPECT_NE(der.find("06082b0601050507011f0101ff04220420" + to_hex(digest)), std::string::npos)
      << "the extension as RFC 8737, section 3 has it";
}

TEST(RenewalIdentifier, IsThatOfRfc9773Section4) {
  x509::Certificate certificate;  // the section's own example
  certificate.authority_key_identifier = from_hex("69885b6b87464041e1b37b847bd0ae2cde01c8d4").value();
  certificate.serial = from_hex("87654321").value();
  const auto identifier = renewal_identifier(certificate).value();
  EXPECT_EQ(identifier, "aYhba4dGQEHhs3uEe9CuLN4ByNQ.AIdlQyE");
  certificate.serial = from_hex("07654321").value();
  EXPECT_EQ(renewal_identifier(certificate).value(), "aYhba4dGQEHhs3uEe9CuLN4ByNQ.B2VDIQ");
  certificate.authority_key_identifier.clear();
  EXPECT_EQ(renewal_identifier(certificate).error().rule, &rules::no_certificate_identifier);
}

}  // namespace
}  // namespace padlock::acme
