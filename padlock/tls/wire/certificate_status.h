#pragma once

#include <cstdint>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"

namespace padlock::tls {

/// A client's wish for a stapled OCSP response, with no responders and no extensions named:
/// struct { CertificateStatusType status_type; ResponderID responder_id_list<0..2^16-1>; Extensions
/// request_extensions<0..2^16-1>; } CertificateStatusRequest;   (RFC 6066, section 8)
/// True if an OCSP response is wanted; another type's request is read past.
Result<bool> parse_certificate_status_request(Reader& in);
void write_certificate_status_request(Writer& out);

/// struct { CertificateStatusType status_type; opaque response<1..2^24-1>; } CertificateStatus;
/// (RFC 8446, section 4.4.2.1) Gives the OCSP response (RFC 6960), DER. Error: `status_type_unknown`.
Result<std::vector<std::uint8_t>> parse_certificate_status(Reader& in);
void write_certificate_status(Writer& out, Bytes ocsp_response);

/// opaque SerializedSCT<1..2^16-1>;
/// struct { SerializedSCT sct_list<1..2^16-1>; } SignedCertificateTimestampList;   (RFC 6962, section 3.3)
/// Gives the list as it came; what its members hold is not looked into.
Result<std::vector<std::uint8_t>> parse_signed_certificate_timestamps(Reader& in);

}  // namespace padlock::tls
