#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "padlock/base/result.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/schedule/key_schedule12.h"
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

/// What a client makes sessions from, once tickets come.
struct Resumable {
  crypto::HashSecret resumption_master_secret;
  std::string server_name;
  PeerVerified proof;
  std::chrono::nanoseconds authenticated;  ///< on the monotonic clock
};

/// What both ends keep once the handshake is complete: what the next keys and exported ones are made from.
struct Secrets13 {
  TrafficSecret read_secret;
  TrafficSecret write_secret;
  crypto::HashSecret exporter_master_secret;
  std::optional<Resumable> resumable;  ///< of a client that keeps sessions
};
struct Secrets12 {
  tls12::MasterSecret master_secret;
  Random client_random;
  Random server_random;
};
struct Connected {
  CipherSuite cipher_suite;
  std::variant<Secrets13, Secrets12> secrets;
};

/// Both ends have said how long the records may be that they get (RFC 8449, section 4): in TLS 1.3 the type counts too,
/// in TLS 1.2 the content alone. Gives ours as it is said in this version.
std::uint16_t set_record_sizes(std::uint16_t ours, std::uint16_t peers, Outbox& out);

/// The first row of keys. `early_secret`: of the pre-shared key; empty: there is none. `transcript_hash`:
/// ClientHello...ServerHello; `transcript` may have gone on already.
Negotiated derive_handshake_keys(CipherSuite suite, const Random& client_random, Transcript transcript,
                                 Bytes transcript_hash, const crypto::HashSecret& early_secret,
                                 const crypto::SharedSecret& shared_secret, const Outbox& out);

/// client_early_traffic_secret, under which a client's early data travels. `hello_hash`: of its ClientHello.
TrafficSecret derive_early_traffic_secret(CipherSuite suite, const Random& client_random,
                                          const crypto::HashSecret& early_secret, Bytes hello_hash, const Outbox& out);

/// The second row. `negotiated.transcript` is at the server's Finished.
ApplicationSecrets derive_application_keys(const Negotiated& negotiated, const Outbox& out);

/// Sends the Finished of `self` and adds it to the transcript.
void send_finished(Negotiated& negotiated, Sender self, Outbox& out);

/// Checks the peer's Finished in constant time and adds it to the transcript.
Result<void> check_finished(Negotiated& negotiated, Sender peer, const HandshakeMessage& message);

/// What the hellos of TLS 1.2 settle about its keys. Without the first one the session is never resumed
/// (docs/threats.md, T6).
struct KeyTerms {
  bool extended_master_secret = true;  ///< RFC 7627
  bool encrypt_then_mac = false;       ///< RFC 7366
};

/// What both ends of a TLS 1.2 connection have once there is a master secret.
struct Negotiated12 {
  CipherSuite cipher_suite;
  Random client_random;
  Random server_random;
  tls12::MasterSecret master_secret;
  Transcript transcript;  ///< of all messages so far
};

/// With the keys that come into use by each side's change_cipher_spec.
struct Keyed12 {
  Negotiated12 negotiated;
  tls12::KeyBlock keys;
};
/// The hellos' part of a TLS 1.2 connection. `transcript`: ClientHello...ClientKeyExchange, or ...ServerHello of a
/// session that is resumed.
struct Hellos12 {
  CipherSuite cipher_suite;
  Random client_random;
  Random server_random;
  Transcript transcript;
  KeyTerms terms;
};
/// `pre_master_secret`: of a finite field, see Provider::agree_in_finite_field.
Keyed12 derive_keys12(Hellos12 hellos, const crypto::SharedSecret& pre_master_secret, const Outbox& out);
/// The session's master secret with new randoms (RFC 5246, appendix F.1.4).
Keyed12 resume_keys12(Hellos12 hellos, Bytes master_secret, const Outbox& out);

/// Sends the Finished of `self` and adds it to the transcript.
void send_finished12(Negotiated12& negotiated, Sender self, Outbox& out);
/// Checks the peer's in constant time and adds it to the transcript.
Result<void> check_finished12(Negotiated12& negotiated, Sender peer, const HandshakeMessage& message);
/// The end of a TLS 1.2 handshake.
Connected connected12(Negotiated12 negotiated);

/// What a CertificateVerify signs (RFC 8446, section 4.4.3): 64 spaces, a text that names the signer, a zero, the
/// Transcript-Hash through Certificate.
std::vector<std::uint8_t> certificate_verify_content(Sender signer, Bytes transcript_hash);

/// Fails with `unexpected_message` unless the message is of the type that the state waits for.
Result<void> expect(const HandshakeMessage& message, HandshakeType type);
/// The same for a state that waits for several: `waits_for` names them.
std::unexpected<Error> unexpected(const HandshakeMessage& message, std::string_view waits_for);

}  // namespace padlock::tls
