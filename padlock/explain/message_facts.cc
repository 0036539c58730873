#include "padlock/explain/message_facts.h"
#include "padlock/crypto/finite_field.h"

#include <span>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "padlock/base/text.h"
#include "padlock/client/verdict.h"
#include "padlock/explain/limits.h"
#include "padlock/explain/wrap.h"
#include "padlock/tls/handshake/certificate_message.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/compressed_certificate.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/post_handshake.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/tls/wire/tls12.h"
#include "padlock/x509/certificate.h"

namespace padlock::explain {
namespace {

using Facts = std::vector<Fact>;

template <class Range, class Text>
std::string joined(const Range& values, Text&& text_of) {
  std::string all;
  for (const auto& value : values) {
    if (all.size() > limits::value_characters) return all + ", ...";
    all += (all.empty() ? "" : ", ") + std::string(text_of(value));
  }
  return all;
}

/// The registry's spelling; the number of what we do not know.
template <class CodePoint>
std::string name(CodePoint point) {
  const std::string_view known = tls::meaning_of(point);
  return known == "unknown" ? fmt::format("0x{:04x}", static_cast<unsigned>(point)) : std::string(known);
}

template <class CodePoint>
std::string names(const tls::List<CodePoint>& points) {
  return joined(points, [](CodePoint point) { return name(point); });
}

std::string share_text(const tls::KeyShareEntry& entry) {
  return fmt::format("{}, {}", name(entry.group), bytes_text(entry.key_exchange.size()));
}

Facts facts_of(const tls::ClientHello& hello) {
  Facts facts;
  if (hello.server_name) facts.push_back({"server_name", safe(*hello.server_name)});
  const auto legacy = static_cast<tls::ProtocolVersion>(hello.legacy_version);
  facts.push_back({"versions", hello.supported_versions ? names(*hello.supported_versions) : name(legacy)});
  facts.push_back({"cipher_suites", names(hello.cipher_suites)});
  if (hello.supported_groups) facts.push_back({"groups", names(*hello.supported_groups)});
  if (hello.key_share) facts.push_back({"key_share", joined(*hello.key_share, share_text)});
  if (hello.signature_algorithms) facts.push_back({"signatures", names(*hello.signature_algorithms)});
  if (hello.application_layer_protocol_negotiation) {
    facts.push_back({"alpn", joined(*hello.application_layer_protocol_negotiation, safe)});
  }
  if (hello.early_data) facts.push_back({"early_data", "follows at once, before the server has answered"});
  return facts;
}

Facts facts_of(const tls::ServerHello& hello) {
  Facts facts;
  const auto legacy = static_cast<tls::ProtocolVersion>(hello.legacy_version);
  facts.push_back({"version", name(hello.supported_versions.value_or(legacy))});
  facts.push_back({"cipher_suite", name(hello.cipher_suite)});
  if (hello.key_share) facts.push_back({"key_share", share_text(*hello.key_share)});
  if (!hello.tls12) return facts;
  if (hello.tls12->application_layer_protocol_negotiation) {
    facts.push_back({"alpn", joined(*hello.tls12->application_layer_protocol_negotiation, safe)});
  }
  if (hello.tls12->extended_master_secret) facts.push_back({"extended_master_secret", "agreed on"});
  if (hello.tls12->encrypt_then_mac) facts.push_back({"encrypt_then_mac", "agreed on"});
  return facts;
}

Facts facts_of(const tls::HelloRetryRequest& retry) {
  Facts facts;
  facts.push_back({"cipher_suite", name(retry.cipher_suite)});
  if (retry.key_share) facts.push_back({"wanted group", name(*retry.key_share)});
  if (retry.cookie) facts.push_back({"cookie", bytes_text(retry.cookie->size())});
  return facts;
}

Facts facts_of(const std::variant<tls::ServerHello, tls::HelloRetryRequest>& hello) {
  return std::visit([](const auto& one) { return facts_of(one); }, hello);
}

Facts facts_of(const tls::EncryptedExtensions& extensions) {
  Facts facts;
  if (extensions.server_name) facts.push_back({"server_name", "was used"});
  if (extensions.supported_groups) facts.push_back({"groups", names(*extensions.supported_groups)});
  if (extensions.application_layer_protocol_negotiation) {
    facts.push_back({"alpn", joined(*extensions.application_layer_protocol_negotiation, safe)});
  }
  if (extensions.early_data) facts.push_back({"early_data", "is read"});
  if (facts.empty()) facts.push_back({"extensions", "none"});
  return facts;
}

Facts facts_of(const tls::CertificateRequest& request) {
  if (!request.signature_algorithms) return {};
  return {{"signatures", names(*request.signature_algorithms)}};
}

void add_certificate(Facts& facts, Bytes der, std::size_t depth) {
  const std::string chain = fmt::format("chain {}", depth);
  const auto certificate = x509::parse_certificate(der);
  if (!certificate) {
    facts.push_back({chain, fmt::format("{}, refused: {}", bytes_text(der.size()), safe(certificate.error().what))});
    return;
  }
  const x509::Certificate& one = **certificate;
  facts.push_back({chain, one.subject.empty() ? "(no subject)" : safe(one.subject.text())});
  facts.push_back({chain + " issuer", safe(one.issuer.text())});
  facts.push_back(
      {chain + " valid", client::minute_text(one.not_before) + " to " + client::minute_text(one.not_after)});
  const auto dns = [](const x509::GeneralName& general) { return safe(as_text(general.value)); };
  std::vector<x509::GeneralName> hosts;
  for (const x509::GeneralName& general : one.subject_alternative_names) {
    if (general.form == x509::GeneralNameForm::dNSName) hosts.push_back(general);
  }
  if (depth == 0 && !hosts.empty()) facts.push_back({chain + " is for", joined(hosts, dns)});
}

constexpr std::string_view no_chain = "none: it has no certificate to show";

Facts facts_of(const tls::Certificate& message) {
  Facts facts;
  if (message.certificate_list.empty()) facts.push_back({"chain", std::string(no_chain)});
  for (std::size_t depth = 0; depth < message.certificate_list.size(); ++depth) {
    add_certificate(facts, message.certificate_list[depth].cert_data, depth);
  }
  return facts;
}

/// The certificates inside, by the handshake's own way to them.
Facts facts_of_compressed_certificate(const tls::HandshakeMessage& message) {
  const auto compressed = tls::parse_compressed_certificate(Reader(message.body, "CompressedCertificate"));
  if (!compressed) return {};
  Facts facts{{"compressed", fmt::format("by {}, {} bytes to {}", name(compressed->algorithm),
                                         grouped(compressed->uncompressed_length),
                                         grouped(compressed->compressed_certificate_message.size()))}};
  const auto certificate = tls::take_certificate(message, tls::default_certificate_compression());
  if (!certificate) {
    facts.push_back({"chain", "refused: " + safe(certificate.error().what)});
    return facts;
  }
  for (Fact& fact : facts_of(*certificate)) facts.push_back(std::move(fact));
  return facts;
}

Facts facts_of(const tls::CertificateVerify& verify) {
  return {{"signature_scheme", name(verify.algorithm)}, {"signature", bytes_text(verify.signature.size())}};
}

Facts facts_of(Bytes verify_data) { return {{"verify_data", bytes_text(verify_data.size())}}; }

Facts facts_of(const tls::NewSessionTicket& ticket) {
  Facts facts = {{"ticket", bytes_text(ticket.ticket.size())},
                 {"lifetime", fmt::format("{} seconds", grouped(ticket.ticket_lifetime))}};
  if (ticket.early_data) facts.push_back({"early_data", "up to " + bytes_text(*ticket.early_data)});
  return facts;
}

Facts facts_of(tls::KeyUpdateRequest request) {
  const bool both = request == tls::KeyUpdateRequest::update_requested;
  return {{"request_update", both ? "update_requested: the other side shall do so too" : "update_not_requested"}};
}

// ---- TLS 1.2

/// What lies in the open, whole: a point on a curve has 133 bytes at most.
std::string point_text(Bytes point) { return safe(fmt::format("{}, {}", bytes_text(point.size()), to_hex(point))); }

Facts facts_of_certificate12(Bytes body) {
  const auto chain = tls::tls12::parse_certificate(Reader(body, "Certificate"));
  if (!chain) return {};
  Facts facts;
  if (chain->empty()) facts.push_back({"chain", std::string(no_chain)});
  for (std::size_t depth = 0; depth < chain->size(); ++depth) add_certificate(facts, (*chain)[depth], depth);
  return facts;
}

Facts facts_of_certificate_status(Bytes body) {
  const auto response = tls::tls12::parse_certificate_status(Reader(body, "CertificateStatus"));
  return response ? Facts{{"response", bytes_text(response->size())}} : Facts();
}

Facts facts_of(const tls::tls12::ServerECDHParams& params) {
  return {{"group", name(params.group)}, {"public", point_text(params.point)}};
}
Facts facts_of(const tls::tls12::ServerDHParams& params) {
  const auto group = crypto::find_finite_field(params.dh_p, params.dh_g);
  return {{"group", group ? std::string(crypto::name_of(*group)) : "unknown"},
          {"dh_p", fmt::format("a prime of {} bits", grouped(8 * params.dh_p.size()))},
          {"dh_Ys", bytes_text(params.dh_Ys.size())}};
}

Facts facts_of(const tls::tls12::ServerKeyExchange& exchange) {
  Facts facts = std::visit([](const auto& params) { return facts_of(params); }, exchange.params);
  facts.push_back({"signature_scheme", name(exchange.algorithm)});
  facts.push_back({"signature", bytes_text(exchange.signature.size())});
  return facts;
}

Facts facts_of_client_key_exchange(Bytes body, tls::KeyExchange key_exchange) {
  const auto exchange_keys = tls::tls12::parse_client_key_exchange(Reader(body, "ClientKeyExchange"), key_exchange);
  if (!exchange_keys) return {};
  switch (key_exchange) {
    case tls::KeyExchange::dhe: return {{"dh_Yc", bytes_text(exchange_keys->size())}};
    case tls::KeyExchange::rsa:
      return {{"encrypted pre_master_secret", bytes_text(exchange_keys->size())},
              {"in it", "48 bytes: the client's version and 46 random ones"}};
    default: return {{"ecdh_Yc", point_text(*exchange_keys)}};
  }
}

Facts facts_of(const tls::tls12::CertificateRequest& request) {
  return {{"signatures", joined(request.signature_algorithms, name<tls::SignatureScheme>)}};
}

Facts facts_of(const tls::tls12::NewSessionTicket& ticket) {
  return {{"ticket", bytes_text(ticket.ticket.size())},
          {"lifetime", fmt::format("{} seconds", grouped(ticket.ticket_lifetime_hint))}};
}

template <class Parsed>
Facts facts_if(const Result<Parsed>& parsed) {
  return parsed ? facts_of(*parsed) : Facts();
}

Facts facts13_of(const tls::HandshakeMessage& message) {
  const Reader body(message.body, "message");
  switch (message.type) {
    case tls::HandshakeType::client_hello: return facts_if(tls::parse_client_hello(body));
    case tls::HandshakeType::server_hello: return facts_if(tls::parse_server_hello(body));
    case tls::HandshakeType::encrypted_extensions: return facts_if(tls::parse_encrypted_extensions(body));
    case tls::HandshakeType::certificate_request: return facts_if(tls::parse_certificate_request(body));
    case tls::HandshakeType::certificate: return facts_if(tls::parse_certificate(body));
    case tls::HandshakeType::compressed_certificate: return facts_of_compressed_certificate(message);
    case tls::HandshakeType::certificate_verify: return facts_if(tls::parse_certificate_verify(body));
    case tls::HandshakeType::finished: return facts_if(tls::parse_finished(body));
    case tls::HandshakeType::new_session_ticket: return facts_if(tls::parse_new_session_ticket(body));
    case tls::HandshakeType::key_update: return facts_if(tls::parse_key_update(body));
    default: return {};
  }
}

Facts facts12_of(const tls::HandshakeMessage& message, tls::KeyExchange key_exchange) {
  const Reader body(message.body, "message");
  switch (message.type) {
    case tls::HandshakeType::client_hello: return facts_if(tls::parse_client_hello(body));
    case tls::HandshakeType::server_hello: return facts_if(tls::parse_server_hello(body));
    case tls::HandshakeType::certificate: return facts_of_certificate12(message.body);
    case tls::HandshakeType::certificate_status: return facts_of_certificate_status(message.body);
    case tls::HandshakeType::server_key_exchange:
      return facts_if(tls::tls12::parse_server_key_exchange(body, key_exchange));
    case tls::HandshakeType::certificate_request: return facts_if(tls::tls12::parse_certificate_request(body));
    case tls::HandshakeType::client_key_exchange: return facts_of_client_key_exchange(message.body, key_exchange);
    case tls::HandshakeType::certificate_verify: return facts_if(tls::parse_certificate_verify(body));
    case tls::HandshakeType::finished: return facts_if(tls::parse_finished(body));
    case tls::HandshakeType::new_session_ticket: return facts_if(tls::tls12::parse_new_session_ticket(body));
    default: return {};
  }
}

}  // namespace

std::vector<Fact> facts_of(const trace::HandshakeMessage& message, const Settled& settled) {
  const auto handshake = tls::parse_handshake_message(message.bytes);
  if (!handshake) return {};
  return settled.is_tls12() ? facts12_of(*handshake, settled.key_exchange) : facts13_of(*handshake);
}

}  // namespace padlock::explain
