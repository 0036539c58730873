#pragma once

#include "padlock/base/result.h"
#include "padlock/tls/wire/client_hello.h"

/// What a server asks of a ClientHello, as pure functions.
namespace padlock::tls::server13 {

/// RFC 8446, sections 4.1.2 and 9.2, of a hello that offers TLS 1.3. Afterwards signature_algorithms, supported_groups
/// and key_share are there.
Result<void> check_client_hello(const ClientHello& hello);

/// RFC 8446, section 4.1.2: the second hello is the first one with the one share that was asked for.
Result<void> check_second_client_hello(const ClientHello& second, const ClientHello& first, NamedGroup asked_for);

}  // namespace padlock::tls::server13
