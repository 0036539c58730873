#include "padlock/ca/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "padlock/ca/names.h"
#include "padlock/ca/rules.h"
#include "padlock/der/writer.h"
#include "padlock/x509/request_rules.h"

namespace padlock::ca {
namespace {

using ::testing::ElementsAre;
using x509::CertificationRequest;
using x509::GeneralNameForm;

class Requests : public testing::Test {
 protected:
  /// A request that proved its key, as it would be had it asked for more.
  Result<std::vector<std::string>> asked(const std::function<void(CertificationRequest&)>& change) {
    const auto key = provider_->generate_private_key(crypto::KeyKind::ecdsa_p256).value().key;
    const auto names = alternative_names(std::vector<std::string>{"shop.test", "127.0.0.1", "*.shop.test"}).value();
    const auto der = x509::make_certification_request(names, *key).value();
    CertificationRequest request = *x509::parse_certification_request(der).value();
    change(request);
    return names_of_request(request, *provider_);
  }
  const Rule* refusal(const std::function<void(CertificationRequest&)>& change) {
    const auto names = asked(change);
    return names ? nullptr : names.error().rule;
  }
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
};

TEST_F(Requests, AreGrantedNamesAlone) {
  const auto names = asked([](CertificationRequest& request) {
    request.extended_key_usage = {der::oid::codeSigning};
    request.key_usage = static_cast<std::uint16_t>(x509::KeyUsage::dataEncipherment);
    request.basic_constraints = x509::BasicConstraints{};
  });
  ASSERT_TRUE(names) << names.error().to_string();
  EXPECT_THAT(*names, ElementsAre("*.shop.test", "shop.test", "127.0.0.1"));
}

TEST_F(Requests, ForACaAreRefused) {
  EXPECT_EQ(
      refusal([](auto& request) { request.basic_constraints = x509::BasicConstraints{.ca = true, .path_length = {}}; }),
      &rules::request_for_a_ca);
  for (const auto usage : {x509::KeyUsage::keyCertSign, x509::KeyUsage::cRLSign}) {
    EXPECT_EQ(refusal([&](auto& request) { request.key_usage = static_cast<std::uint16_t>(usage); }),
              &rules::request_for_a_ca);
  }
}

TEST_F(Requests, ForWhatNoServerIsKnownByAreRefused) {
  EXPECT_EQ(refusal([](auto& request) { request.subject_alternative_names.clear(); }), &rules::request_for_other_names);
  for (const auto form :
       {GeneralNameForm::rfc822Name, GeneralNameForm::uniformResourceIdentifier, GeneralNameForm::directoryName}) {
    EXPECT_EQ(refusal([&](auto& request) { request.subject_alternative_names.back().form = form; }),
              &rules::request_for_other_names);
  }
}

TEST_F(Requests, ForWhatNobodyHereUnderstandsAreRefused) {
  EXPECT_EQ(refusal([](auto& request) { request.unknown_critical_extensions = {"1.2.3"}; }),
            &rules::request_critical_extension);
}

TEST_F(Requests, ThatTheirKeyDidNotSignAreRefused) {
  EXPECT_EQ(refusal([](auto& request) { request.signature.back() ^= 1; }), &x509::rules::request_bad_signature);
}

}  // namespace
}  // namespace padlock::ca
