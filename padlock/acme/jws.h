#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/crypto/provider.h"

// What an ACME client signs (RFC 7515; RFC 8555, section 6.2): flattened JSON with ES256.

namespace padlock::acme {

/// The key of an account: ECDSA P-256 and nothing else, so that every signature is ES256.
class AccountKey {
 public:
  /// Error: `rules::unsupported_account_key`.
  static Result<AccountKey> make(std::shared_ptr<const crypto::PrivateKey> key);
  const crypto::PrivateKey& key() const { return *key_; }
  /// The public key as a JWK (RFC 7518, section 6.2.1), its members in the order that RFC 7638 wants.
  const std::string& jwk() const { return jwk_; }
  /// SHA-256 over the JWK, in base64url (RFC 7638, section 3).
  std::string thumbprint() const;

 private:
  AccountKey(std::shared_ptr<const crypto::PrivateKey> key, std::string jwk)
      : key_(std::move(key)), jwk_(std::move(jwk)) {}
  std::shared_ptr<const crypto::PrivateKey> key_;
  std::string jwk_;
};

/// The protected header of a request.
struct JwsHeader {
  std::string_view url;
  std::string_view nonce{};  ///< empty: none, as in a JWS that stands inside another
  std::string_view kid{};    ///< the account's URL; empty: the key itself, as JWK
};

/// A JWS in flattened JSON (RFC 7515, section 7.2.2). Errors: those of the key.
Result<std::string> sign_jws(const JwsHeader& header, std::string_view payload, const AccountKey& key);

/// What binds a new account to one that the user has with the CA otherwise (RFC 8555, section 7.3.4).
struct ExternalAccount {
  std::string key_identifier;
  SecretBytes mac_key;
};
/// Reads the MAC key as CAs show it: base64url. Error: `rules::malformed_binding_key`.
Result<ExternalAccount> make_external_account(std::string key_identifier, std::string_view mac_key);

/// The value of externalAccountBinding: the account's JWK under HS256. `url`: of newAccount.
std::string bind_external_account(const ExternalAccount& external, const AccountKey& key, std::string_view url);

}  // namespace padlock::acme
