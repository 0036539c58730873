#include "padlock/tls/wire/tls12.h"

#include <string>

#include "padlock/crypto/finite_field.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/certificate_status.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls::tls12 {

namespace {
constexpr std::uint8_t named_curve = 3;  // ECCurveType, RFC 8422, section 5.4
}

Result<std::vector<std::vector<std::uint8_t>>> parse_certificate(Reader in) {
  std::vector<std::vector<std::uint8_t>> chain;
  Reader certificate_list = PADLOCK_TRY(in.vec24("certificate_list"));
  while (!certificate_list.empty()) {
    if (chain.size() == limits::certificates) {
      return broken(rules::too_many_certificates,
                    "the chain has more than " + std::to_string(limits::certificates) + " certificates");
    }
    chain.push_back(PADLOCK_TRY(copy_of(certificate_list.vec24("cert_data", 1))));
  }
  PADLOCK_TRY(in.finish());
  return chain;
}

void write_certificate(Writer& out, std::span<const std::vector<std::uint8_t>> chain) {
  out.vec24([&](Writer& list) {
    for (const auto& certificate : chain) list.vec24([&](Writer& body) { body.bytes(certificate); });
  });
}

Result<std::vector<std::uint8_t>> parse_certificate_status(Reader in) {
  auto response = PADLOCK_TRY(tls::parse_certificate_status(in));
  PADLOCK_TRY(in.finish());
  return response;
}

void write_certificate_status(Writer& out, Bytes ocsp_response) { tls::write_certificate_status(out, ocsp_response); }

namespace {

Result<ServerECDHParams> parse_server_ecdh_params(Reader& in) {
  const std::uint8_t curve_type = PADLOCK_TRY(in.u8("curve_type"));
  if (curve_type != named_curve) {
    return broken(rules::curve_not_named, "curve_type is " + std::to_string(curve_type));
  }
  in.meaning("named_curve");
  const auto group = PADLOCK_TRY(parse_code_point<NamedGroup>(in, "namedcurve"));
  return ServerECDHParams{group, PADLOCK_TRY(copy_of(in.vec8("public", 1)))};
}

}  // namespace

void write_server_ecdh_params(Writer& out, NamedGroup group, Bytes point) {
  out.u8(named_curve);
  out.u16(static_cast<std::uint16_t>(group));
  out.vec8([&](Writer& body) { body.bytes(point); });
}

void write_server_dh_params(Writer& out, NamedGroup group, Bytes dh_Ys) {
  out.vec16([&](Writer& dh_p) { dh_p.bytes(crypto::prime_of(group)); });
  out.vec16([&](Writer& dh_g) { dh_g.u8(crypto::finite_field_generator); });
  out.vec16([&](Writer& body) { body.bytes(dh_Ys); });
}

namespace {

Result<ServerDHParams> parse_server_dh_params(Reader& in) {
  ServerDHParams params;
  params.dh_p = PADLOCK_TRY(copy_of(in.vec16("dh_p", 1)));
  params.dh_g = PADLOCK_TRY(copy_of(in.vec16("dh_g", 1)));
  params.dh_Ys = PADLOCK_TRY(copy_of(in.vec16("dh_Ys", 1)));
  return params;
}

}  // namespace

Result<ServerKeyExchange> parse_server_key_exchange(Reader in, KeyExchange key_exchange) {
  ServerKeyExchange message;
  const Bytes all = in.peek();
  if (key_exchange == KeyExchange::dhe) {
    message.params = PADLOCK_TRY(parse_server_dh_params(in));
  } else {
    message.params = PADLOCK_TRY(parse_server_ecdh_params(in));
  }
  message.signed_params = copy_of(all.first(all.size() - in.remaining()));
  message.algorithm = PADLOCK_TRY(parse_code_point<SignatureScheme>(in, "algorithm"));
  message.signature = PADLOCK_TRY(copy_of(in.vec16("signature")));
  PADLOCK_TRY(in.finish());
  return message;
}

void write_server_key_exchange(Writer& out, Bytes params, SignatureScheme algorithm, Bytes signature) {
  out.bytes(params);
  out.u16(static_cast<std::uint16_t>(algorithm));
  out.vec16([&](Writer& body) { body.bytes(signature); });
}

std::vector<std::uint8_t> signed_content(const Random& client_random, const Random& server_random, Bytes params) {
  std::vector<std::uint8_t> content;
  content.reserve(client_random.size() + server_random.size() + params.size());
  Writer out(content);
  out.bytes(client_random);
  out.bytes(server_random);
  out.bytes(params);
  return content;
}

namespace {

Result<std::vector<std::uint8_t>> parse_exchange_keys(Reader& in, KeyExchange key_exchange) {
  switch (key_exchange) {
    case KeyExchange::dhe: return copy_of(in.vec16("dh_Yc", 1));
    case KeyExchange::rsa: return copy_of(in.vec16("EncryptedPreMasterSecret"));
    default: return copy_of(in.vec8("ecdh_Yc", 1));
  }
}

}  // namespace

Result<std::vector<std::uint8_t>> parse_client_key_exchange(Reader in, KeyExchange key_exchange) {
  auto exchange_keys = PADLOCK_TRY(parse_exchange_keys(in, key_exchange));
  PADLOCK_TRY(in.finish());
  return exchange_keys;
}

void write_client_key_exchange(Writer& out, KeyExchange key_exchange, Bytes exchange_keys) {
  const auto write = [&](Writer& body) { body.bytes(exchange_keys); };
  if (key_exchange == KeyExchange::ecdhe) {
    out.vec8(write);
  } else {
    out.vec16(write);
  }
}

Result<CertificateRequest> parse_certificate_request(Reader in) {
  CertificateRequest request;
  request.certificate_types = PADLOCK_TRY(copy_of(in.vec8("certificate_types", 1)));
  const auto schemes = PADLOCK_TRY(
      parse_code_points<SignatureScheme>(in.vec16("supported_signature_algorithms", 2, 0xfffe), "signature_scheme"));
  request.signature_algorithms.assign(schemes.begin(), schemes.end());
  request.certificate_authorities = PADLOCK_TRY(parse_certificate_authorities(in, 0));
  PADLOCK_TRY(in.finish());
  return request;
}

void write_certificate_request(Writer& out, const CertificateRequest& request) {
  out.vec8([&](Writer& types) { types.bytes(request.certificate_types); });
  out.vec16([&](Writer& schemes) { write_code_points<SignatureScheme>(schemes, request.signature_algorithms); });
  write_certificate_authorities(out, request.certificate_authorities);
}

Result<NewSessionTicket> parse_new_session_ticket(Reader in) {
  NewSessionTicket message;
  message.ticket_lifetime_hint = PADLOCK_TRY(in.u32("ticket_lifetime_hint"));
  message.ticket = PADLOCK_TRY(copy_of(in.vec16("ticket"), std::pmr::get_default_resource()));
  PADLOCK_TRY(in.finish());
  return message;
}

void write_new_session_ticket(Writer& out, const NewSessionTicket& message) {
  out.u32(message.ticket_lifetime_hint);
  out.vec16([&](Writer& ticket) { ticket.bytes(message.ticket); });
}

Result<void> parse_empty(Reader in) { return in.finish(); }

}  // namespace padlock::tls::tls12
