#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/x509/certificate.h"

namespace padlock::x509 {

namespace rules {
inline constexpr Rule malformed_timestamp_list{
    .code = "x509.certificate.timestamp_list",
    .source = {6962, "3.3"},
    .alert = AlertDescription::bad_certificate,
    .hint = "the certificate's list of signed certificate timestamps is damaged; its CA should issue another one"};
}  // namespace rules

/// SHA-256 of a log's key (RFC 6962, section 3.2).
using LogId = std::array<std::uint8_t, 32>;

/// What a log said of a certificate (RFC 6962, section 3.2), without the log's signature: the log is nobody whom we
/// trust, and an embedded timestamp is covered by the certificate's own signature.
struct SignedCertificateTimestamp {
  LogId id{};
  std::uint64_t timestamp = 0;  ///< milliseconds since 1970
};

/// Those embedded in a certificate (section 3.3), in their order; none: it has no such extension. One of a version
/// other than v1 is left out. Error: `malformed_timestamp_list`, also for more than
/// `max_signed_certificate_timestamps`.
Result<std::vector<SignedCertificateTimestamp>> embedded_timestamps(const Certificate& certificate);

}  // namespace padlock::x509
