#pragma once

#include <cstdint>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"
#include "padlock/der/writer.h"

namespace padlock::x509 {

/// SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) with the parameters of RFC 3279, RFC 5480 and RFC 8410.
void write_subject_public_key_info(der::Writer& out, const crypto::PublicKeyParts& key);

/// True if both are the same public key: does this private key belong to that certificate?
bool same_public_key(const crypto::PublicKeyParts& a, const crypto::PublicKeyParts& b);

/// The content of subjectPublicKey, the BIT STRING, without its number of unused bits.
std::vector<std::uint8_t> subject_public_key_of(const crypto::PublicKeyParts& key);

/// A key identifier: the first 160 bits of SHA-256 over the subjectPublicKey (RFC 7093, section 2, method 1).
std::vector<std::uint8_t> key_identifier_of(const crypto::PublicKeyParts& key);

}  // namespace padlock::x509
