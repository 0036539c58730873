#include "padlock/x509/issue_revocation.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "padlock/x509/issue_rules.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::x509 {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::seconds;

class IssuingRevocation : public ::testing::Test {
 protected:
  static std::shared_ptr<const Certificate> issue(const CertificateTemplate& wanted, std::size_t own,
                                                  const Certificate& issuer, std::size_t signer) {
    return parse_certificate(
               issue_certificate(wanted, key(own).public_key().parts(), {issuer, key(signer)}, provider()).value())
        .value();
  }
  static CertificateTemplate template_for(std::string_view subject) {
    return {.subject = name(subject), .not_before = test_now - days(9), .not_after = test_now + days(90)};
  }
  static CertificateTemplate leaf_template() {
    auto wanted = template_for("leaf");
    wanted.subject_alternative_names = {dns("example.test")};
    wanted.crl_url = "http://crl.example.test/1.crl";
    return wanted;
  }
  static CertificateTemplate responder_template() {
    auto wanted = template_for("responder");
    wanted.key_usage = sign_bit;
    wanted.extended_key_usage = {der::oid::ocspSigning};
    wanted.ocsp_no_check = true;
    return wanted;
  }
  std::shared_ptr<const Certificate> ca(std::uint16_t usage = ca_bits) const {
    auto wanted = template_for("CA");
    wanted.basic_constraints = BasicConstraints{.ca = true, .path_length = {}};
    wanted.key_usage = usage;
    return parse_certificate(issue_self_signed(wanted, key(0), provider()).value()).value();
  }
  const Rule* refusal(const CertificateListTemplate& wanted) const {
    const auto list = issue_certificate_list(wanted, {*ca_, key(0)});
    return list ? nullptr : list.error().rule;
  }
  std::string told(const Octets& list) const {
    return testing::told(check_crl(*leaf_, *ca_, *parse_certificate_list(list).value(), test_now, provider()));
  }
  Result<Octets> answer(const OcspRequest& request, const IssuedStatus& status, const Responder& responder) const {
    return issue_ocsp_response(
        request, [&](Bytes serial) { return std::ranges::equal(serial, leaf_->serial) ? status : IssuedStatus{}; },
        responder, times_);
  }
  std::string told_by(const Responder& responder, const IssuedStatus& status) const {
    const OcspRequest request{.certificates = {make_cert_id(*leaf_, *ca_)}};
    const auto response = parse_ocsp_response(answer(request, status, responder).value()).value();
    return testing::told(check_ocsp_response(response, *leaf_, *ca_, test_now, provider()));
  }

  std::shared_ptr<const Certificate> ca_ = ca();
  std::shared_ptr<const Certificate> leaf_ = issue(leaf_template(), 1, *ca_, 0);
  std::shared_ptr<const Certificate> responder_ = issue(responder_template(), 2, *ca_, 0);
  CertificateListTemplate list_{.number = 0x1234, .this_update = test_now - days(1), .next_update = test_now + days(1)};
  ResponseTimes times_{test_now, test_now - days(1), test_now + days(1)};
};

TEST_F(IssuingRevocation, WritesListsThatItsReaderBelieves) {
  EXPECT_EQ(told(issue_certificate_list(list_, {*ca_, key(0)}).value()), "good");
  std::array entries{
      RevokedEntry{.serial = {0x01}, .revoked_at = test_now - days(3)},
      RevokedEntry{.serial = leaf_->serial, .revoked_at = test_now - days(2), .reason = CRLReason::superseded}};
  list_.entries = entries;
  list_.distribution_point = "http://crl.example.test/1.crl";
  const Octets der = issue_certificate_list(list_, {*ca_, key(0)}).value();
  EXPECT_EQ(told(der), "revoked");
  const auto list = parse_certificate_list(der).value();
  EXPECT_EQ(list->crl_number, (Octets{0x12, 0x34}));
  EXPECT_EQ(list->authority_key_identifier, ca_->subject_key_identifier);
  EXPECT_EQ(list->find(Octets{0x01})->reason, std::nullopt);
  EXPECT_EQ(list->find(leaf_->serial)->reason, CRLReason::superseded);
  EXPECT_EQ(list->find(leaf_->serial)->revocation_date, test_now - days(2));
  EXPECT_TRUE(verify_certificate_list(*list, *ca_, provider()));
}

TEST_F(IssuingRevocation, RefusesListsThatCannotBe) {
  EXPECT_EQ(refusal(list_), nullptr);
  const auto refuses = [&](auto change) {
    auto wanted = list_;
    change(wanted);
    return refusal(wanted);
  };
  EXPECT_EQ(refuses([](auto& wanted) { wanted.next_update = wanted.this_update; }), &rules::bad_revocation);
  EXPECT_EQ(refuses([](auto& wanted) { wanted.distribution_point = "ldap://x"; }), &rules::bad_revocation);
  const auto refuses_entries = [&](const std::vector<RevokedEntry>& entries) {
    return refuses([&](auto& wanted) { wanted.entries = entries; });
  };
  EXPECT_EQ(refuses_entries({{.serial = {}, .revoked_at = test_now}}), &rules::bad_revocation);
  EXPECT_EQ(refuses_entries({{.serial = Octets(max_serial_octets + 1, 1), .revoked_at = test_now}}),
            &rules::bad_revocation);
  EXPECT_EQ(refuses_entries({{.serial = Octets(max_serial_octets, 1), .revoked_at = test_now}}), nullptr);
  EXPECT_EQ(refuses_entries({{.serial = {1}, .revoked_at = test_now}, {.serial = {1}, .revoked_at = test_now}}),
            &rules::bad_revocation);
  EXPECT_EQ(refuses_entries({{.serial = {1}, .revoked_at = test_now, .reason = CRLReason::removeFromCRL}}),
            &rules::bad_revocation);
}

TEST_F(IssuingRevocation, RefusesListsByWhoMayNotSignThem) {
  const auto rule = [&](const Certificate& certificate, std::size_t number) {
    const auto list = issue_certificate_list(list_, {certificate, key(number)});
    return list ? nullptr : list.error().rule;
  };
  EXPECT_EQ(rule(*ca(static_cast<std::uint16_t>(KeyUsage::keyCertSign)), 0), &rules::issuer_may_not_sign_crls);
  EXPECT_EQ(rule(*leaf_, 1), &rules::issuer_may_not_sign_crls);
  EXPECT_EQ(rule(*ca_, 1), &rules::issuer_key_mismatch);
}

TEST_F(IssuingRevocation, KeepsListsReadable) {
  std::vector<RevokedEntry> entries(300'000, {.serial = Octets(16, 0x01), .revoked_at = test_now});
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t octet = 0; octet < 3; ++octet)
      entries[i].serial[1 + octet] = static_cast<std::uint8_t>(i >> 8 * octet);
  }
  list_.entries = entries;
  EXPECT_EQ(refusal(list_), &rules::crl_too_large) << "10.5 MB";
  list_.entries = std::span(entries).first(290'000);
  EXPECT_EQ(told(issue_certificate_list(list_, {*ca_, key(0)}).value()), "good");
}

TEST_F(IssuingRevocation, AnswersRequestsAsItsReaderBelieves) {
  const IssuedStatus good{.state = RevocationState::good};
  const IssuedStatus revoked{
      .state = RevocationState::revoked, .revoked_at = test_now - days(2), .reason = CRLReason::keyCompromise};
  for (const Responder& responder : {Responder{*ca_, key(0)}, Responder{*ca_, key(2), responder_.get()}}) {
    EXPECT_EQ(told_by(responder, good), "good");
    EXPECT_EQ(told_by(responder, revoked), "revoked");
    EXPECT_EQ(told_by(responder, {}), "x509.ocsp.status_unknown");
  }
}

TEST_F(IssuingRevocation, AnswersEachCertificateAndSendsTheNonceBack) {
  CertId other = make_cert_id(*leaf_, *ca_);
  other.issuer_key_hash[0] ^= 1;
  const CertId by_sha256 = make_cert_id(*leaf_, *ca_, crypto::HashAlgorithm::sha256);
  const OcspRequest request{.certificates = {make_cert_id(*leaf_, *ca_), other, by_sha256}, .nonce = Octets(32, 7)};
  const auto der = answer(request, {.state = RevocationState::good}, {*ca_, key(0)}).value();
  const auto response = parse_ocsp_response(der).value();
  EXPECT_EQ(response.basic->nonce, request.nonce);
  ASSERT_EQ(response.basic->responses.size(), 3U);
  EXPECT_EQ(response.basic->responses[0].state, RevocationState::good);
  EXPECT_EQ(response.basic->responses[1].state, RevocationState::unknown) << "another issuer's";
  EXPECT_EQ(response.basic->responses[2].state, RevocationState::good);
  EXPECT_EQ(response.basic->responses[2].id, by_sha256);
  EXPECT_EQ(response.basic->produced_at, test_now);

  const auto nothing = answer({.certificates = {other}}, {.state = RevocationState::good}, {*ca_, key(0)}).value();
  EXPECT_EQ(parse_ocsp_response(nothing).value().status, OcspResponseStatus::unauthorized);
  EXPECT_EQ(parse_ocsp_response(make_ocsp_failure(OcspResponseStatus::tryLater)).value().status,
            OcspResponseStatus::tryLater);
}

TEST_F(IssuingRevocation, FitsTheLargestRequestIntoAResponse) {
  OcspRequest request{.nonce = Octets(max_ocsp_nonce_octets, 7)};
  request.certificates.assign(max_ocsp_request_certificates, make_cert_id(*leaf_, *ca_, crypto::HashAlgorithm::sha256));
  const IssuedStatus revoked{
      .state = RevocationState::revoked, .revoked_at = test_now, .reason = CRLReason::keyCompromise};
  const auto der = answer(request, revoked, {*ca_, key(2), responder_.get()}).value();
  EXPECT_LE(der.size(), max_ocsp_response_bytes);
  EXPECT_TRUE(parse_ocsp_response(der));
}

TEST_F(IssuingRevocation, RefusesRespondersThatMayNotAnswer) {
  const OcspRequest request{.certificates = {make_cert_id(*leaf_, *ca_)}};
  const auto rule = [&](const Responder& responder, const IssuedStatus& status = {}) {
    const auto response = answer(request, status, responder);
    return response ? nullptr : response.error().rule;
  };
  EXPECT_EQ(rule({*ca_, key(1), leaf_.get()}), &rules::no_responder);
  EXPECT_EQ(rule({*leaf_, key(2), responder_.get()}), &rules::no_responder);
  EXPECT_EQ(rule({*ca_, key(1)}), &rules::issuer_key_mismatch);
  EXPECT_EQ(rule({*ca_, key(0), responder_.get()}), &rules::issuer_key_mismatch);
  EXPECT_EQ(rule({*ca_, key(0)}, {.state = RevocationState::revoked}), &rules::bad_revocation);
  times_.next_update = times_.this_update;
  EXPECT_EQ(rule({*ca_, key(0)}), &rules::bad_revocation);
}

}  // namespace
}  // namespace padlock::x509
