#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/revocation_status.h"

// Certificate revocation lists (RFC 5280, sections 5 and 6.3): complete ones of a certificate's own issuer, whole or in
// parts by distribution point. Deltas and indirect lists are recognised, and say nothing.

namespace padlock::x509 {

/// What a partition's list is about (RFC 5280, section 5.2.5).
struct IssuingDistributionPoint {
  bool named = false;             ///< distributionPoint is there
  std::vector<std::string> urls;  ///< of its fullName
  bool only_contains_user_certs = false;
  bool only_contains_ca_certs = false;
  bool only_contains_attribute_certs = false;
  bool only_some_reasons = false;
  bool indirect_crl = false;
};

/// One entry of a list.
struct RevokedCertificate {
  WallTime revocation_date;
  std::optional<CRLReason> reason;
};

/// A revocation list, parsed strictly and immutable. Owns its DER; beside it an entry costs 16 bytes.
class CertificateList {
 public:
  std::vector<std::uint8_t> der;
  Bytes tbs() const { return Bytes(der).subspan(tbs_offset, tbs_length); }  ///< what the issuer signed
  std::size_t tbs_offset = 0;
  std::size_t tbs_length = 0;

  int version = 1;
  der::Oid signature_algorithm;
  std::optional<crypto::SignatureScheme> signature_scheme;  ///< nothing: an algorithm that we do not verify
  std::vector<std::uint8_t> signature;
  Name issuer;
  WallTime this_update;
  std::optional<WallTime> next_update;

  std::vector<std::uint8_t> crl_number;                ///< big-endian; empty: absent
  std::vector<std::uint8_t> authority_key_identifier;  ///< keyIdentifier
  std::optional<IssuingDistributionPoint> issuing_distribution_point;
  bool delta = false;                      ///< deltaCRLIndicator
  bool names_other_issuers = false;        ///< an entry has a certificateIssuer
  std::string unknown_critical_extension;  ///< of the list or an entry, the first one; empty: none

  /// The entry of a serial number (big-endian without leading zeros, as `Certificate` has it); nothing: not listed.
  std::optional<RevokedCertificate> find(Bytes serial) const;
  std::size_t size() const { return entries_.size(); }

 private:
  friend class CertificateListParser;
  /// Where an entry lies in the DER, by the first octets of its serial number: comparing these alone finds nearly all.
  struct Place {
    std::uint64_t prefix;
    std::uint32_t entry;
    std::uint16_t serial;  ///< behind `entry`
    std::uint16_t serial_length;
  };
  Bytes serial_of(const Place& place) const;
  bool less(const Place& place, std::uint64_t prefix, Bytes serial) const;

  std::vector<Place> entries_;  // by serial number
};

/// Reads a list of at most `max_crl_bytes`, in time that grows with n log n of its entries. Errors: `crl_too_large`,
/// `malformed_crl`, `crl_algorithm_mismatch`, those of DER, names and extensions.
Result<std::shared_ptr<const CertificateList>> parse_certificate_list(Bytes der);

/// The same from a file or a download: DER, or PEM with one "X509 CRL" block (RFC 7468, section 6).
Result<std::shared_ptr<const CertificateList>> read_certificate_list(Bytes pem_or_der);

/// Checks that `issuer`, who may sign lists, signed this one. Errors: `may_not_sign_crls`, `crl_weak_signature`,
/// `crl_bad_signature`. The one costly step: of 10 MiB the hash.
Result<void> verify_certificate_list(const CertificateList& list, const Certificate& issuer,
                                     crypto::Provider& provider);

/// Says whether the list is for this certificate and current, its signature aside (RFC 5280, section 6.3.3 (a) to (e)).
Result<void> check_scope(const CertificateList& list, const Certificate& certificate, const Certificate& issuer,
                         WallTime now);

/// What a list whose scope and signature are good says of the certificate (RFC 5280, section 6.3.3 (i) and (j)).
RevocationStatus look_up(const CertificateList& list, const Certificate& certificate);

/// All three. `issuer`: the certificate above in a path that was verified. Unknown, with the reason, unless all is
/// well; certificateHold counts as revoked.
RevocationStatus check_crl(const Certificate& certificate, const Certificate& issuer, const CertificateList& list,
                           WallTime now, crypto::Provider& provider);

}  // namespace padlock::x509
