#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/extension.h"
#include "padlock/tls/wire/key_share.h"

namespace padlock::tls {

/// What a TLS 1.2 server answers in its hello, where TLS 1.3 has EncryptedExtensions.
struct Tls12Answers {
  bool server_name = false;
  std::optional<List<std::string>> application_layer_protocol_negotiation{};  ///< one name (RFC 7301)
  bool status_request = false;                                                ///< CertificateStatus may follow
  std::vector<std::uint8_t> signed_certificate_timestamps{};                  ///< a list (RFC 6962); empty: none
  std::optional<std::uint16_t> record_size_limit{};                           ///< RFC 8449
  bool extended_master_secret = false;                                        ///< RFC 7627
  bool encrypt_then_mac = false;                                              ///< RFC 7366
  std::optional<List<std::uint8_t>> ec_point_formats{};                       ///< RFC 8422, section 5.2
  std::optional<List<std::uint8_t>> renegotiated_connection{};                ///< RFC 5746
  bool session_ticket = false;                                                ///< a ticket follows (RFC 5077)
  friend bool operator==(const Tls12Answers&, const Tls12Answers&) = default;
};

/// struct { ... } ServerHello;   (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3)
struct ServerHello {
  std::uint16_t legacy_version = 0x0303;
  Random random{};
  List<std::uint8_t> legacy_session_id_echo{};
  CipherSuite cipher_suite{};
  std::uint8_t legacy_compression_method = 0;
  std::optional<ProtocolVersion> supported_versions{};  ///< selected_version; nothing: a server older than TLS 1.3
  std::optional<KeyShareEntry> key_share{};             ///< server_share
  std::optional<std::uint16_t> pre_shared_key{};        ///< selected_identity
  std::optional<Tls12Answers> tls12{};                  ///< of a server that chose TLS 1.2
  ExtensionTypes extension_types{};                     ///< as they came; not written
  friend bool operator==(const ServerHello&, const ServerHello&) = default;
};

/// A ServerHello with a particular random, which asks for another ClientHello (RFC 8446, section 4.1.4).
struct HelloRetryRequest {
  std::uint16_t legacy_version = 0x0303;
  List<std::uint8_t> legacy_session_id_echo{};
  CipherSuite cipher_suite{};
  std::uint8_t legacy_compression_method = 0;
  std::optional<ProtocolVersion> supported_versions{};
  std::optional<List<std::uint8_t>> cookie{};
  std::optional<NamedGroup> key_share{};  ///< selected_group
  ExtensionTypes extension_types{};       ///< as they came; not written
  friend bool operator==(const HelloRetryRequest&, const HelloRetryRequest&) = default;
};

/// SHA-256 of "HelloRetryRequest": the random that tells the two apart (RFC 8446, section 4.1.3).
inline constexpr Random hello_retry_request_random = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                                      0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                                      0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/// `in`: the message's body.
Result<std::variant<ServerHello, HelloRetryRequest>> parse_server_hello(Reader in,
                                                                        Arena arena = std::pmr::get_default_resource());
void write_server_hello(Writer& out, const ServerHello& hello);
void write_hello_retry_request(Writer& out, const HelloRetryRequest& request);

/// The random's last eight bytes of a server that knows TLS 1.3 and chooses TLS 1.2 (RFC 8446, section 4.1.3).
void put_downgrade_sentinel(Random& random);
/// True if a server that knows TLS 1.3 says by the random's last eight bytes that it was made to choose an older
/// version (RFC 8446, section 4.1.3).
bool has_downgrade_sentinel(const Random& random);

}  // namespace padlock::tls
