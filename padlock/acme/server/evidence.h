#pragma once

#include <span>
#include <string>
#include <string_view>

#include "padlock/acme/challenge.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"

// Whether what was seen under a name proves that its holder has the account's key (RFC 8555, section 8; RFC 8737,
// section 3). Error of each: `server_rules::incorrect_response`, with what was seen, cut.

namespace padlock::acme {

/// http-01: the body of a response with status 200; white space at its end is fine (RFC 8555, section 8.3).
Result<void> check_http_01(const ChallengeAnswer& wanted, std::string_view body);

/// dns-01: the texts of all TXT records there, each with its strings put together; one of them is enough.
Result<void> check_dns_01(const ChallengeAnswer& wanted, std::span<const std::string> texts);

/// dns-persist-01: the same texts at the name of persistent records; one that names this CA and the account is enough
/// (draft-ietf-acme-dns-persist-01, section 4). Errors: `server_rules::unauthorized_record`, `malformed_record`.
Result<void> check_dns_persist_01(const ChallengeAnswer& wanted, std::span<const std::string> texts, WallTime now);

/// tls-alpn-01: the certificate that was shown under the name, DER: it is for this identifier alone and
/// has the digest of the key authorization in a critical acmeIdentifier.
Result<void> check_tls_alpn_01(const ChallengeAnswer& wanted, Bytes certificate);

}  // namespace padlock::acme
