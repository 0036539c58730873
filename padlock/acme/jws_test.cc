#include "padlock/acme/jws.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "padlock/acme/rules.h"
#include "padlock/acme/server/signed_request.h"
#include "padlock/base/text.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::acme {
namespace {

using Json = nlohmann::ordered_json;
using x509::testing::make_key;
using x509::testing::provider;

std::string text_of(std::string_view base64url) {
  const auto bytes = from_base64url(base64url).value();
  return std::string(as_text(bytes));
}

TEST(AccountKey, IsEcdsaP256Alone) {
  for (const auto kind : {crypto::KeyKind::ecdsa_p384, crypto::KeyKind::ed25519, crypto::KeyKind::rsa_2048}) {
    const auto made = AccountKey::make(make_key(kind));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().rule, &rules::unsupported_account_key);
  }
}

TEST(AccountKey, HasAJwkWithMembersInTheOrderOfRfc7638) {
  const auto key = AccountKey::make(make_key()).value();
  EXPECT_TRUE(key.jwk().starts_with(R"({"crv":"P-256","kty":"EC","x":")")) << key.jwk();
  EXPECT_EQ(key.thumbprint().size(), 43U);
  const Json jwk = Json::parse(key.jwk());
  EXPECT_EQ(jwk.at("x").get<std::string>().size(), 43U) << "leading zeros are kept";
}

TEST(Jws, IsFlattenedAndSignedWithEs256) {
  const auto key = AccountKey::make(make_key()).value();
  for (int round = 0; round < 64; ++round) {  // some have short numbers
    const std::string text = sign_jws({"https://ca.test/order", "nonce", "https://ca.test/1"}, "{}", key).value();
    const Json jws = Json::parse(text);
    EXPECT_EQ(text_of(jws.at("protected").get<std::string>()),
              R"({"alg":"ES256","kid":"https://ca.test/1","nonce":"nonce","url":"https://ca.test/order"})");
    EXPECT_EQ(text_of(jws.at("payload").get<std::string>()), "{}");
    const auto raw = from_base64url(jws.at("signature").get<std::string>()).value();
    ASSERT_EQ(raw.size(), 64U);
    const auto read = parse_signed_request(as_bytes(text)).value();
    EXPECT_TRUE(verify_signed_request(read, parse_jwk(key.jwk()).value(), provider()));
  }
}

TEST(Jws, HoldsTheKeyItselfWhereThereIsNoAccount) {
  const auto key = AccountKey::make(make_key()).value();
  const Json jws = Json::parse(sign_jws({"https://ca.test/account", "n"}, "", key).value());
  const Json header = Json::parse(text_of(jws.at("protected").get<std::string>()));
  EXPECT_EQ(header.at("jwk").dump(), key.jwk());
  EXPECT_FALSE(header.contains("kid"));
  EXPECT_EQ(jws.at("payload"), "");
}

TEST(ExternalAccountBinding, IsTheJwkUnderHs256) {
  // RFC 7515, appendix A.1: this key's MAC over that header and payload is printed there.
  const auto external =
      make_external_account("kid-1",
                            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
          .value();
  const auto key = AccountKey::make(make_key()).value();
  const Json jws = Json::parse(bind_external_account(external, key, "https://ca.test/account"));
  EXPECT_EQ(text_of(jws.at("protected").get<std::string>()),
            R"({"alg":"HS256","kid":"kid-1","url":"https://ca.test/account"})");
  EXPECT_EQ(text_of(jws.at("payload").get<std::string>()), key.jwk());
  const std::string input = jws.at("protected").get<std::string>() + "." + jws.at("payload").get<std::string>();
  const crypto::Hmac hmac(crypto::HashAlgorithm::sha256, external.mac_key.reveal());
  EXPECT_EQ(jws.at("signature"), to_base64url(hmac.mac(as_bytes(input))));
}

TEST(ExternalAccountBinding, RefusesAMacKeyThatIsNone) {
  for (const auto* const text : {"", "c2hvcnQ", "not base64url at all!", "AyM1SysPpbyDfgZld3umj1+zKObwVMkoqQ"}) {
    const auto made = make_external_account("kid", text);
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().rule, &rules::malformed_binding_key);
  }
}

}  // namespace
}  // namespace padlock::acme
