#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace padlock {

/// A TLS alert's description, by the registry's spelling and number (RFC 8446, section 6; RFC 5246, section 7.2).
enum class AlertDescription : std::uint8_t {
  close_notify = 0,
  unexpected_message = 10,
  bad_record_mac = 20,
  record_overflow = 22,
  handshake_failure = 40,
  bad_certificate = 42,
  unsupported_certificate = 43,
  certificate_revoked = 44,
  certificate_expired = 45,
  certificate_unknown = 46,
  illegal_parameter = 47,
  unknown_ca = 48,
  access_denied = 49,
  decode_error = 50,
  decrypt_error = 51,
  protocol_version = 70,
  insufficient_security = 71,
  internal_error = 80,
  inappropriate_fallback = 86,
  user_canceled = 90,
  no_renegotiation = 100,
  missing_extension = 109,
  unsupported_extension = 110,
  unrecognized_name = 112,
  bad_certificate_status_response = 113,
  unknown_psk_identity = 115,
  certificate_required = 116,
  no_application_protocol = 120,
};

/// The registry's spelling of an alert, or "unknown_alert".
std::string_view name_of(AlertDescription alert);

/// Where a rule stands: RFC number and section, for example {8446, "4.1.3"}. RFC 0: our own rule, named in
/// docs/threats.md, or a document of C2SP: {0, "C2SP upki-revocation, section Header"}.
struct Source {
  std::uint16_t rfc;
  std::string_view section;
};

/// "RFC 8446, section 4.1.3".
std::string to_string(Source source);

/// One way in which a peer, a file or a user can break the protocol: a named record, so that code, section, alert and
/// hint cannot drift apart. Rules are `inline constexpr` objects and are compared by address.
struct Rule {
  std::string_view code;                                      ///< "tls.server_hello.cipher_suite_not_offered"
  Source source;                                              ///< where it is written
  AlertDescription alert = AlertDescription::internal_error;  ///< what a TLS peer is told
  std::uint16_t status = 0;                                   ///< what an HTTP client is told; 0: not HTTP
  std::uint8_t http2_error = 0;                               ///< what an HTTP/2 peer is told (RFC 9113, section 7)
  std::string_view hint = {};                                 ///< what the reader of the error can do next
};

}  // namespace padlock
