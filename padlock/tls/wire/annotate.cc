#include <span>

#include "padlock/tls/observer.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/compressed_certificate.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/post_handshake.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/tls/wire/tls12.h"

namespace padlock::tls {

namespace {

/// Keeps the error of a parse and drops its value: the sink has already heard all of it.
template <class Message>
Result<void> only_error(Result<Message> parsed) {
  if (!parsed) return std::unexpected(std::move(parsed).error());
  return {};
}

Result<void> annotate13(HandshakeType type, Reader body) {
  switch (type) {
    case HandshakeType::client_hello: return only_error(parse_client_hello(body));
    case HandshakeType::server_hello: return only_error(parse_server_hello(body));
    case HandshakeType::encrypted_extensions: return only_error(parse_encrypted_extensions(body));
    case HandshakeType::certificate_request: return only_error(parse_certificate_request(body));
    case HandshakeType::certificate: return only_error(parse_certificate(body));
    case HandshakeType::compressed_certificate: return only_error(parse_compressed_certificate(body));
    case HandshakeType::certificate_verify: return only_error(parse_certificate_verify(body));
    case HandshakeType::finished: return only_error(parse_finished(body));
    case HandshakeType::new_session_ticket: return only_error(parse_new_session_ticket(body));
    case HandshakeType::key_update: return only_error(parse_key_update(body));
    case HandshakeType::end_of_early_data: return body.finish();
    default: return only_error(body.bytes("body", body.remaining()));  // of TLS 1.2, or of nobody
  }
}

Result<void> annotate12(HandshakeType type, Reader body, KeyExchange key_exchange) {
  switch (type) {
    case HandshakeType::client_hello: return only_error(parse_client_hello(body));
    case HandshakeType::server_hello: return only_error(parse_server_hello(body));
    case HandshakeType::certificate: return only_error(tls12::parse_certificate(body));
    case HandshakeType::certificate_status: return only_error(tls12::parse_certificate_status(body));
    case HandshakeType::server_key_exchange: return only_error(tls12::parse_server_key_exchange(body, key_exchange));
    case HandshakeType::certificate_request: return only_error(tls12::parse_certificate_request(body));
    case HandshakeType::client_key_exchange: return only_error(tls12::parse_client_key_exchange(body, key_exchange));
    case HandshakeType::new_session_ticket: return only_error(tls12::parse_new_session_ticket(body));
    case HandshakeType::certificate_verify: return only_error(parse_certificate_verify(body));
    case HandshakeType::finished: return only_error(parse_finished(body));
    case HandshakeType::hello_request:
    case HandshakeType::server_hello_done: return tls12::parse_empty(body);
    default: return only_error(body.bytes("body", body.remaining()));  // of TLS 1.3, or of nobody
  }
}

}  // namespace

Result<void> annotate(Bytes message, ProtocolVersion version, AnnotationSink& sink, KeyExchange key_exchange) {
  const HandshakeMessage handshake = PADLOCK_TRY(parse_handshake_message(message, &sink));
  const Reader body(handshake.body, name_of(handshake.type), &sink, handshake_header_length);
  return version == ProtocolVersion::TLS_1_2 ? annotate12(handshake.type, body, key_exchange)
                                             : annotate13(handshake.type, body);
}

}  // namespace padlock::tls
