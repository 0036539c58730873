#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/certificate_authorities.h"
#include "padlock/tls/wire/client_hello.h"

/// The messages that TLS 1.2 has in another form than TLS 1.3, or alone (RFC 5246, section 7.4; RFC 8422, section 5).
namespace padlock::tls::tls12 {

/// struct { ASN.1Cert certificate_list<0..2^24-1>; } Certificate;   (RFC 5246, section 7.4.2), leaf first.
Result<std::vector<std::vector<std::uint8_t>>> parse_certificate(Reader in);
void write_certificate(Writer& out, std::span<const std::vector<std::uint8_t>> chain);

/// struct { CertificateStatusType status_type; OCSPResponse response; } CertificateStatus;   (RFC 6066, section 8)
Result<std::vector<std::uint8_t>> parse_certificate_status(Reader in);
void write_certificate_status(Writer& out, Bytes ocsp_response);

/// struct { ECParameters curve_params; ECPoint public; } ServerECDHParams;   (RFC 8422, section 5.4)
struct ServerECDHParams {
  NamedGroup group{};
  std::vector<std::uint8_t> point{};
};
void write_server_ecdh_params(Writer& out, NamedGroup group, Bytes point);

/// struct { opaque dh_p<1..2^16-1>; opaque dh_g<1..2^16-1>; opaque dh_Ys<1..2^16-1>; } ServerDHParams;   (RFC 5246,
/// section 7.4.3)
struct ServerDHParams {
  std::vector<std::uint8_t> dh_p{};
  std::vector<std::uint8_t> dh_g{};
  std::vector<std::uint8_t> dh_Ys{};
};
/// `group`: one of crypto::finite_field_groups().
void write_server_dh_params(Writer& out, NamedGroup group, Bytes dh_Ys);

/// ServerECDHParams or ServerDHParams, and a signature over both randoms and them.
struct ServerKeyExchange {
  std::variant<ServerECDHParams, ServerDHParams> params{};
  std::vector<std::uint8_t> signed_params{};  ///< the params as they came: what the signature covers
  SignatureScheme algorithm{};
  std::vector<std::uint8_t> signature{};
};
/// `key_exchange`: ecdhe or dhe; the message does not say which.
Result<ServerKeyExchange> parse_server_key_exchange(Reader in, KeyExchange key_exchange = KeyExchange::ecdhe);
/// `params`: as write_server_ecdh_params or write_server_dh_params wrote them.
void write_server_key_exchange(Writer& out, Bytes params, SignatureScheme algorithm, Bytes signature);

/// What the signature covers: ClientHello.random, ServerHello.random, the params (RFC 8422, section 5.4).
std::vector<std::uint8_t> signed_content(const Random& client_random, const Random& server_random, Bytes params);

/// struct { select (KeyExchangeAlgorithm) ... } ClientKeyExchange;   what it carries: the client's point (RFC 8422,
/// section 5.7), its dh_Yc (RFC 5246, section 7.4.7.2), or the pre-master secret, encrypted (section 7.4.7.1).
Result<std::vector<std::uint8_t>> parse_client_key_exchange(Reader in, KeyExchange key_exchange = KeyExchange::ecdhe);
void write_client_key_exchange(Writer& out, KeyExchange key_exchange, Bytes exchange_keys);

/// struct { ClientCertificateType certificate_types<1..2^8-1>; SignatureAndHashAlgorithm
/// supported_signature_algorithms<2..2^16-2>; DistinguishedName certificate_authorities<0..2^16-1>; }
/// CertificateRequest;   (RFC 5246, section 7.4.4)
struct CertificateRequest {
  std::vector<std::uint8_t> certificate_types = {64, 1};  ///< ecdsa_sign (RFC 8422, section 5.5), rsa_sign
  std::vector<SignatureScheme> signature_algorithms{};
  DistinguishedNames certificate_authorities{};
};
Result<CertificateRequest> parse_certificate_request(Reader in);
void write_certificate_request(Writer& out, const CertificateRequest& request);

/// struct { uint32 ticket_lifetime_hint; opaque ticket<0..2^16-1>; } NewSessionTicket;   (RFC 5077, section 3.3)
struct NewSessionTicket {
  std::uint32_t ticket_lifetime_hint = 0;  ///< seconds; 0: the server does not say
  List<std::uint8_t> ticket{};             ///< empty: there is none after all
};
Result<NewSessionTicket> parse_new_session_ticket(Reader in);
void write_new_session_ticket(Writer& out, const NewSessionTicket& message);

/// ServerHelloDone and HelloRequest are empty.
Result<void> parse_empty(Reader in);

}  // namespace padlock::tls::tls12
