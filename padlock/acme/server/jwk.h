#pragma once

#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"

namespace padlock::acme {

/// A client's public key in JSON (RFC 7517; RFC 7518, section 6; RFC 8037, section 2), of a kind that signs requests.
struct Jwk {
  crypto::PublicKeyParts key;
  std::string text;  ///< the members that RFC 7638 wants, in its order and without spaces
  /// SHA-256 over the text, in base64url (RFC 7638, section 3).
  std::string thumbprint() const;
};

/// Reads one. Its numbers are checked when it is used (`Provider::make_public_key`).
/// Error: `server_rules::bad_public_key`: of another kind, malformed, or with its private half.
Result<Jwk> parse_jwk(std::string_view text);

}  // namespace padlock::acme
