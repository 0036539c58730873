#include "padlock/x509/describe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

std::string fact(const Draft& draft, std::string_view name) {
  const auto facts = describe(*parse_certificate(sign(draft, key(0))).value(), test_now);
  const auto found = std::ranges::find(facts, name, &CertificateFact::name);
  return found == facts.end() ? "absent" : found->text;
}

TEST(Describe, SaysWhatACertificateHolds) {
  Draft leaf = leaf_draft(2, "Root", 0, {dns("*.example.test"), ip("::1"), mail("a@b.test")});
  EXPECT_EQ(fact(leaf, "subject"), "CN=leaf");
  EXPECT_EQ(fact(leaf, "names"), "*.example.test, ::1, mail a@b.test");
  EXPECT_EQ(fact(leaf, "valid"), "2026-02-02 09:00:00 UTC to 2026-04-03 09:00:00 UTC (30 days left)");
  EXPECT_EQ(fact(leaf, "key"), "ECDSA P-256");
  EXPECT_EQ(fact(leaf, "signature"), "ecdsaWithSHA256");
  EXPECT_EQ(fact(leaf, "serial"), "01");
  EXPECT_EQ(fact(leaf, "ca"), "no");
  EXPECT_EQ(fact(leaf, "key usage"), "digitalSignature");
  EXPECT_EQ(fact(leaf, "purposes"), "serverAuth");
  EXPECT_EQ(fact(leaf, "issuer key"), colon_hex(identifier(0)));
  EXPECT_EQ(fact(leaf, "policies"), "absent");
  EXPECT_TRUE(fact(leaf, "extensions").starts_with("basicConstraints (critical), keyUsage (critical), extKeyUsage"));
  EXPECT_EQ(fact(leaf, "SHA-256").size(), 95U);
}

TEST(Describe, SaysWhatACaMayDo) {
  Draft ca = ca_draft("CA", 1, "Root", 0);
  set_extension(ca, basic_constraints(true, 0));
  set_extension(ca, name_constraints({dns("example.test")}, {ip_range("10.0.0.0", "255.0.0.0")}));
  set_extension(ca, certificate_policies({der::oid::anyPolicy}));
  set_extension(ca, policy_mappings({{der::make_oid("1.2.3"), der::make_oid("1.2.4")}}));
  set_extension(ca, policy_constraints(0, 1));
  EXPECT_EQ(fact(ca, "ca"), "yes, with at most 0 CAs below it");
  EXPECT_EQ(fact(ca, "constraints"), "permits example.test; excludes 10.0.0.0/255.0.0.0");
  EXPECT_EQ(fact(ca, "policies"),
            "anyPolicy; mapped: 1.2.3 to 1.2.4; one is required after 0 more certificates; no mapping after 1 more "
            "certificates");
}

TEST(Describe, SaysHowLongItsValidityIsOver) {
  Draft leaf = leaf_draft(2, "Root", 0);
  leaf.validity = validity(test_now - std::chrono::days(9), test_now - std::chrono::days(3));
  EXPECT_TRUE(fact(leaf, "valid").ends_with("(expired 3 days ago)"));
  leaf.validity = validity(test_now + std::chrono::hours(5), test_now + std::chrono::days(3));
  EXPECT_TRUE(fact(leaf, "valid").ends_with("(begins in 5 hours)"));
}

TEST(Describe, CutsLongListsAndEscapesWhatItPrints) {
  std::vector<GeneralName> names;
  names.reserve(25);
  for (int i = 0; i < 25; ++i) names.push_back(dns("h" + std::to_string(i) + ".test"));
  EXPECT_TRUE(fact(leaf_draft(2, "Root", 0, names), "names").ends_with("h19.test and 5 more"));
  Draft leaf = leaf_draft(2, "Root", 0);
  leaf.subject = name("evil\x1b[2J");
  EXPECT_FALSE(fact(leaf, "subject").contains('\x1b'));
}

TEST(Describe, NamesEveryKindOfKey) {
  const auto text = [](crypto::KeyKind kind) { return describe_key(make_key(kind)->public_key().parts()); };
  EXPECT_EQ(text(crypto::KeyKind::ecdsa_p256), "ECDSA P-256");
  EXPECT_EQ(text(crypto::KeyKind::rsa_2048), "RSA 2048 bits");
  EXPECT_EQ(describe_key(crypto::Ed25519PublicKey{}), "Ed25519");
  EXPECT_EQ(describe_key(crypto::RsaPublicKey{Octets(384, 0x7f), {3}, true}), "RSA 3071 bits, for PSS alone");
}

}  // namespace
}  // namespace padlock::x509
