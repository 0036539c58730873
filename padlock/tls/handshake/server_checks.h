#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "padlock/base/result.h"
#include "padlock/tls/config.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/wire/client_hello.h"

namespace padlock::tls {

/// Fails with `configuration_unusable` if our caller's answer holds no certificate or no key.
Result<void> check_credential(const Credential* credential);

/// Room for all of a server's flight but its share: hellos, certificates and what stands beside them, the signature of
/// the largest RSA key, Finished.
std::size_t expected_flight_size(const Credential& credential);

/// RFC 8449, section 4: each side says how long the records may be that it gets. Sets both limits and gives ours, if
/// the client has one.
Result<std::optional<std::uint16_t>> agree_on_record_size(const ClientHello& hello, std::uint16_t ours, Outbox& out);

}  // namespace padlock::tls

/// What a server asks of a ClientHello, as pure functions.
namespace padlock::tls::server13 {

/// An extension that this ClientHello must have (RFC 8446, section 9.2).
std::unexpected<Error> missing(ExtensionType type);

/// RFC 8446, sections 4.1.2 and 9.2, of a hello that offers TLS 1.3. Afterwards supported_groups and key_share are
/// there, and signature_algorithms too unless there is a PSK.
Result<void> check_client_hello(const ClientHello& hello);

/// RFC 9001, sections 8.2 and 8.4: QUIC's transport parameters are there if and only if QUIC is.
Result<void> check_transport(const ClientHello& hello, const Outbox& out);

/// RFC 8446, section 4.1.2: the second hello is the first one with the one share that was asked for.
Result<void> check_second_client_hello(const ClientHello& second, const ClientHello& first, NamedGroup asked_for);

}  // namespace padlock::tls::server13
