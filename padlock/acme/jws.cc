#include "padlock/acme/jws.h"

#include <array>
#include <utility>
#include <variant>

#include "padlock/acme/json_document.h"
#include "padlock/acme/rules.h"
#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/der/reader.h"

namespace padlock::acme {
namespace {

constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t least_mac_key_bytes = 16;

std::string base64url(std::string_view text) { return to_base64url(as_bytes(text)); }

/// A coordinate of a P-256 point, which is uncompressed: 04 X Y.
std::string coordinate(const crypto::EcPublicKey& key, std::size_t number) {
  return to_base64url(Bytes(key.point).subspan(1 + number * coordinate_bytes, coordinate_bytes));
}

/// R || S, 32 octets each (RFC 7518, section 3.4), of the DER that ECDSA has elsewhere.
Result<std::array<std::uint8_t, 2 * coordinate_bytes>> raw_signature(Bytes der) {
  std::array<std::uint8_t, 2 * coordinate_bytes> raw{};
  der::Reader message(der, "ECDSA-Sig-Value");
  der::Reader in = PADLOCK_TRY(message.sequence("signature"));
  for (const auto half : {std::span(raw).first(coordinate_bytes), std::span(raw).last(coordinate_bytes)}) {
    const Bytes number = PADLOCK_TRY(in.unsigned_integer("r or s"));
    copy_bytes(number, half.last(number.size()));
  }
  return raw;
}

Json flattened(std::string_view header, std::string_view payload, Bytes signature) {
  return {{"protected", header}, {"payload", payload}, {"signature", to_base64url(signature)}};
}

}  // namespace

// ---- the account's key ----------------------------------------------------------------------------------------------

Result<AccountKey> AccountKey::make(std::shared_ptr<const crypto::PrivateKey> key) {
  const auto* const ec = std::get_if<crypto::EcPublicKey>(&key->public_key().parts());
  if (ec == nullptr || ec->curve != crypto::NamedGroup::secp256r1)
    return broken(rules::unsupported_account_key, "the account's key is not ECDSA P-256");
  std::string jwk = write_json({{"crv", "P-256"}, {"kty", "EC"}, {"x", coordinate(*ec, 0)}, {"y", coordinate(*ec, 1)}});
  return AccountKey(std::move(key), std::move(jwk));
}

std::string AccountKey::thumbprint() const {
  return to_base64url(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(jwk_)));
}

// ---- signatures -----------------------------------------------------------------------------------------------------

Result<std::string> sign_jws(const JwsHeader& header, std::string_view payload, const AccountKey& key) {
  Json fields{{"alg", "ES256"}};
  if (header.kid.empty()) {
    fields["jwk"] = Json::parse(key.jwk());
  } else {
    fields["kid"] = header.kid;
  }
  if (!header.nonce.empty()) fields["nonce"] = header.nonce;
  fields["url"] = header.url;
  const std::string head = base64url(write_json(fields)), content = base64url(payload);
  const auto der =
      PADLOCK_TRY(key.key().sign(crypto::SignatureScheme::ecdsa_secp256r1_sha256, as_bytes(head + "." + content)));
  return write_json(flattened(head, content, PADLOCK_TRY(raw_signature(der))));
}

// ---- external accounts ----------------------------------------------------------------------------------------------

Result<ExternalAccount> make_external_account(std::string key_identifier, std::string_view mac_key) {
  while (mac_key.ends_with('=')) mac_key.remove_suffix(1);  // some CAs show the padding
  auto bytes = from_base64url(mac_key);
  if (!bytes) return broken(rules::malformed_binding_key, "the MAC key of the external account is not base64url");
  SecretBytes secret(*std::move(bytes));
  if (secret.reveal().size() < least_mac_key_bytes)
    return broken(rules::malformed_binding_key, "the MAC key of the external account is shorter than 16 bytes");
  return ExternalAccount{std::move(key_identifier), std::move(secret)};
}

std::string bind_external_account(const ExternalAccount& external, const AccountKey& key, std::string_view url) {
  const Json fields{{"alg", "HS256"}, {"kid", external.key_identifier}, {"url", url}};
  const std::string head = base64url(write_json(fields)), content = base64url(key.jwk());
  const crypto::Hmac hmac(crypto::HashAlgorithm::sha256, external.mac_key.reveal());
  return write_json(flattened(head, content, hmac.mac(as_bytes(head + "." + content))));
}

}  // namespace padlock::acme
