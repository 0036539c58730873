#include "padlock/ca/status_answers.h"

#include <gtest/gtest.h>

#include "padlock/ca/limits.h"
#include "padlock/ca/names.h"
#include "padlock/x509/crl.h"
#include "padlock/x509/ocsp.h"

namespace padlock::ca {
namespace {

using std::chrono::days;
using x509::RevocationState;

constexpr WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class Answers : public testing::Test {
 protected:
  void SetUp() override {
    root_ = make_root(*provider_, now).value().pair;
    intermediate_ = make_intermediate(root_, *provider_, now).value().pair;
  }
  std::shared_ptr<const x509::Certificate> leaf(bool logged = true) {
    const std::vector<std::string> names{"localhost"};
    auto made = make_leaf(intermediate_, alternative_names(names).value(), *provider_, now).value().pair.certificate;
    if (logged) issued_.push_back(entry_of(*made, now));
    return made;
  }
  void revoke(const x509::Certificate& certificate, x509::CRLReason reason = x509::CRLReason::keyCompromise) {
    revocations_.entries.push_back({.serial = serial_text(certificate.serial),
                                    .issuer = to_hex(certificate.authority_key_identifier),
                                    .reason = reason,
                                    .at = now,
                                    .not_after = certificate.not_after});
  }
  StatusAnswers make(WallTime at = now) {
    const std::vector<Pair> issuers{root_, intermediate_};
    auto answers = StatusAnswers::make(issuers, issued_, revocations_, at);
    EXPECT_TRUE(answers) << answers.error().to_string();
    return *std::move(answers);
  }
  x509::RevocationStatus asked(const StatusAnswers& answers, const x509::Certificate& certificate, const Pair& issuer,
                               WallTime at = now) {
    const auto request = x509::make_ocsp_request(certificate, *issuer.certificate);
    const auto response = x509::parse_ocsp_response(answers.answer_ocsp(request));
    EXPECT_TRUE(response) << response.error().to_string();
    return x509::check_ocsp_response(*response, certificate, *issuer.certificate, at, *provider_);
  }
  x509::RevocationStatus listed(const StatusAnswers& answers, std::string_view name,
                                const x509::Certificate& certificate, const Pair& issuer, WallTime at = now) {
    const Document* document = answers.find(name);
    EXPECT_NE(document, nullptr) << name;
    EXPECT_EQ(document->media_type, "application/pkix-crl");
    const auto list = x509::parse_certificate_list(document->bytes).value();
    return x509::check_crl(certificate, *issuer.certificate, *list, at, *provider_);
  }
  static x509::OcspResponseStatus status_of(Bytes response) { return x509::parse_ocsp_response(response)->status; }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  Pair root_, intermediate_;
  std::vector<IssuedEntry> issued_;
  Revocations revocations_;
};

TEST_F(Answers, SayWhatIsGoodAndWhatWasRevokedInBothWays) {
  const auto good = leaf(), bad = leaf();
  revoke(*bad);
  const StatusAnswers answers = make();
  EXPECT_EQ(asked(answers, *good, intermediate_).state, RevocationState::good);
  EXPECT_EQ(listed(answers, "intermediate.crl", *good, intermediate_).state, RevocationState::good);
  for (const auto& status :
       {asked(answers, *bad, intermediate_), listed(answers, "intermediate.crl", *bad, intermediate_)}) {
    EXPECT_EQ(status.state, RevocationState::revoked);
    EXPECT_EQ(status.reason, x509::CRLReason::keyCompromise);
    EXPECT_EQ(status.revoked_at, now);
  }
}

TEST_F(Answers, SpeakOfTheIntermediateInTheRootsName) {
  EXPECT_EQ(asked(make(), *intermediate_.certificate, root_).state, RevocationState::good);
  EXPECT_EQ(listed(make(), "root.crl", *intermediate_.certificate, root_).state, RevocationState::good);
  revoke(*intermediate_.certificate);
  EXPECT_EQ(asked(make(), *intermediate_.certificate, root_).state, RevocationState::revoked);
  EXPECT_EQ(listed(make(), "root.crl", *intermediate_.certificate, root_).state, RevocationState::revoked);
}

TEST_F(Answers, AreBelievedForSevenDaysAndForOne) {
  const auto one = leaf();
  const StatusAnswers answers = make();
  EXPECT_EQ(asked(answers, *one, intermediate_, now + days{1} - std::chrono::seconds{1}).state, RevocationState::good);
  EXPECT_EQ(asked(answers, *one, intermediate_, now + days{1} + std::chrono::hours{1}).state, RevocationState::unknown);
  EXPECT_EQ(listed(answers, "intermediate.crl", *one, intermediate_, now + days{6}).state, RevocationState::good);
  EXPECT_EQ(listed(answers, "intermediate.crl", *one, intermediate_, now + days{8}).state, RevocationState::unknown);
  EXPECT_EQ(listed(answers, "intermediate.crl", *one, intermediate_, now - backdating).state, RevocationState::good)
      << "a peer's clock may be behind";
}

TEST_F(Answers, KnowTheIssuerByEitherHash) {
  const auto one = leaf();
  const StatusAnswers answers = make();
  for (const auto hash : {crypto::HashAlgorithm::sha1, crypto::HashAlgorithm::sha256}) {
    const auto id = x509::make_cert_id(*one, *intermediate_.certificate, hash);
    const auto request = der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& whole) {
        whole.sequence([&](der::Writer& tbs) {
          tbs.sequence(
              [&](der::Writer& list) { list.sequence([&](der::Writer& single) { x509::write_cert_id(single, id); }); });
        });
      });
    });
    EXPECT_EQ(status_of(answers.answer_ocsp(request)), x509::OcspResponseStatus::successful);
  }
  EXPECT_EQ(answers.responses(), 4U) << "two for the leaf, two for the intermediate";
}

TEST_F(Answers, SayNothingOfWhatIsNotTheirs) {
  const auto unknown = leaf(false);
  const StatusAnswers answers = make();
  EXPECT_EQ(status_of(answers.answer_ocsp(x509::make_ocsp_request(*unknown, *intermediate_.certificate))),
            x509::OcspResponseStatus::unauthorized);
  EXPECT_EQ(status_of(answers.answer_ocsp(x509::make_ocsp_request(*unknown, *root_.certificate))),
            x509::OcspResponseStatus::unauthorized);
  for (const std::string_view rubbish : {"", "rubbish", "\x30"})
    EXPECT_EQ(status_of(answers.answer_ocsp(as_bytes(rubbish))), x509::OcspResponseStatus::malformedRequest);
  EXPECT_EQ(answers.find("nothing.crl"), nullptr);
  EXPECT_EQ(answers.find(""), nullptr);
}

TEST_F(Answers, RememberRevokedCertificatesThatTheLogForgot) {
  const auto forgotten = leaf(false);
  revoke(*forgotten, x509::CRLReason::superseded);
  EXPECT_EQ(asked(make(), *forgotten, intermediate_).reason, x509::CRLReason::superseded);
  const StatusAnswers late = make(now + days{30});
  EXPECT_EQ(status_of(late.answer_ocsp(x509::make_ocsp_request(*forgotten, *intermediate_.certificate))),
            x509::OcspResponseStatus::unauthorized)
      << "expired: nobody asks";
}

TEST_F(Answers, HandOutTheIssuersToo) {
  const StatusAnswers answers = make();
  EXPECT_EQ(answers.find("issuer.der")->bytes, intermediate_.certificate->der);
  EXPECT_EQ(answers.find("intermediate.der")->bytes, intermediate_.certificate->der);
  EXPECT_EQ(answers.find("root.der")->bytes, root_.certificate->der);
  EXPECT_EQ(answers.find("root.der")->media_type, "application/pkix-cert");
}

TEST_F(Answers, LieWhereTheUrlsOfTheirCertificatesLead) {
  const StatusAnswers answers = make();
  for (const Pair& issuer : {root_, intermediate_}) {
    const StatusUrls urls = status_urls("http://ca.test:8080", *issuer.certificate);
    for (const std::string& url : {urls.crl, urls.ca_issuers}) {
      const std::string base = "http://ca.test:8080" + std::string(answers_path);
      ASSERT_TRUE(url.starts_with(base)) << url;
      EXPECT_NE(answers.find(url.substr(base.size())), nullptr) << url;
    }
  }
  EXPECT_EQ(status_urls("", *root_.certificate).crl + status_urls("", *root_.certificate).ocsp, "");
}

}  // namespace
}  // namespace padlock::ca
