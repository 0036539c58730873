#include "padlock/tls/wire/extension.h"

#include <algorithm>
#include <array>
#include <string>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

namespace {

constexpr std::uint8_t CH = static_cast<std::uint8_t>(ExtensionPlace::client_hello);
constexpr std::uint8_t SH = static_cast<std::uint8_t>(ExtensionPlace::server_hello);
constexpr std::uint8_t HRR = static_cast<std::uint8_t>(ExtensionPlace::hello_retry_request);
constexpr std::uint8_t EE = static_cast<std::uint8_t>(ExtensionPlace::encrypted_extensions);
constexpr std::uint8_t CT = static_cast<std::uint8_t>(ExtensionPlace::certificate);
constexpr std::uint8_t CR = static_cast<std::uint8_t>(ExtensionPlace::certificate_request);
constexpr std::uint8_t NST = static_cast<std::uint8_t>(ExtensionPlace::new_session_ticket);
constexpr std::uint8_t SH12 = static_cast<std::uint8_t>(ExtensionPlace::server_hello_1_2);
constexpr std::uint8_t TLS_1_2 = CH | SH12;  // a client of both versions may offer it, nothing of TLS 1.3 answers it

struct Row {
  ExtensionType type;
  std::string_view name;
  std::uint8_t places;
};

/// The table of RFC 8446, section 4.2, and the answers of TLS 1.2.
constexpr std::array<Row, 30> table{{
    {ExtensionType::server_name, "server_name", CH | EE | SH12},
    {ExtensionType::max_fragment_length, "max_fragment_length", CH | EE | SH12},
    {ExtensionType::status_request, "status_request", CH | CR | CT | SH12},
    {ExtensionType::supported_groups, "supported_groups", CH | EE | SH12},  // TLS 1.2: old BIG-IP servers send it
    {ExtensionType::ec_point_formats, "ec_point_formats", TLS_1_2},
    {ExtensionType::signature_algorithms, "signature_algorithms", CH | CR},
    {ExtensionType::use_srtp, "use_srtp", CH | EE | SH12},
    {ExtensionType::heartbeat, "heartbeat", CH | EE | SH12},
    {ExtensionType::application_layer_protocol_negotiation, "application_layer_protocol_negotiation", CH | EE | SH12},
    {ExtensionType::signed_certificate_timestamp, "signed_certificate_timestamp", CH | CR | CT | SH12},
    {ExtensionType::client_certificate_type, "client_certificate_type", CH | EE | SH12},
    {ExtensionType::server_certificate_type, "server_certificate_type", CH | EE | SH12},
    {ExtensionType::padding, "padding", CH},
    {ExtensionType::encrypt_then_mac, "encrypt_then_mac", TLS_1_2},
    {ExtensionType::extended_master_secret, "extended_master_secret", TLS_1_2},
    {ExtensionType::compress_certificate, "compress_certificate", CH | CR},
    {ExtensionType::record_size_limit, "record_size_limit", CH | EE | SH12},
    {ExtensionType::session_ticket, "session_ticket", TLS_1_2},
    {ExtensionType::pre_shared_key, "pre_shared_key", CH | SH},
    {ExtensionType::early_data, "early_data", CH | EE | NST},
    {ExtensionType::supported_versions, "supported_versions", CH | SH | HRR},
    {ExtensionType::cookie, "cookie", CH | HRR},
    {ExtensionType::psk_key_exchange_modes, "psk_key_exchange_modes", CH},
    {ExtensionType::certificate_authorities, "certificate_authorities", CH | CR},
    {ExtensionType::oid_filters, "oid_filters", CR},
    {ExtensionType::post_handshake_auth, "post_handshake_auth", CH},
    {ExtensionType::signature_algorithms_cert, "signature_algorithms_cert", CH | CR},
    {ExtensionType::key_share, "key_share", CH | SH | HRR},
    {ExtensionType::quic_transport_parameters, "quic_transport_parameters", CH | EE},
    {ExtensionType::renegotiation_info, "renegotiation_info", TLS_1_2},
}};

const Row* find_row(ExtensionType type) {
  const auto row = std::ranges::find(table, type, &Row::type);
  return row == table.end() ? nullptr : &*row;
}

std::string describe(ExtensionType type) {
  return std::string(name_of(type)) + " (" + std::to_string(static_cast<unsigned>(type)) + ")";
}

}  // namespace

std::string_view name_of(ExtensionType type) {
  const Row* row = find_row(type);
  if (row != nullptr) return row->name;
  return is_grease(static_cast<std::uint16_t>(type)) ? "GREASE" : "unknown";
}

std::string_view name_of(ExtensionPlace place) {
  switch (place) {
    case ExtensionPlace::client_hello: return "ClientHello";
    case ExtensionPlace::server_hello: return "ServerHello";
    case ExtensionPlace::hello_retry_request: return "HelloRetryRequest";
    case ExtensionPlace::encrypted_extensions: return "EncryptedExtensions";
    case ExtensionPlace::certificate: return "Certificate";
    case ExtensionPlace::certificate_request: return "CertificateRequest";
    case ExtensionPlace::new_session_ticket: return "NewSessionTicket";
    case ExtensionPlace::server_hello_1_2: return "ServerHello";
  }
  return "unknown";
}

Result<void> check_extensions_belong(const ExtensionTypes& types, ExtensionPlace place) {
  for (const ExtensionType type : types) {
    const Row* row = find_row(type);
    if (row != nullptr && (row->places & static_cast<std::uint8_t>(place)) == 0) {
      return broken(rules::extension_in_wrong_message,
                    "extension " + describe(type) + " stands in " + std::string(name_of(place)));
    }
  }
  return {};
}

Result<void> check_extensions_were_offered(const ExtensionTypes& types, std::span<const ExtensionType> offered,
                                           ExtensionPlace place) {
  for (const ExtensionType type : types) {
    if (std::ranges::find(offered, type) == offered.end()) {
      return broken(rules::unsolicited_extension,
                    std::string(name_of(place)) + " answers extension " + describe(type) + ", which nobody offered");
    }
  }
  return {};
}

Result<void> remember_extension(ExtensionTypes& seen, ExtensionType type) {
  if (std::ranges::find(seen, type) != seen.end()) {
    return broken(rules::duplicate_extension, "extension " + describe(type) + " stands twice in one block");
  }
  if (seen.size() == limits::extensions) {
    return broken(rules::too_many_extensions, "more than " + std::to_string(limits::extensions) + " extensions");
  }
  seen.push_back(type);
  return {};
}

}  // namespace padlock::tls
