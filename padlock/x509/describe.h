#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certificate.h"

// What a certificate says, for people. Everything that it brings is escaped: safe to print.

namespace padlock::x509 {

/// "ECDSA P-256", "RSA 2048 bits", "Ed25519".
std::string describe_key(const crypto::PublicKeyParts& key);
/// "A1:B2:...": serial numbers, key identifiers, fingerprints.
std::string colon_hex(Bytes bytes);
/// SHA-256 of the whole certificate, as browsers and `openssl x509 -fingerprint` show it.
std::string fingerprint(const Certificate& certificate);
/// The bits of keyUsage by their names, in their order.
std::vector<std::string_view> key_usage_names(const Certificate& certificate);

/// The names of subjectAltName, for people; at most 20 of them.
std::string names_text(const Certificate& certificate);

/// One line about a certificate: what it is about, and what the certificate says.
struct CertificateFact {
  std::string_view name;
  std::string text;
};
/// All that a certificate says, most wanted first. Lists are cut after 20 entries, with the number of the others.
std::vector<CertificateFact> describe(const Certificate& certificate, WallTime now);

}  // namespace padlock::x509
