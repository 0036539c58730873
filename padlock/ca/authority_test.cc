#include "padlock/ca/authority.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "padlock/ca/limits.h"
#include "padlock/ca/names.h"
#include "padlock/ca/rules.h"
#include "padlock/x509/issue.h"
#include "padlock/x509/verify.h"

namespace padlock::ca {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using x509::GeneralNameForm;

constexpr WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

x509::GeneralName name_of(GeneralNameForm form, std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {form, {bytes.begin(), bytes.end()}};
}

class Authority : public testing::Test {
 protected:
  void SetUp() override {
    root_ = make_root(*provider_, now).value().pair;
    intermediate_ = make_intermediate(root_, *provider_, now).value().pair;
  }
  /// A leaf that the CA itself would not make: any names, any subject, signed by the intermediate's key.
  std::vector<std::uint8_t> outside_leaf(std::vector<x509::GeneralName> names, const Pair& issuer) {
    x509::CertificateTemplate wanted{.subject = x509::make_name({}),
                                     .not_before = now,
                                     .not_after = now + days{1},
                                     .key_usage = static_cast<std::uint16_t>(x509::KeyUsage::digitalSignature),
                                     .extended_key_usage = {der::oid::serverAuth},
                                     .subject_alternative_names = std::move(names)};
    const auto key = provider_->generate_private_key(crypto::KeyKind::ecdsa_p256).value().key;
    return x509::issue_certificate(wanted, key->public_key().parts(), {*issuer.certificate, *issuer.key}, *provider_)
        .value();
  }
  x509::Verdict verdict(const std::vector<std::vector<std::uint8_t>>& chain, std::string_view host) {
    x509::TrustStore store;
    store.add(root_.certificate, x509::TrustSource::local_ca);
    return x509::verify_chain({.chain = chain, .server_name = host, .now = now}, store, *provider_);
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  Pair root_, intermediate_;
};

TEST_F(Authority, ConstrainsRootAndIntermediate) {
  for (const auto& certificate : {root_.certificate, intermediate_.certificate}) {
    ASSERT_TRUE(certificate->name_constraints);
    EXPECT_TRUE(same_constraints(*certificate->name_constraints, name_constraints()));
    EXPECT_TRUE(certificate->find_extension(der::oid::nameConstraints)->critical);
    EXPECT_TRUE(certificate->ca());
    EXPECT_EQ(std::get<crypto::EcPublicKey>(certificate->public_key).curve, crypto::NamedGroup::secp256r1);
    EXPECT_EQ(certificate->extended_key_usage, std::vector<der::Oid>{der::oid::serverAuth}) << "serverAuth alone";
  }
  EXPECT_EQ(root_.certificate->basic_constraints->path_length, 1U);
  EXPECT_EQ(intermediate_.certificate->basic_constraints->path_length, 0U);
  EXPECT_TRUE(check_root(*root_.certificate, *provider_));
  EXPECT_TRUE(fit_intermediate(*intermediate_.certificate, *root_.certificate, *provider_, now));
}

TEST_F(Authority, GivesTenYearsOneYearAndSevenDays) {
  const auto names = alternative_names(std::vector<std::string>{"localhost"}).value();
  const auto leaf = make_leaf(intermediate_, names, *provider_, now).value().pair.certificate;
  const auto life = [](const x509::Certificate& c) { return c.not_after - c.not_before + seconds{1}; };
  EXPECT_EQ(life(*root_.certificate), days{3650});
  EXPECT_EQ(life(*intermediate_.certificate), days{365});
  EXPECT_EQ(life(*leaf), days{7});
  EXPECT_EQ(leaf->not_before, now - backdating);
}

TEST_F(Authority, NeverLetsALeafOutliveItsIssuer) {
  const auto names = alternative_names(std::vector<std::string>{"localhost"}).value();
  const auto late = intermediate_.certificate->not_after - days{2};
  const auto leaf = make_leaf(intermediate_, names, *provider_, late).value().pair.certificate;
  EXPECT_EQ(leaf->not_after, intermediate_.certificate->not_after);
  const auto last = make_intermediate(root_, *provider_, root_.certificate->not_after - days{30}).value();
  EXPECT_EQ(last.pair.certificate->not_after, root_.certificate->not_after);
  EXPECT_FALSE(make_leaf(intermediate_, names, *provider_, intermediate_.certificate->not_after + days{1}));
}

TEST_F(Authority, MakesLeavesThatOurVerifierTrusts) {
  const std::vector<std::string> texts{"localhost", "shop.test", "a.b.internal", "nas.home.arpa",
                                       "127.0.0.1", "::1",       "10.1.2.3",     "fe80::1"};
  const auto names = alternative_names(texts).value();
  const auto leaf = make_leaf(intermediate_, names, *provider_, now).value().pair.certificate;
  EXPECT_EQ(leaf->subject_alternative_names.size(), texts.size());
  EXPECT_EQ(leaf->subject.text(), "O=Padlock local CA");
  for (const std::string& host : texts) {
    const auto result = verdict({leaf->der, intermediate_.certificate->der}, host);
    EXPECT_TRUE(result.trusted) << host << ": " << (result.error ? result.error->to_string() : "");
  }
  EXPECT_FALSE(verdict({leaf->der, intermediate_.certificate->der}, "other.test").trusted);
}

TEST_F(Authority, ConstrainsEvenAStolenKey) {
  const std::vector<x509::GeneralName> outside{
      name_of(GeneralNameForm::dNSName, "example.com"),
      name_of(GeneralNameForm::dNSName, "localhost.example.com"),
      name_of(GeneralNameForm::dNSName, "mylocalhost"),
      name_of(GeneralNameForm::dNSName, "*.com"),
      {GeneralNameForm::iPAddress, {8, 8, 8, 8}},
      {GeneralNameForm::iPAddress, {172, 32, 0, 1}},
      {GeneralNameForm::iPAddress, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
      name_of(GeneralNameForm::rfc822Name, "user@localhost"),
      name_of(GeneralNameForm::rfc822Name, "user@padlock.invalid"),
      name_of(GeneralNameForm::uniformResourceIdentifier, "https://localhost/"),
      name_of(GeneralNameForm::uniformResourceIdentifier, "https://padlock.invalid/"),
  };
  const auto localhost = name_of(GeneralNameForm::dNSName, "localhost");
  for (const Pair& issuer : {intermediate_, root_}) {
    std::vector<std::vector<std::uint8_t>> above;
    if (issuer.certificate != root_.certificate) above.push_back(issuer.certificate->der);
    const auto chain_of = [&](std::vector<std::uint8_t> leaf) {
      std::vector<std::vector<std::uint8_t>> chain{std::move(leaf)};
      chain.insert(chain.end(), above.begin(), above.end());
      return chain;
    };
    EXPECT_TRUE(verdict(chain_of(outside_leaf({localhost}, issuer)), "localhost").trusted) << "the witness";
    for (const auto& name : outside) {
      EXPECT_FALSE(verdict(chain_of(outside_leaf({localhost, name}, issuer)), "localhost").trusted)
          << "beside localhost: " << escaped(as_text(name.value));
    }
  }
}

TEST_F(Authority, TrustsNoRootButItsOwn) {
  const auto refused = [&](const x509::Certificate& certificate) {
    const auto result = check_root(certificate, *provider_);
    return !result && result.error().rule == &rules::not_our_root;
  };
  EXPECT_TRUE(refused(*intermediate_.certificate));
  const auto key = provider_->generate_private_key(crypto::KeyKind::ecdsa_p256).value().key;
  x509::CertificateTemplate wanted{.subject = root_.certificate->subject.der,
                                   .not_before = now,
                                   .not_after = now + days{1},
                                   .basic_constraints = x509::BasicConstraints{.ca = true, .path_length = 1},
                                   .key_usage = static_cast<std::uint16_t>(*root_.certificate->key_usage)};
  const auto made = [&] {
    return x509::parse_certificate(x509::issue_self_signed(wanted, *key, *provider_).value()).value();
  };
  EXPECT_TRUE(refused(*made())) << "unconstrained";
  wanted.name_constraints = name_constraints();
  EXPECT_FALSE(refused(*made())) << "the witness";
  wanted.name_constraints->permitted.push_back(name_of(GeneralNameForm::dNSName, "com"));
  EXPECT_TRUE(refused(*made())) << "more permitted";
  wanted.name_constraints = name_constraints();
  wanted.basic_constraints->path_length = 2;
  EXPECT_TRUE(refused(*made())) << "deeper";

  x509::Certificate forged = *root_.certificate;
  forged.signature.back() ^= 1;
  EXPECT_TRUE(refused(forged)) << "not signed by itself";
}

TEST_F(Authority, RenewsTheIntermediateWithAThirdOfItsLifeLeft) {
  const auto& certificate = *intermediate_.certificate;
  const WallTime due = renewal_time(certificate);
  EXPECT_EQ((certificate.not_after - due) / days{1}, 365 / 3);
  const auto fit = [&](const x509::Certificate& root, WallTime at) {
    return fit_intermediate(certificate, root, *provider_, at);
  };
  EXPECT_TRUE(fit(*root_.certificate, due - seconds{1}));
  EXPECT_FALSE(fit(*root_.certificate, due));
  EXPECT_FALSE(fit(*root_.certificate, certificate.not_before - seconds{1})) << "the clock was set back";
  EXPECT_FALSE(fit(*make_root(*provider_, now).value().pair.certificate, now)) << "another root";
}

}  // namespace
}  // namespace padlock::ca
