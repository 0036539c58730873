#pragma once

#include "padlock/base/result.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/schedule/transcript.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/handshake_message.h"

namespace padlock::tls {

/// What both ends have from ServerHello to Finished.
struct Negotiated {
  CipherSuite cipher_suite;
  Random client_random;
  Transcript transcript;  ///< of all messages so far
  HandshakeSecrets secrets;
};

/// What both ends keep once the handshake is complete.
struct Connected {
  CipherSuite cipher_suite;
  TrafficSecret read_secret;
  TrafficSecret write_secret;
  crypto::HashSecret exporter_master_secret;
};

/// The first row of keys. `transcript_hash`: ClientHello...ServerHello; `transcript` may have gone on already.
Negotiated derive_handshake_keys(CipherSuite suite, const Random& client_random, Transcript transcript,
                                 Bytes transcript_hash, const crypto::SharedSecret& shared_secret, const Outbox& out);

/// The second row. `negotiated.transcript` is at the server's Finished.
ApplicationSecrets derive_application_keys(const Negotiated& negotiated, const Outbox& out);

/// Sends the Finished of `self` and adds it to the transcript.
void send_finished(Negotiated& negotiated, Sender self, Outbox& out);

/// Checks the peer's Finished in constant time and adds it to the transcript.
Result<void> check_finished(Negotiated& negotiated, Sender peer, const HandshakeMessage& message);

/// What a CertificateVerify signs (RFC 8446, section 4.4.3): 64 spaces, a text that names the signer, a zero, the
/// Transcript-Hash through Certificate.
std::vector<std::uint8_t> certificate_verify_content(Sender signer, Bytes transcript_hash);

/// Fails with `unexpected_message` unless the message is of the type that the state waits for.
Result<void> expect(const HandshakeMessage& message, HandshakeType type);
/// The same for a state that waits for several: `waits_for` names them.
std::unexpected<Error> unexpected(const HandshakeMessage& message, std::string_view waits_for);

}  // namespace padlock::tls
