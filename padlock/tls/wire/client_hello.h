#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/extension.h"
#include "padlock/tls/wire/key_share.h"
#include "padlock/tls/wire/pre_shared_key.h"

namespace padlock::tls {

using Random = std::array<std::uint8_t, 32>;

/// Two extensions that mean nothing, around the others (RFC 8701, section 3.1): the first is empty, the last has a
/// byte.
struct GreaseExtensions {
  ExtensionType first;
  ExtensionType last;
  friend bool operator==(const GreaseExtensions&, const GreaseExtensions&) = default;
};

/// struct { ... } ClientHello;   (RFC 8446, section 4.1.2)
struct ClientHello {
  ClientHello() = default;
  /// Its lists are made in `arena`; a copy's are not.
  explicit ClientHello(Arena arena)
      : legacy_session_id(arena),
        cipher_suites(arena),
        legacy_compression_methods(std::size_t{1}, std::uint8_t{0}, arena),
        extension_types(arena) {}

  std::uint16_t legacy_version = 0x0303;
  Random random{};
  List<std::uint8_t> legacy_session_id{};
  List<CipherSuite> cipher_suites{};
  List<std::uint8_t> legacy_compression_methods = {0};

  // The extensions that the handshake reads; nothing: not sent.
  std::optional<std::string> server_name{};                                   ///< lower case
  std::optional<List<ProtocolVersion>> supported_versions{};                  ///< section 4.2.1
  std::optional<List<std::uint8_t>> cookie{};                                 ///< section 4.2.2
  std::optional<List<SignatureScheme>> signature_algorithms{};                ///< section 4.2.3
  std::optional<List<SignatureScheme>> signature_algorithms_cert{};           ///< section 4.2.3
  std::optional<List<NamedGroup>> supported_groups{};                         ///< section 4.2.7
  std::optional<List<KeyShareEntry>> key_share{};                             ///< section 4.2.8
  std::optional<List<std::string>> application_layer_protocol_negotiation{};  ///< RFC 7301
  bool status_request = false;                                                ///< for OCSP (RFC 6066)
  bool signed_certificate_timestamp = false;                                  ///< RFC 6962, section 3.3
  /// RFC 8879, section 3
  std::optional<List<CertificateCompressionAlgorithm>> compress_certificate{};
  std::optional<std::uint16_t> record_size_limit{};             ///< RFC 8449
  bool extended_master_secret = false;                          ///< RFC 7627
  bool encrypt_then_mac = false;                                ///< RFC 7366
  std::optional<List<std::uint8_t>> ec_point_formats{};         ///< RFC 8422, section 5.1.2
  std::optional<List<std::uint8_t>> renegotiated_connection{};  ///< renegotiation_info (RFC 5746)
  std::optional<List<std::uint8_t>> session_ticket{};           ///< empty: wants one (RFC 5077)
  std::optional<List<std::uint8_t>> psk_key_exchange_modes{};   ///< section 4.2.9
  /// RFC 9001, section 8.2
  std::optional<List<std::uint8_t>> quic_transport_parameters{};
  bool early_data = false;                      ///< section 4.2.10
  std::optional<GreaseExtensions> grease{};     ///< written, never read
  std::optional<OfferedPsks> pre_shared_key{};  ///< section 4.2.11

  /// All types as they came, also those that nobody reads. `write_client_hello` does not look at it.
  ExtensionTypes extension_types{};

  bool has(ExtensionType type) const;
  friend bool operator==(const ClientHello&, const ClientHello&) = default;
};

/// `in`: the message's body. A hello without an extension block is read too: it is older than TLS 1.3 and deserves to
/// be told so.
Result<ClientHello> parse_client_hello(Reader in, Arena arena = std::pmr::get_default_resource());
/// Writes the body: the extensions that have a value, in the order of the struct.
void write_client_hello(Writer& out, const ClientHello& hello);

}  // namespace padlock::tls
