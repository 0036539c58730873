#pragma once

#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/certs/file_store.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/connection.h"
#include "padlock/x509/certificate.h"

namespace padlock::certs {

/// A certificate as it is stored: what is served, and what its renewal needs to know.
struct CertificateEntry {
  std::string chain_pem;  ///< leaf first
  SecretBytes key_pem;    ///< PKCS #8
  std::string issuer;     ///< the CA's directory URL; "local"
  std::string profile{};  ///< that it was asked for with; empty: the CA's default
  std::string ari_id{};   ///< what the CA knows it by for renewal (RFC 9773, section 4.1); empty: nothing
  WallTime obtained{};
  std::vector<std::string> names{};  ///< as they were asked for
};

/// The bytes of a stored entry, and back. Error: `rules::damaged_entry`, also for a key that is not the leaf's.
SecretBytes write_entry(const CertificateEntry& entry);
Result<CertificateEntry> parse_entry(Bytes value, crypto::Provider& provider);

/// What a server shows. Errors: those of tls/credential.h.
Result<tls::Credential> credential_of(const CertificateEntry& entry, crypto::Provider& provider);
/// Its leaf. Errors: the same.
Result<std::shared_ptr<const x509::Certificate>> leaf_of(const CertificateEntry& entry);

/// The entry of a key; nothing: there is none, or it was damaged and set aside. Errors: those of StoreFolder.
Result<std::optional<CertificateEntry>> find_certificate(StoreFolder& store, const StoreKey& key,
                                                         crypto::Provider& provider);

}  // namespace padlock::certs
