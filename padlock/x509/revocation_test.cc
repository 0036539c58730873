#include "padlock/x509/revocation.h"

#include <gtest/gtest.h>

#include <set>

#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::x509 {
namespace {

using namespace testing;

const Octets leaf_serial{0x02, 0x01, 0x01};

DraftExtension must_staple() {
  return extension_of(der::oid::tlsFeature, false, [](der::Writer& out) { out.integer(5); });
}

class Revocation : public ::testing::Test {
 protected:
  RevocationStatus check(bool is_leaf = true) {
    const auto leaf = parse_certificate(sign(leaf_, key(1))).value();
    return check_revocation(*leaf, *issuer_, evidence_, is_leaf, test_now, provider());
  }
  std::string told(bool is_leaf = true) { return testing::told(check(is_leaf)); }

  static Octets response(const Octets& status, const Octets& serial = leaf_serial) {
    ResponseDraft draft;
    draft.singles.front().status = status;
    draft.singles.front().id = cert_id("Intermediate", 1, serial);
    return sign(draft);
  }
  static std::shared_ptr<const CertificateList> list(bool revoked, std::string_view issuer = "Intermediate",
                                                     std::size_t signer = 1) {
    ListDraft draft;
    draft.issuer = name(issuer);
    if (revoked) draft.entries = {list_entry(leaf_serial, {reason_code(1)})};
    return parse_certificate_list(sign(draft, key(signer))).value();
  }
  static std::shared_ptr<const CertificateList> other_part() {
    ListDraft draft;
    draft.extensions = {issuing_distribution_point({.urls = {"http://crl.example.test/2.crl"}})};
    return parse_certificate_list(sign(draft, key(1))).value();
  }
  void add_response(const Octets& der) { evidence_.responses.push_back(parse_ocsp_response(der).value()); }

  Draft leaf_ = leaf_draft(2, "Intermediate", 1);
  std::shared_ptr<const Certificate> issuer_ =
      parse_certificate(sign(ca_draft("Intermediate", 1, "Root", 0), key(0))).value();
  RevocationEvidence evidence_;
};

TEST_F(Revocation, TakesTheFirstGoodAnswerOfStapleOcspAndLists) {
  evidence_.lists = {list(false)};
  EXPECT_EQ(check().source, RevocationSource::crl);
  add_response(response(good_status));
  EXPECT_EQ(check().source, RevocationSource::ocsp);
  evidence_.staple = response(good_status);
  EXPECT_EQ(check().source, RevocationSource::staple);
  EXPECT_EQ(check(false).source, RevocationSource::ocsp) << "a staple is the leaf's";
  EXPECT_EQ(describe(check()), "good, says the stapled OCSP response of 2026-03-03, fresh until 2026-03-10");
}

TEST_F(Revocation, IsSaidByWhicheverAnswerSaysSo) {
  evidence_.staple = response(good_status);
  evidence_.lists = {list(false), list(true)};
  EXPECT_EQ(told(), "revoked");
  EXPECT_EQ(check().source, RevocationSource::crl);
  evidence_.lists = {list(false)};
  add_response(response(revoked_status(1)));
  EXPECT_EQ(check().source, RevocationSource::ocsp);
  evidence_.responses.clear();
  evidence_.staple = response(revoked_status(1));
  EXPECT_EQ(check().source, RevocationSource::staple);
}

TEST_F(Revocation, IsNotSaidByAnswersThatDoNotCount) {
  evidence_.lists = {list(true, "Intermediate", 2), list(true, "Root", 0)};
  EXPECT_EQ(told(), "x509.crl.bad_signature");
  evidence_.lists.push_back(list(false));
  EXPECT_EQ(told(), "good");
}

TEST_F(Revocation, SaysWhyNothingIsKnown) {
  EXPECT_EQ(told(), "x509.revocation.no_source");
  EXPECT_EQ(describe(check()), "not checked: the certificate names no CRL and no OCSP responder");
  set_extension(leaf_, distribution_point("http://crl.example.test/1.crl"));
  EXPECT_EQ(told(), "x509.revocation.no_answer");
  evidence_.lists = {list(false, "Root", 0)};
  add_response(response(good_status, {0x02, 0x01, 0x02}));
  EXPECT_EQ(told(), "x509.revocation.no_answer") << "what is for others is no news";
  evidence_.lists.push_back(other_part());
  EXPECT_EQ(told(), "x509.crl.out_of_scope");
  evidence_.lists.push_back(list(false, "Intermediate", 2));
  EXPECT_EQ(told(), "x509.crl.bad_signature") << "the list that is for it says more than other parts";
  evidence_.staple = response(good_status, {0x02, 0x01, 0x02});
  EXPECT_EQ(told(), "x509.ocsp.other_certificate") << "of a staple it is";
  evidence_.staple = {0x30};
  EXPECT_EQ(told(), "x509.ocsp.malformed");
  EXPECT_EQ(check().why->rule->alert, AlertDescription::bad_certificate_status_response);
}

TEST_F(Revocation, DemandsAStapleWhereTheCertificateDoes) {
  leaf_.extensions.push_back(must_staple());
  evidence_.lists = {list(false)};
  EXPECT_EQ(told(), "x509.revocation.must_staple") << "a list is no staple";
  EXPECT_EQ(check().why->rule->alert, AlertDescription::bad_certificate_status_response);
  EXPECT_EQ(told(false), "good") << "the leaf's staple is meant";
  evidence_.staple = response(unknown_status);
  EXPECT_EQ(told(), "x509.revocation.must_staple");
  EXPECT_TRUE(describe(check()).contains("does not know the certificate")) << describe(check());
  evidence_.staple = response(good_status);
  EXPECT_EQ(told(), "good");
  evidence_.lists = {list(true)};
  EXPECT_EQ(told(), "revoked");
  evidence_.staple.clear();
  EXPECT_EQ(told(), "revoked") << "says more than that a staple is missing";
}

TEST_F(Revocation, HashesAListOnceForAllCertificatesOfItsIssuer) {
  evidence_.lists = {list(true), list(false, "Root", 0), other_part()};
  for (std::uint8_t serial = 1; serial <= 5; ++serial) {
    leaf_.serial = {0x02, 0x01, serial};
    EXPECT_EQ(told(), serial == 1 ? "revoked" : "good");
  }
  EXPECT_EQ(evidence_.signatures.size(), 1U) << "the others are out of scope before their signature is looked at";
  issuer_ = parse_certificate(sign(ca_draft("Intermediate", 3, "Root", 0), key(0))).value();
  EXPECT_EQ(told(), "x509.crl.bad_signature") << "another issuer of that name is asked for anew";
  EXPECT_EQ(evidence_.signatures.size(), 2U);
}

TEST_F(Revocation, RefusesByItsMode) {
  using enum RevocationMode;
  const auto refused = [&](RevocationMode mode) {
    const auto error = refusal_of(check(), mode);
    return error ? name_of(error->rule->alert) : "no";
  };
  EXPECT_EQ(refused(off), "no");
  EXPECT_EQ(refused(soft), "no");
  EXPECT_EQ(refused(hard), "certificate_unknown");
  evidence_.lists = {list(false)};
  EXPECT_EQ(refused(hard), "no");
  evidence_.lists = {list(true)};
  EXPECT_EQ(refused(off), "no");
  EXPECT_EQ(refused(soft), "certificate_revoked");
  EXPECT_EQ(refused(hard), "certificate_revoked");
  evidence_.lists.clear();
  evidence_.staple = {0x30};
  EXPECT_EQ(refused(soft), "no");
  EXPECT_EQ(refused(hard), "bad_certificate_status_response");
  leaf_.extensions.push_back(must_staple());
  EXPECT_EQ(refused(off), "no");
  EXPECT_EQ(refused(soft), "bad_certificate_status_response");
  EXPECT_EQ(refused(hard), "bad_certificate_status_response");
}

TEST(RevocationRules, AreEachProvokedByATest) {
  // Those of lists and of OCSP: crl_test.cc and ocsp_test.cc. The others: above.
  const std::set<std::string_view> here{"x509.revocation.revoked", "x509.revocation.must_staple",
                                        "x509.revocation.no_source", "x509.revocation.no_answer"};
  std::set<std::string_view> codes;
  for (const Rule* rule : rules::revocation) {
    EXPECT_TRUE(codes.insert(rule->code).second) << rule->code;
    EXPECT_TRUE(rule->code.starts_with("x509.crl.") || rule->code.starts_with("x509.ocsp") || here.contains(rule->code))
        << rule->code;
    for (const std::string_view bad : {"dangerous", "insecure", "-k", "ignore", "disable", "skip"})
      EXPECT_FALSE(rule->hint.contains(bad)) << rule->code;
    EXPECT_FALSE(rule->hint.empty()) << rule->code;
  }
}

TEST(RevocationStatus, NamesReasonsAsTheRfcDoes) {
  EXPECT_EQ(name_of(*reason_of(1)), "keyCompromise");
  EXPECT_EQ(name_of(*reason_of(10)), "aACompromise");
  EXPECT_FALSE(reason_of(7));
  EXPECT_FALSE(reason_of(11));
}

}  // namespace
}  // namespace padlock::x509
