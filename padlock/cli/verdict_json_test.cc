#include "padlock/cli/verdict_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::cli {
namespace {

using namespace x509::testing;

TEST(VerdictJson, HoldsEveryPathWithItsFaults) {
  Chain chain;
  chain.leaf.validity = validity(test_now - std::chrono::days(90), test_now - std::chrono::days(3));
  const Json json = to_json(verify(chain, "other.test"));
  EXPECT_EQ(json["trusted"], false);
  EXPECT_EQ(json["error"]["code"], "x509.validity.expired");
  EXPECT_EQ(json["error"]["rule"], "RFC 5280, section 6.1.3 (a)(2)");
  EXPECT_EQ(json["error"]["depth"], 0);
  ASSERT_EQ(json["paths"].size(), 1U);
  const Json& path = json["paths"][0];
  EXPECT_EQ(path["anchor"], "a given file");
  EXPECT_EQ(path["certificates"].size(), 3U);
  EXPECT_EQ(path["certificates"][2]["subject"], "CN=Root");
  ASSERT_EQ(path["faults"].size(), 2U);
  EXPECT_EQ(path["faults"][1]["code"], "x509.name.mismatch");
  EXPECT_FALSE(path["faults"][1]["next"].get<std::string>().empty());
}

TEST(VerdictJson, OfAGoodChainHasNoError) {
  const Json json = to_json(verify(Chain{}));
  EXPECT_EQ(json["trusted"], true);
  EXPECT_FALSE(json.contains("error"));
  EXPECT_TRUE(json["paths"][0]["faults"].empty());
}

TEST(CertificateJson, HoldsWhatTheCertificateSays) {
  Draft ca = ca_draft("CA", 1, "Root", 0);
  set_extension(ca, basic_constraints(true, 0));
  set_extension(ca, name_constraints({dns("example.test")}, {}));
  const Json json = to_json(*x509::parse_certificate(sign(ca, key(0))).value());
  EXPECT_EQ(json["subject"], "CN=CA");
  EXPECT_EQ(json["key"], "ECDSA P-256");
  EXPECT_EQ(json["ca"], true);
  EXPECT_EQ(json["path_length"], 0);
  EXPECT_EQ(json["key_usage"], (Json{"keyCertSign", "cRLSign"}));
  EXPECT_EQ(json["name_constraints"]["permitted"], (Json{"example.test"}));
  EXPECT_EQ(json["extensions"][0]["name"], "keyUsage");
  EXPECT_EQ(json["extensions"][0]["critical"], true);
  EXPECT_EQ(json["not_before"], "2026-02-02 09:00:00 UTC");
}

}  // namespace
}  // namespace padlock::cli
