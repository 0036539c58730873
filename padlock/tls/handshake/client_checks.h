#pragma once

#include <memory>
#include <span>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/handshake/client_states.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls::client12 {

/// RFC 5246, section 7.4.1.3; RFC 7627, 5746, 8422, 7301, 8449. `hello.tls12` is there.
/// `policy`: whether there may be keys without RFC 7627. `resumed`: it names the session that was offered.
Result<void> check_server_hello(const ServerHello& hello, const ClientHello& offered, Policy policy, bool resumed);
/// RFC 5246, section 7.4.1.3: a session goes on with its suite.
Result<void> check_resumption(const ServerHello& hello, const ClientSession& session);

/// RFC 5246, section 7.4.2: the key is of the kind that the suite names.
Result<void> check_key(const crypto::PublicKey& key, CipherSuite suite);

/// A server's half of the key exchange.
struct ServersShare {
  NamedGroup group;
  std::vector<std::uint8_t> share;
};
/// RFC 8422, section 5.4: curve and scheme were offered and fit. RFC 5246, section 7.4.3: a finite field that we know.
/// Takes `exchange.params` away.
Result<ServersShare> check_server_key_exchange(tls12::ServerKeyExchange& exchange, std::span<const NamedGroup> groups,
                                               std::span<const SignatureScheme> schemes, const crypto::PublicKey& key);

}  // namespace padlock::tls::client12

/// What a client asks of the server's messages, as pure functions: each compares a message with what was offered.
namespace padlock::tls::client13 {

/// RFC 8446, section 4.1.3. Afterwards `key_share` and `supported_versions` are there.
Result<void> check_server_hello(const ServerHello& hello, const ClientHello& offered);

/// RFC 8446, section 4.2.11, of a server that has chosen one of the offer's pre-shared keys.
Result<void> check_chosen_psk(const ServerHello& hello, const client::Offer& offer);

/// RFC 8446, section 4.1.4: it must ask for something new that this client can do.
Result<void> check_hello_retry_request(const HelloRetryRequest& retry, const ClientHello& offered);

/// RFC 8446, section 4.3.1; RFC 7301, section 3.1. Afterwards ALPN, if it is there, holds one name.
Result<void> check_encrypted_extensions(const EncryptedExtensions& extensions, const ClientHello& offered);

/// RFC 8446, section 4.2.10, of a server that takes early data. `suite`: that it has chosen; `session`: that it goes on
/// from; null: none.
Result<void> check_early_data(const EncryptedExtensions& extensions, CipherSuite suite, const ClientSession* session);

/// RFC 8446, section 4.3.2.
Result<void> check_certificate_request(const CertificateRequest& request);

/// RFC 8446, section 4.4.2. `offered`: extensions that may stand beside a certificate. Afterwards there is a leaf.
Result<void> check_certificate(const Certificate& certificate, const ExtensionTypes& offered);

}  // namespace padlock::tls::client13
