#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/ca/authority.h"
#include "padlock/ca/issue_log.h"
#include "padlock/ca/revocations.h"

namespace padlock::ca {

/// Below a CA's URL: where its answers are.
inline constexpr std::string_view answers_path = "/.well-known/padlock-ca/";

/// Where a certificate of `issuer` says that its revocation is told. `url`: that of the CA; empty: nowhere.
StatusUrls status_urls(std::string_view url, const x509::Certificate& issuer);

/// A document as it is sent.
struct Document {
  std::string media_type;
  std::vector<std::uint8_t> bytes;
};

/// All that the local CA says of its certificates, signed beforehand: no key is used while somebody waits, and who asks
/// for something else costs a look into a map. Immutable.
class StatusAnswers {
 public:
  /// One that issued certificates, with its key. The first is the root, the second the intermediate of today; then come
  /// those before it whose leaves may still be alive.
  ///
  /// Lists and responses begin an hour before `now`, as certificates do. Errors: those of x509/issue_revocation.h.
  static Result<StatusAnswers> make(std::span<const Pair> issuers, std::span<const IssuedEntry> issued,
                                    const Revocations& revocations, WallTime now);

  /// By the last part of its path: "root.crl", "intermediate.crl", "issuer.der", "root.der", and for each issuer
  /// "<key identifier>.crl" and ".der". Null: there is none.
  const Document* find(std::string_view name) const;
  /// The response to a request for one certificate, whose nonce is not sent back (RFC 5019, section 2.2.1); what was
  /// not issued here, or is more than one, is answered by `unauthorized`, and rubbish by `malformedRequest`.
  Bytes answer_ocsp(Bytes request) const;

  WallTime made_at() const { return made_at_; }
  std::size_t responses() const { return responses_.size(); }

 private:
  Result<void> add_list(const Pair& issuer, const Revocations& revocations, WallTime now);
  Result<void> add_response(const Pair& issuer, Bytes serial, const Revocations& revocations, WallTime now);
  void add_alias(const std::string& alias, const std::string& name);

  std::map<std::string, Document, std::less<>> documents_;
  std::map<std::vector<std::uint8_t>, std::vector<std::uint8_t>> responses_;  ///< by the DER of the CertID
  std::vector<std::uint8_t> unauthorized_, malformed_;
  WallTime made_at_{};
};

}  // namespace padlock::ca
