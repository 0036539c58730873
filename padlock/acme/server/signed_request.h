#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/acme/server/jwk.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"

// What an ACME server reads (RFC 7515, section 7.2.2; RFC 8555, section 6.2): the other side of jws.h.

namespace padlock::acme {

/// A JWS whose signature nobody has looked at yet.
struct SignedRequest {
  std::string alg;
  std::string url;
  std::optional<std::string> nonce;
  std::optional<std::string> kid;
  std::optional<Jwk> jwk;
  std::string payload;        ///< decoded
  std::string signing_input;  ///< what was signed (RFC 7515, section 5.2)
  std::vector<std::uint8_t> signature;
};

/// Reads a JWS in flattened JSON: all of its header protected, no field twice, no extension that must be understood.
/// Errors: `server_rules::malformed_request`, `bad_public_key`.
Result<SignedRequest> parse_signed_request(Bytes body);

/// The algorithms that are taken, as JOSE names them: for the problem document (RFC 8555, section 6.2).
std::vector<std::string_view> signature_algorithms();

/// That this key signed it, with the one algorithm that such a key has here. MACs and `none` are no signatures.
/// Errors: `server_rules::bad_signature_algorithm`, `bad_public_key`, `bad_signature`.
Result<void> verify_signed_request(const SignedRequest& request, const Jwk& key, crypto::Provider& provider);

/// That somebody who has this MAC key made it, with HS256 (RFC 8555, section 7.3.4). In constant time.
bool verify_mac(const SignedRequest& request, Bytes mac_key);

}  // namespace padlock::acme
