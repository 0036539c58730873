#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/der/oid.h"
#include "padlock/x509/certificate.h"

// Making certificates (RFC 5280, section 4): a calculation from a template, a public key and the issuer's key to DER.

namespace padlock::x509 {

/// One attribute of a Name, in a RelativeDistinguishedName of its own, as a UTF8String (RFC 5280, section 4.1.2.4).
struct NameAttribute {
  der::Oid type;
  std::string_view text;
};
/// The DER of a Name, most significant attribute first; no attributes: the empty Name.
std::vector<std::uint8_t> make_name(std::span<const NameAttribute> attributes);

/// What a new certificate shall say; the rest follows from it, its key and its issuer.
struct CertificateTemplate {
  std::vector<std::uint8_t> subject{};  ///< DER of a Name; the empty Name needs alternative names, which turn critical
  WallTime not_before{};
  WallTime not_after{};                                 ///< the last second of its life
  std::optional<BasicConstraints> basic_constraints{};  ///< written for CAs alone
  std::uint16_t key_usage = 0;                          ///< bits of KeyUsage; 0: no extension
  std::vector<der::Oid> extended_key_usage{};
  std::vector<GeneralName> subject_alternative_names{};
  std::optional<NameConstraints> name_constraints{};  ///< always critical (RFC 5280, section 4.2.1.10)
  std::string crl_url{};         ///< the distribution point of its revocation list; http, as the next two; empty: none
  std::string ocsp_url{};        ///< its OCSP responder
  std::string ca_issuers_url{};  ///< its issuer's certificate
  bool must_staple = false;      ///< a server with it must staple OCSP responses (RFC 7633)
  /// SHA-256 of a key authorization: the certificate answers tls-alpn-01 and nobody else accepts it, as the extension
  /// is critical (RFC 8737, section 3); empty: none.
  std::vector<std::uint8_t> acme_identifier{};
  bool ocsp_no_check = false;  ///< nobody asks whether this OCSP responder was revoked (RFC 6960, 4.2.2.2.1)
};

/// Who signs: a CA's certificate and the key that belongs to it.
struct Issuer {
  const Certificate& certificate;
  const crypto::PrivateKey& key;
};

/// A certificate for `subject_key`, signed by `issuer`: DER. Serial: 128 random bits (docs/threats.md, A13).
/// Errors: `rules::issuer_is_no_ca`, `rules::issuer_key_mismatch`, `rules::path_length_exceeded`,
/// `rules::outlives_issuer`, `rules::bad_template`, `rules::unsupported_issuer_key`; those of the key and of
/// randomness. Whether the issuer's name constraints allow the names is asked of `verify_chain`, not here.
Result<std::vector<std::uint8_t>> issue_certificate(const CertificateTemplate& wanted,
                                                    const crypto::PublicKeyParts& subject_key, const Issuer& issuer,
                                                    crypto::Provider& provider);

/// The same for a root: issuer and subject are one.
Result<std::vector<std::uint8_t>> issue_self_signed(const CertificateTemplate& wanted, const crypto::PrivateKey& key,
                                                    crypto::Provider& provider);

}  // namespace padlock::x509
