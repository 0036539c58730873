#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "padlock/x509/crl.h"
#include "padlock/x509/ocsp.h"
#include "padlock/x509/revocation_status.h"

namespace padlock::x509 {

/// Remembers which list an issuer signed: a list of 10 MiB is hashed once for all certificates of a verification.
class ListSignatures {
 public:
  /// As `verify_certificate_list`; a second call with the same list and issuer gives the first one's answer.
  Result<void> verify(const std::shared_ptr<const CertificateList>& list, const Certificate& issuer,
                      crypto::Provider& provider);
  /// How many answers had to be found.
  std::size_t size() const { return known_.size(); }

 private:
  using Key = std::pair<std::shared_ptr<const CertificateList>, std::vector<std::uint8_t>>;  // the issuer's DER
  std::map<Key, Result<void>> known_;
};

/// Why an answer that was asked for did not come.
struct RevocationFailure {
  std::vector<std::uint8_t> certificate;  ///< whose: DER
  Error error;
};

/// What the filters of a CRLite cache say of a certificate (x509/crlite).
struct FilterStatus {
  std::vector<std::uint8_t> certificate;  ///< whose: DER
  RevocationStatus status;
};

/// What is at hand when a chain is verified. Belongs to one verification; not shared between threads.
struct RevocationEvidence {
  std::vector<std::uint8_t> staple{};  ///< the OCSP response that the server sent for its leaf, unread; empty: none
  std::vector<std::shared_ptr<const CertificateList>> lists{};  ///< of any issuers
  std::vector<OcspResponse> responses{};                        ///< fetched, for any certificates
  std::vector<FilterStatus> filters{};
  std::vector<RevocationFailure> failures{};  ///< told where nothing else tells
  ListSignatures signatures{};
};

/// What the evidence says of `certificate`, whose issuer in a verified path is `issuer`: revoked if anything that
/// counts says so; else the first good answer of filters, staple (for the leaf), OCSP responses, lists; else why none
/// counts. A leaf that demands a staple (RFC 7633) and comes without a good one is unknown by `must_staple_missing`,
/// whatever the others say: ask so only where the client asked for a staple.
RevocationStatus check_revocation(const Certificate& certificate, const Certificate& issuer,
                                  RevocationEvidence& evidence, bool is_leaf, WallTime now, crypto::Provider& provider);

}  // namespace padlock::x509
