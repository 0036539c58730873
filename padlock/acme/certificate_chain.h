#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/acme/identifier.h"
#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certificate.h"

namespace padlock::acme {

/// What an ACME server gives for a finished order (RFC 8555, section 9.1): leaf first. Not empty.
struct CertificateChain {
  std::vector<std::shared_ptr<const x509::Certificate>> certificates;
  const x509::Certificate& leaf() const { return *certificates.front(); }
  /// As TLS sends it.
  std::vector<std::vector<std::uint8_t>> der() const;
  /// Each in a PEM block of its own.
  std::string pem() const;
};

/// Reads a chain: PEM blocks of certificates and nothing else. Errors: `rules::chain_malformed`, `too_many_values`,
/// those of certificates.
Result<CertificateChain> read_certificate_chain(std::string_view pem);

/// Whether a new chain is what was asked for: signed one by the next, for this key, for exactly these names, valid now
/// (docs/threats.md, A12). Whether clients trust its root is theirs to say. Errors: `rules::chain_broken`,
/// `certificate_for_another_key`, `certificate_for_other_names`, `certificate_not_valid_now`.
Result<void> check_certificate_chain(const CertificateChain& chain, std::span<const Identifier> identifiers,
                                     const crypto::PublicKeyParts& key, WallTime now, crypto::Provider& provider);

/// True if the chain ends below a CA whose common name holds this text: how people choose between roots.
bool leads_to(const CertificateChain& chain, std::string_view root_name);

/// What renewal information is asked by (RFC 9773, section 4.1): authorityKeyIdentifier and serial number in base64url
/// with a dot between. Error: `rules::no_certificate_identifier`.
Result<std::string> renewal_identifier(const x509::Certificate& certificate);

}  // namespace padlock::acme
