#include "padlock/client/assessment.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/client/testing/fetching.h"
#include "padlock/client/testing/scripted_server.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"

namespace padlock::client {
namespace {

using testing::Fetching;
using ::testing::HasSubstr;
using testing::says;
using testing::Scripted;
using ::testing::StartsWith;

class Probing : public Fetching {
 protected:
  /// What is found at a server with this credential and configuration.
  std::vector<Finding> found(std::shared_ptr<const tls::Credential> credential, std::string_view host = "localhost",
                             tls::ServerConfig config = {}) {
    Scripted server({says("")}, std::move(credential), std::move(config));
    outcome_ = probe(server.at("https", host), options_);
    return assess(outcome_, net::now().wall);
  }
  static Finding about(const std::vector<Finding>& findings, std::string_view topic) {
    const auto found = std::ranges::find(findings, topic, &Finding::topic);
    return found == findings.end() ? Finding{topic, Grade::good, "absent"} : *found;
  }
  ProbeOutcome outcome_;
};

TEST_F(Probing, FindsNothingWrongAtAGoodServer) {
  const auto findings = found(credential());
  EXPECT_FALSE(outcome_.error);
  for (const Finding& finding : findings) EXPECT_EQ(finding.grade, Grade::good) << finding.topic << finding.text;
  EXPECT_THAT(about(findings, "chain").text, HasSubstr("(the local CA)"));
  EXPECT_EQ(about(findings, "names").text, "localhost");
  EXPECT_THAT(about(findings, "validity").text, HasSubstr("days left"));
  EXPECT_EQ(about(findings, "key").text, "ECDSA P-256");
  EXPECT_EQ(about(findings, "signatures").text, "ecdsaWithSHA256, ecdsaWithSHA256");
  EXPECT_EQ(about(findings, "protocol").text, "TLS 1.3");
  EXPECT_EQ(about(findings, "suite").text, "TLS_AES_128_GCM_SHA256");
  EXPECT_THAT(about(findings, "key exchange").text, StartsWith("X25519MLKEM768"));
}

TEST_F(Probing, NamesTheCertificateThatIsForAnotherHost) {
  const auto findings = found(credential({"other.localhost"}));
  EXPECT_EQ(about(findings, "chain").grade, Grade::good);
  EXPECT_EQ(about(findings, "names").grade, Grade::bad);
  EXPECT_THAT(about(findings, "names").text, HasSubstr("for other.localhost, not for localhost"));
  EXPECT_EQ(about(findings, "validity").grade, Grade::good);
  EXPECT_EQ(about(findings, "handshake").text, "absent") << "the chain's own lines tell it";
}

TEST_F(Probing, NamesTheChainThatNobodyVouchesFor) {
  const auto credential_of_another_ca = credential();
  options_.trust.state_directory = folder_ / "without a CA";
  const auto findings = found(credential_of_another_ca);
  EXPECT_EQ(about(findings, "chain").grade, Grade::bad);
  EXPECT_EQ(about(findings, "key").grade, Grade::good);
}

TEST_F(Probing, WarnsOfTheOlderVersion) {
  options_.max_version = tls::ProtocolVersion::TLS_1_2;
  tls::ServerConfig config;
  config.policy = tls::Policy::intermediate;
  const auto findings = found(credential(), "localhost", std::move(config));
  EXPECT_EQ(about(findings, "protocol").grade, Grade::warning);
}

TEST_F(Probing, NamesTheHandshakeThatFailed) {
  options_.policy = tls::Policy::modern;
  options_.groups = {tls::NamedGroup::x25519};
  tls::ServerConfig config;
  config.groups = {tls::NamedGroup::secp256r1};
  const auto findings = found(credential(), "localhost", std::move(config));
  EXPECT_EQ(about(findings, "handshake").grade, Grade::bad);
}

TEST_F(Probing, SaysWhenThereIsNoServer) {
  std::string nobody;
  {
    const Scripted server({});
    nobody = server.at("https");
  }
  const auto outcome = probe(nobody, options_);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->rule, &net::rules::connection_refused);
  EXPECT_FALSE(outcome.connected());
  EXPECT_TRUE(assess(outcome, net::now().wall).empty());
}

}  // namespace
}  // namespace padlock::client
