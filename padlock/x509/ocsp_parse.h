#pragma once

#include "padlock/der/reader.h"
#include "padlock/x509/ocsp.h"

/// What OCSP's requests and responses have in common.
namespace padlock::x509 {

/// CertID (RFC 6960, section 4.1.1).
Result<CertId> parse_cert_id(der::Reader& in);

/// Nonce ::= OCTET STRING (SIZE (1..128))  (RFC 9654, section 2.1), from its extension's value. Another length breaks
/// `malformed`.
Result<Bytes> parse_nonce(der::Reader value, const Rule& malformed);

}  // namespace padlock::x509
