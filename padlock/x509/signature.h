#pragma once

#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"

namespace padlock::x509 {

/// True if `key` made `signature` over `message`, by a scheme as `signature_scheme_of` gives it: certificates,
/// revocation lists, OCSP responses and requests share this (RFC 5280, section 4.1.1.3). ECDSA goes by its hash alone,
/// the curve is the key's (RFC 5758, section 3.2); PSS fits keys of both kinds (RFC 8446, section 4.2.3).
[[nodiscard]] bool verify_signature(crypto::SignatureScheme scheme, Bytes message, Bytes signature,
                                    const crypto::PublicKey& key);

}  // namespace padlock::x509
